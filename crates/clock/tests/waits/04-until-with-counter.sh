# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 118 s
# failure: 58 s .. 118 s
# exhausted: fails
# steps: 30 × 2 s pg_isready + 29 × 2 s sleep = 118 s
i=0
until pg_isready -h db -t 2; do
  i=$((i + 1))
  if [ "$i" -ge 30 ]; then
    echo "no database" >&2
    exit 1
  fi
  sleep 2
done
