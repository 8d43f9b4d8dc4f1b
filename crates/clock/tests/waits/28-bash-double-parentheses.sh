# SPDX-License-Identifier: Apache-2.0
# shell: bash
# success: 0 s .. 48 s
# failure: 20 s .. 50 s
# exhausted: fails
tries=0
while ! pg_isready; do
  (( tries++ ))
  sleep 2
  if (( tries >= 10 )); then
    exit 1
  fi
done
