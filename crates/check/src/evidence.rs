// SPDX-License-Identifier: Apache-2.0
//! What several rules look at: the commands of a container, what they copy, mint and wait for, and what is known of
//! programs. A room finds facts; what is wrong with them, a rule says.

pub(crate) mod agent_call;
pub(crate) mod argo;
pub(crate) mod chown;
pub(crate) mod commands;
pub(crate) mod copying;
pub(crate) mod credential_name;
pub(crate) mod fluxd;
pub(crate) mod footprint;
pub(crate) mod fs_group;
pub(crate) mod git_url;
pub(crate) mod hooks;
pub(crate) mod http_request;
pub(crate) mod image_program;
pub(crate) mod known_config;
pub(crate) mod minting;
pub(crate) mod modes;
pub(crate) mod mounted;
pub(crate) mod node_directory;
pub(crate) mod plain_copy;
pub(crate) mod refreshed;
pub(crate) mod release_clocks;
pub(crate) mod ruby;
pub(crate) mod secret_mount;
pub(crate) mod secret_requests;
pub(crate) mod secret_writes;
pub(crate) mod strict_modes;
pub(crate) mod temp;
pub(crate) mod temp_cure;
pub(crate) mod template_text;
pub(crate) mod timing;
pub(crate) mod waiting;
pub(crate) mod without_root;
pub(crate) mod word_text;
pub(crate) mod writing;
