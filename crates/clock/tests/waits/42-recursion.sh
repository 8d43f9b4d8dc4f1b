# SPDX-License-Identifier: Apache-2.0
# success: unknown .. unknown
# failure: unknown .. unknown
# unmeasured: recursion is not followed to its end
again() {
  pg_isready || { sleep 1; again; }
}
again
