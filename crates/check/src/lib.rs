// SPDX-License-Identifier: Apache-2.0
//! Floor 2: the rules, one file each, in one table, and the engine that runs them.
//!
//! A [`Rule`] sees every object of the inputs, and reports [`Finding`]s on one of them only: a workload, whose write map
//! it sees too, or any object. That keeps rules independent of each other and of the order of the inputs, so that the
//! engine may run them in parallel. What several rules look at is `evidence`.

mod baseline;
mod correction;
mod engine;
mod evidence;
mod finding;
mod fingerprint;
mod header;
mod need;
mod repository_path;
mod rule;
mod rules;
mod selection;
mod settings;
mod suppression;
mod verdict;

use writeway_access::mount_path;

pub use baseline::{Baseline, BaselineError, Entry as BaselineEntry, Scope as BaselineScope};
pub use correction::{Correction, Footprint, PlainCopy};
pub use engine::{check, check_files, map_all};
pub use evidence::fs_group::{Ignored, group_for};
pub use evidence::mounted::{Mounted, Source};
pub use evidence::node_directory::{holds_what_is_the_nodes, is_of_the_node};
pub use evidence::release_clocks::clocks;
pub use evidence::renewal::{outlives_renewals, renewer};
pub use evidence::transient::is_transient;
pub use evidence::writing::{is_file, write_verdict};
pub use finding::{Confidence, Finding, Fix, Location, ObjectName, Severity, Subject};
pub use fingerprint::{Fingerprint, fingerprints};
pub use need::{Demand, Need, NeedKind, Purpose};
pub use repository_path::repository_path;
pub use rule::{FixAvailability, ObjectContext, Rule, RuleContext};
pub use rules::{RULES, field_at_wrong_level, fields_at_wrong_level, find, unreadable_document};
pub use selection::{RuleSet, Selection, Selector, UnknownRule};
pub use settings::{PinPolicy, Settings};
pub use verdict::{Judged, Policy, Verdict, judge};
