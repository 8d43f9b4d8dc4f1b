// SPDX-License-Identifier: Apache-2.0
//! The table of rules.

mod ww101_read_only_root_without_writable_temp;
mod ww102_temp_directory_not_sticky;
mod ww103_known_path_not_writable;
mod ww104_empty_volume_hides_image_files;
mod ww105_image_volume_beside_mount;
mod ww106_memory_volume_without_limit;
mod ww201_mount_not_writable;
mod ww202_fs_group_ignored;
mod ww203_strict_mode_broken;
mod ww204_writable_but_not_owned;
mod ww205_sub_path_made_for_root;
mod ww206_recursive_fs_group;
mod ww207_chown_for_another_user;
pub(crate) mod ww208_field_at_wrong_level;
mod ww209_capability_of_non_root;
mod ww210_mode_in_wrong_base;
mod ww211_pod_never_starts;
mod ww212_unknown_capability;
mod ww301_refreshed_credential_on_read_only_mount;
mod ww302_copied_credential_not_written_back;
mod ww303_fragile_copy_of_secret;
mod ww304_empty_secret_read_at_start;
mod ww305_credential_in_argv_or_log;
mod ww306_secret_that_never_refreshes;
mod ww307_write_back_to_managed_secret;
mod ww308_optional_secret_missing;
mod ww401_refused_by_pod_security;
mod ww402_init_image_not_pinned;
mod ww403_init_container_without_resources;
mod ww404_needless_root_chown;
mod ww405_chown_too_wide;
mod ww406_init_container_waits_for_its_own_secret;
mod ww501_wait_exceeds_limit;
mod ww502_wait_loop_falls_through;
mod ww503_restart_resets_wait;
mod ww504_hook_state_lost;
mod ww505_token_name_changes;
mod ww506_scope_wider_than_needed;
mod ww507_readiness_by_one_status;
mod ww508_minted_token_overwritten;
mod ww509_permissions_of_hook_deleted;
mod ww510_pipeline_hides_failure;
mod ww511_timeout_counts_per_hook;
mod ww512_minted_token_never_ends;
mod ww513_works_with_helm_only;
mod ww601_read_only_repository_with_tag_state;
mod ww602_image_automation_on_read_only_source;
mod ww603_state_shared_by_two_agents;
pub(crate) mod ww901_unused_suppression;
pub(crate) mod ww902_suppression_without_reason;
pub(crate) mod ww903_unreadable_document;

use std::collections::BTreeSet;

use writeway_manifest::{Inventory, Place};

use crate::Rule;

/// Every rule, by code.
pub static RULES: &[&Rule] = &[
    &ww101_read_only_root_without_writable_temp::RULE,
    &ww102_temp_directory_not_sticky::RULE,
    &ww103_known_path_not_writable::RULE,
    &ww104_empty_volume_hides_image_files::RULE,
    &ww105_image_volume_beside_mount::RULE,
    &ww106_memory_volume_without_limit::RULE,
    &ww201_mount_not_writable::RULE,
    &ww202_fs_group_ignored::RULE,
    &ww203_strict_mode_broken::RULE,
    &ww204_writable_but_not_owned::RULE,
    &ww205_sub_path_made_for_root::RULE,
    &ww206_recursive_fs_group::RULE,
    &ww207_chown_for_another_user::RULE,
    &ww208_field_at_wrong_level::RULE,
    &ww209_capability_of_non_root::RULE,
    &ww210_mode_in_wrong_base::RULE,
    &ww211_pod_never_starts::RULE,
    &ww212_unknown_capability::RULE,
    &ww301_refreshed_credential_on_read_only_mount::RULE,
    &ww302_copied_credential_not_written_back::RULE,
    &ww303_fragile_copy_of_secret::RULE,
    &ww304_empty_secret_read_at_start::RULE,
    &ww305_credential_in_argv_or_log::RULE,
    &ww306_secret_that_never_refreshes::RULE,
    &ww307_write_back_to_managed_secret::RULE,
    &ww308_optional_secret_missing::RULE,
    &ww401_refused_by_pod_security::RULE,
    &ww402_init_image_not_pinned::RULE,
    &ww403_init_container_without_resources::RULE,
    &ww404_needless_root_chown::RULE,
    &ww405_chown_too_wide::RULE,
    &ww406_init_container_waits_for_its_own_secret::RULE,
    &ww501_wait_exceeds_limit::RULE,
    &ww502_wait_loop_falls_through::RULE,
    &ww503_restart_resets_wait::RULE,
    &ww504_hook_state_lost::RULE,
    &ww505_token_name_changes::RULE,
    &ww506_scope_wider_than_needed::RULE,
    &ww507_readiness_by_one_status::RULE,
    &ww508_minted_token_overwritten::RULE,
    &ww509_permissions_of_hook_deleted::RULE,
    &ww510_pipeline_hides_failure::RULE,
    &ww511_timeout_counts_per_hook::RULE,
    &ww512_minted_token_never_ends::RULE,
    &ww513_works_with_helm_only::RULE,
    &ww601_read_only_repository_with_tag_state::RULE,
    &ww602_image_automation_on_read_only_source::RULE,
    &ww603_state_shared_by_two_agents::RULE,
    &ww901_unused_suppression::RULE,
    &ww902_suppression_without_reason::RULE,
    &ww903_unreadable_document::RULE,
];

/// The rule whose findings are what the reader refused.
pub fn unreadable_document() -> &'static Rule {
    &ww903_unreadable_document::RULE
}

/// The rule that reports fields at a level that does not have them.
pub fn field_at_wrong_level() -> &'static Rule {
    &ww208_field_at_wrong_level::RULE
}

/// The places of the unknown fields that [`field_at_wrong_level`] reports.
pub fn fields_at_wrong_level(inventory: &Inventory) -> BTreeSet<Place> {
    ww208_field_at_wrong_level::places(inventory)
}

/// The rule of that code or name, in any case.
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    let wanted = |text: &str| text.eq_ignore_ascii_case(code_or_name);
    RULES
        .iter()
        .copied()
        .find(|rule| wanted(rule.code) || wanted(rule.name))
}
