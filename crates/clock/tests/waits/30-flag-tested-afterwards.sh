# SPDX-License-Identifier: Apache-2.0
# success: 4 s .. 60 s
# failure: 40 s .. 60 s
# exhausted: fails
ready=0
i=0
while [ $ready -eq 0 ] && [ $i -lt 10 ]; do
  if curl -sf -m 2 http://app/ready; then ready=1; fi
  i=$((i + 1))
  sleep 4
done
[ $ready -eq 1 ]
