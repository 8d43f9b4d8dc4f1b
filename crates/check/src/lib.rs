// SPDX-License-Identifier: Apache-2.0
//! Floor 2: the rules, one file each, in one table, and the engine that runs them.
//!
//! A [`Rule`] sees every object of the inputs and the write map of one workload, and reports [`Finding`]s on that
//! workload only. That keeps rules independent of each other and of the order of the inputs, so that the engine may
//! run them in parallel.

mod argo;
mod baseline;
mod chown;
mod commands;
mod copying;
mod credential_name;
mod engine;
mod finding;
mod fingerprint;
mod fluxd;
mod fs_group;
mod git_url;
mod header;
mod hooks;
mod http_request;
mod image_program;
mod known_config;
mod minting;
mod modes;
mod mounted;
mod refreshed;
mod release_clocks;
mod repository_path;
mod ruby;
mod rule;
mod rules;
mod secret_mount;
mod secret_requests;
mod secret_writes;
mod selection;
mod settings;
mod strict_modes;
mod suppression;
mod temp;
mod temp_cure;
mod template_text;
mod timing;
mod verdict;
mod waiting;
mod without_root;
mod word_text;
mod writing;

use writeway_access::mount_path;

pub use baseline::{Baseline, BaselineError, Entry as BaselineEntry, Scope as BaselineScope};
pub use engine::{check, map_all};
pub use finding::{Confidence, Finding, Fix, Location, ObjectName, Severity, Subject};
pub use fingerprint::{Fingerprint, fingerprints};
pub use release_clocks::clocks;
pub use repository_path::repository_path;
pub use rule::{FixAvailability, ObjectContext, Rule, RuleContext};
pub use rules::{RULES, field_at_wrong_level, fields_at_wrong_level, find, unreadable_document};
pub use selection::{RuleSet, Selection, Selector, UnknownRule};
pub use settings::{PinPolicy, Settings};
pub use verdict::{Judged, Policy, Verdict, judge};
pub use writing::{is_file, write_verdict};
