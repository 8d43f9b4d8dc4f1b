# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. unbounded
# failure: none
# exhausted: never
while [ "$(kubectl get pod db-0 -o jsonpath='{.status.phase}')" != Running ]; do
  sleep 3
done
