# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 57 s
# failure: 45 s .. 60 s
# exhausted: fails
i=0
while [ $i -lt 15 ]; do
  nc -z -w 1 db 5432 && break
  sleep 3
  i=$((i + 1))
done
[ $i -eq 15 ] && exit 1
echo connected
