# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 60 s
# failure: none
# exhausted: falls-through
i=0
while [ $i -lt 12 ] && ! pg_isready -h db; do
  i=$((i + 1))
  sleep 2
done
