# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. unknown
# failure: 0 s .. unknown
# unmeasured: the number of attempts comes from elsewhere
# environment: ATTEMPTS
i=0
while [ $i -lt "$ATTEMPTS" ]; do
  pg_isready && exit 0
  i=$((i + 1))
  sleep 2
done
exit 1
