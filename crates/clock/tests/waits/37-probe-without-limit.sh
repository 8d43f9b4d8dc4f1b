# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. unbounded
# failure: 50 s .. unbounded
# exhausted: fails
for i in $(seq 10); do
  curl -sf http://app/ready && exit 0
  sleep 5
done
exit 1
