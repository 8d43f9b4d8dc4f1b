# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 303 s
# failure: 299 s .. 308 s
# exhausted: fails
# world: fail late first=0 second=1999
# world: succeeds=39 late first=0 second=1999
# world: fail now first=3000 second=1001 epoch=999
end=$(($(date +%s) + 300))
while [ $(date +%s) -lt $end ]; do
  curl -sf -m 3 http://app/ready && exit 0
  sleep 5
done
exit 1
