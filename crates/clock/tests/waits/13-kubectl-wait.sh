# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 120 s
# failure: 0 s .. 120 s
# exhausted: fails
set -e
kubectl wait --for=condition=Available deployment/app --timeout=2m
