# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 45 s
# failure: 30 s .. 45 s
# exhausted: fails
pause=2
until pg_isready; do
  if [ $pause -gt 16 ]; then exit 1; fi
  sleep $pause
  pause=$((pause * 2))
done
