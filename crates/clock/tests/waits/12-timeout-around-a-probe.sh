# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 48 s
# failure: 8 s .. 48 s
# exhausted: fails
# world: late good=5 takes=8000
set -e
i=0
while ! timeout 8 curl -sf http://app/healthz; do
  i=$((i + 1))
  [ $i -lt 5 ]
  sleep 2
done
