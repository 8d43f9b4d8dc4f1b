# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 25 s
# failure: none
# exhausted: handled
i=0
until pg_isready -t 1; do
  i=$((i + 1))
  if [ $i -eq 5 ]; then
    echo "no database, the import is skipped"
    exit 0
  fi
  sleep 5
done
echo import
