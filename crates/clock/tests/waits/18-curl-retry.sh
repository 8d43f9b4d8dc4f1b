# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 46 s
# failure: 0 s .. 46 s
# exhausted: fails
# world: fail now permanent=1
curl -sf --max-time 2.5 --retry 5 --retry-connrefused http://app:8080/ready || exit 1
