# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 62 s
# failure: 0 s .. 62 s
# exhausted: handled
# world: now good=1
set -e
for i in $(seq 20); do
  nc -z -w 1 db 5432 && break
  sleep 2
done
nc -z -w 2 db 5432
