# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 21 s
# failure: 15 s .. 21 s
# exhausted: fails
n=0
while true; do
  pg_isready -t 1 && break
  n=$((n + 1))
  if [ $n = 6 ]; then
    exit 3
  fi
  sleep 3
done
