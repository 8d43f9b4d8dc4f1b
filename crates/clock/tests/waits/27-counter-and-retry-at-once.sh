# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 65 s
# failure: 8 s .. 65 s
# exhausted: fails
# world: fail now permanent=1
i=0
until curl -sf -m 5 --retry 2 --retry-delay 2 http://app/; do
  [ $((i += 1)) -ge 3 ] && exit 1
  sleep 4
done
