# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 30 s
# failure: 0 s .. 30 s
# exhausted: fails
kubectl -n shop wait --for=condition=Ready pod/db-0 || exit 1
