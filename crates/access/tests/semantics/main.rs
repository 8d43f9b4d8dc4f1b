// SPDX-License-Identifier: Apache-2.0
//! The tables of the reference on volume semantics, a file per topic.

#[path = "../support/case.rs"]
mod case;

mod agent;
mod capabilities;
mod csi;
mod fs_group;
mod host_path;
mod identity;
mod image_volumes;
mod node_settings;
mod read_only;
mod startup;
mod sub_path;
mod tokens;
mod user_namespaces;
mod versions;
