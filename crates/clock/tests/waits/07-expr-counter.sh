# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 21 s
# failure: 12 s .. 24 s
# exhausted: fails
n=0
while test $n -lt 4
do
  if pg_isready -q; then exit 0; fi
  n=`expr $n + 1`
  sleep 3
done
exit 1
