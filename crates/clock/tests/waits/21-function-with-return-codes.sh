# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 73 s
# failure: 30 s .. 75 s
# exhausted: fails
wait_for() {
  tries=0
  while [ "$tries" -lt 15 ]; do
    if nc -z -w 3 "$1" "$2"; then
      return 0
    fi
    tries=$((tries + 1))
    sleep 2
  done
  return 1
}
wait_for db 5432 || exit 1
echo up
