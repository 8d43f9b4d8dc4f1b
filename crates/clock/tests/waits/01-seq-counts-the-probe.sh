# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 1344 s
# failure: none
# exhausted: falls-through
# steps: 168 × (3 s curl + 5 s sleep) = 1344 s
for i in $(seq 1 168); do
  if curl -sSf --max-time 3 http://gitea-http.gitea:3000/api/v1/version >/dev/null; then
    echo ready
    break
  fi
  sleep 5
done
