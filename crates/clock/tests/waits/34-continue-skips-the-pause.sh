# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 16 s
# failure: 8 s .. 18 s
# exhausted: fails
for i in 1 2 3 4 5; do
  if pg_isready -t 2; then exit 0; fi
  if [ $i = 3 ]; then continue; fi
  sleep 2
done
exit 1
