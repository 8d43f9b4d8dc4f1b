# SPDX-License-Identifier: Apache-2.0
# success: 2 s .. 40 s
# failure: 20 s .. 40 s
# exhausted: fails
# world: fail now permanent=1
i=0
until ping -c 3 -W 2 gateway; do
  i=$((i + 1))
  [ $i -lt 5 ] || exit 1
  sleep 5
done
