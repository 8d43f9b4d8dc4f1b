// SPDX-License-Identifier: Apache-2.0
//! Floor 0: text. Shell scripts as an own small tree. Knows no Kubernetes.
//!
//! [`parse`] turns what `sh -c` gets into a [`Script`]: the whole POSIX command language (XCU chapter 2) with
//! every quote resolved, plus the extensions that BusyBox ash and bash share. Where shells disagree about a
//! construct, the tree says so ([`Part::ShellSpecific`], [`Compound::Unsupported`]) instead of choosing one.
//! [`options`] reads the arguments of a utility, [`mode`] what `chmod` makes of a mode operand, [`owner`] whom `chown`
//! gives files to, [`pattern`] what a pattern matches, [`agent`] what `writeway-agent` is asked for,
//! [`behind_runner`] what `env` and its like run, [`parse_go_duration`] how long `1m30s` is. [`quote`] goes the other way:
//! it writes a word that a shell reads as a given text.
//!
//! Nothing here runs anything, and nothing here fails otherwise than with an error: time is linear in the
//! script (times the nesting, which is limited), stack and memory are bounded.

pub mod agent;
mod duration;
mod error;
pub mod mode;
pub mod options;
pub mod owner;
mod parse;
pub mod pattern;
mod quote;
mod runner;
mod script;
mod word;

pub use duration::parse_go_duration;
pub use error::ParseError;
pub use parse::{MAX_NESTING, MAX_SCRIPT_BYTES, parse};
pub use quote::quote;
pub use runner::behind_runner;
pub use script::{
    AndOr, Arm, Assignment, Branch, Command, CommandKind, Compound, Connector, Function, List, Pipeline,
    Redirect, RedirectKind, Script, Simple, Span,
};
pub use word::{Operation, Parameter, Part, Word};
