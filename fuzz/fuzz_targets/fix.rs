// SPDX-License-Identifier: Apache-2.0
//! See `xtask/src/fuzz/fix.rs`.
#![no_main]

use xtask::fuzz::FIX;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (FIX.holds)(bytes).unwrap());
