# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 1339 s
# failure: 840 s .. 1344 s
# exhausted: fails
ready=
for i in $(seq 1 168); do
  curl -sSf --max-time 3 http://gitea-http.gitea:3000/api/v1/version >/dev/null && { ready=yes; break; }
  sleep 5
done
[ -n "$ready" ] || { echo "gitea did not answer" >&2; exit 1; }
