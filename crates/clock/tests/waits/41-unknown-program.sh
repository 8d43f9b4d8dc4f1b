# SPDX-License-Identifier: Apache-2.0
# success: unknown .. unknown
# failure: unknown .. unknown
# unmeasured: nothing is known of the program
until ./ready.sh || [ $((i += 1)) -gt 5 ]; do
  sleep 2
done
./migrate.sh
