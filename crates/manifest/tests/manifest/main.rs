// SPDX-License-Identifier: Apache-2.0
//! Documents to objects: black-box tests of the reading and of the inventory.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod confinement;
mod decoding;
mod flux;
mod hostile;
mod inventory;
mod lists;
mod pods;
mod rbac;
mod reading;
mod release;
mod same_pod;
mod templating;
mod unknown_fields;
mod volumes;
mod workloads;
