# SPDX-License-Identifier: Apache-2.0
# success: none
# failure: none
# never: yes
while true; do
  curl -sf -m 2 http://app/metrics >/dev/null
  sleep 10
done
