// SPDX-License-Identifier: Apache-2.0
//! Floor 1: the write map. Identity, mounts, ownership, and verdicts with their derivation. Pure: no I/O, no async.
