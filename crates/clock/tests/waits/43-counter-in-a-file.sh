# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. unknown
# failure: none
# exhausted: unknown
# unmeasured: what a file holds is not followed
echo 0 > /tmp/tries
while [ "$(cat /tmp/tries)" -lt 5 ]; do
  pg_isready && break
  n=$(cat /tmp/tries)
  echo $((n + 1)) > /tmp/tries
  sleep 2
done
