// SPDX-License-Identifier: Apache-2.0
//! The table of remedies. The order is that of privilege and of side effects: what takes the least comes first.

mod align_user;
mod chown_target;
mod default_mode;
mod empty_dir;
mod empty_dir_mode;
mod ephemeral_volume;
mod fs_group;
mod image_volume;
mod leave_out;
mod local_volume;
mod memory;
mod new_volume;
mod on_root_mismatch;
mod own;
mod own_directory;
mod prefill;
mod prefill_by_agent;
mod resources;
mod seed;
mod seed_instead_of_copy;
mod shipped_files;
mod size_limit;
mod storage_class;
mod sub_path_directory;
mod supplemental_group;

use crate::Remedy;

/// Every remedy, in the order in which they are tried. A group that may write already changes no file, so it comes before
/// one that has to be given the files.
pub const REMEDIES: &[&Remedy] = &[
    &resources::REMEDY,
    &on_root_mismatch::REMEDY,
    &leave_out::REMEDY,
    &default_mode::REMEDY,
    &chown_target::REMEDY,
    &supplemental_group::REMEDY,
    &fs_group::REMEDY,
    &empty_dir::REMEDY,
    &empty_dir_mode::REMEDY,
    &memory::REMEDY,
    &own_directory::REMEDY,
    &ephemeral_volume::REMEDY,
    &prefill::REMEDY,
    &prefill_by_agent::REMEDY,
    &size_limit::REMEDY,
    &image_volume::REMEDY,
    &seed::REMEDY,
    &seed_instead_of_copy::REMEDY,
    &local_volume::REMEDY,
    &storage_class::REMEDY,
    &sub_path_directory::REMEDY,
    &align_user::REMEDY,
    &own::REMEDY,
];
