# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 300 s
# failure: none
# exhausted: falls-through
kubectl wait --for=condition=complete job/migrate --timeout=300s
echo "migrated"
