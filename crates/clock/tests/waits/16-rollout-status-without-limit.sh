# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. unbounded
# failure: 0 s .. unbounded
# exhausted: fails
set -e
kubectl rollout status deployment/app
