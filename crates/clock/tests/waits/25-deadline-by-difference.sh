# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 67 s
# failure: 60 s .. 67 s
# exhausted: fails
# world: fail late first=999
# world: succeeds=12 late first=999
# world: fail now first=1 epoch=999
start=$(date +%s)
until nc -z -w 4 db 5432; do
  now=$(date +%s)
  elapsed=$((now - start))
  if [ "$elapsed" -gt 60 ]; then
    echo "timed out" >&2
    exit 1
  fi
  sleep 2
done
