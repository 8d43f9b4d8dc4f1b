# SPDX-License-Identifier: Apache-2.0
# success: 0 s .. 60 s
# failure: 60 s .. 60 s
# exhausted: fails
timeout 60 sh -c 'until nc -z -w 2 redis 6379; do sleep 2; done'
