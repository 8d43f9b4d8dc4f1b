# SPDX-License-Identifier: Apache-2.0
# shell: bash
# unmeasured: the clock behind SECONDS is the kernel's
# success: 0 s .. 123 s
# failure: 119 s .. 125 s
# exhausted: fails
while (( SECONDS < 120 )); do
  pg_isready && exit 0
  sleep 2
done
exit 1
