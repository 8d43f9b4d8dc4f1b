# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 24 s
# failure: none
# exhausted: falls-through
for host in a b; do
  for i in 1 2 3; do
    nc -z -w 2 $host 80 && break 2
    sleep 2
  done
done
echo done
