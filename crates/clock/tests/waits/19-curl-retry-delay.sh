# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 63 s
# failure: 0 s .. 63 s
# exhausted: fails
# world: fail now permanent=1
curl -fsS -m 3 --retry 10 --retry-delay 3 --retry-all-errors http://app/ready
