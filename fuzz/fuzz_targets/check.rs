// SPDX-License-Identifier: Apache-2.0
//! See `xtask/src/fuzz/check.rs`.
#![no_main]

use xtask::fuzz::CHECK;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (CHECK.holds)(bytes).unwrap());
