# SPDX-License-Identifier: Apache-2.0
# success: 95.5 s .. 95.5 s
# failure: none
sleep 30
for i in 1 2 3; do
  sleep 1m 1.5s
  break
done
( sleep 2; sleep 2 )
