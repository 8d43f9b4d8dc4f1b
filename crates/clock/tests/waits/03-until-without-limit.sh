# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. unbounded
# failure: none
# exhausted: never
until nc -z -w 2 db 5432; do
  sleep 2
done
