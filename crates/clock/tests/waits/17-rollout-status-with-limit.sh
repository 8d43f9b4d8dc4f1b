# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 90 s
# failure: 0 s .. 90 s
# exhausted: fails
set -e
kubectl rollout status deployment/app --timeout=90s
