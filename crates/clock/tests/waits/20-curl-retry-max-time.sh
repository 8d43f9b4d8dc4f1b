# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 29 s
# failure: 0 s .. 29 s
# exhausted: fails
# world: fail now permanent=1
# world: fail late second=1999
# world: succeeds=4 late second=1999
curl -fsS -m 4 --retry 100 --retry-delay 5 --retry-max-time 20 --retry-all-errors http://app/ready
