// SPDX-License-Identifier: Apache-2.0
//! The table of remedies. The order is that of privilege and of side effects: what takes the least comes first.

mod empty_dir;
mod empty_dir_mode;
mod ephemeral_volume;
mod memory;
mod new_volume;
mod own_directory;
mod size_limit;

use crate::Remedy;

/// Every remedy, in the order in which they are tried.
pub const REMEDIES: &[&Remedy] = &[
    &empty_dir::REMEDY,
    &empty_dir_mode::REMEDY,
    &memory::REMEDY,
    &own_directory::REMEDY,
    &ephemeral_volume::REMEDY,
    &size_limit::REMEDY,
];
