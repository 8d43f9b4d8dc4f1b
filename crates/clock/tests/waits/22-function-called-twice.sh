# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 76 s
# failure: 16 s .. 78 s
# exhausted: fails
# world: late good=8,16
# world: late good=8
set -e
wait_for() {
  for i in 1 2 3 4 5 6 7 8; do
    nc -z -w 3 "$1" "$2" && return 0
    sleep 2
  done
  return 1
}
wait_for db 5432
wait_for cache 6379
