# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 99 s
# failure: 63 s .. 108 s
# exhausted: fails
# steps: 15 × (3 s pg_isready + 3 s sleep) + 3 × 6 s sleep = 108 s
for round in 1 2 3; do
  for try in 1 2 3 4 5; do
    if pg_isready; then exit 0; fi
    sleep 3
  done
  sleep 6
done
exit 1
