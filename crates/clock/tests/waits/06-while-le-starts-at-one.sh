# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 48 s
# failure: 20 s .. 50 s
# exhausted: fails
n=1
while [ $n -le 10 ]; do
  pg_isready -q && exit 0
  n=$((n+1))
  sleep 2
done
exit 1
