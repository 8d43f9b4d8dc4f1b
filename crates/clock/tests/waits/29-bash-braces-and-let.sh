# SPDX-License-Identifier: Apache-2.0
# shell: bash
# success: 0 s .. 33 s
# failure: 15 s .. 33 s
# exhausted: fails
for attempt in {1..6}; do
  if pg_isready; then
    break
  fi
  if [[ $attempt == 6 ]]; then
    exit 1
  fi
  sleep 3
done
