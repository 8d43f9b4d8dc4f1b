// SPDX-License-Identifier: Apache-2.0
//! Pods that people get wrong, one test each, numbered as in section H of the reference on volume semantics, with what a
//! kubelet 1.36 made of them. Cases about other things than writing are missing: 28 to 30 (SSH keys, Erlang cookies), 63,
//! 67 and 68 (admission).

#[path = "../support/case.rs"]
mod case;

mod identities;
mod node_directories;
mod objects;
mod persistent_volumes;
mod runtime;
mod temp_directories;
