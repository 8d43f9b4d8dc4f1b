# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 30 s
# failure: 31 s .. 46 s
# exhausted: fails
for pause in 1 2 4 8 16; do
  pg_isready && exit 0
  sleep $pause
done
exit 1
