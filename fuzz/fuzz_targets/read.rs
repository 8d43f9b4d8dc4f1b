// SPDX-License-Identifier: Apache-2.0
//! See `xtask/src/fuzz/read.rs`.
#![no_main]

use xtask::fuzz::READ;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (READ.holds)(bytes).unwrap());
