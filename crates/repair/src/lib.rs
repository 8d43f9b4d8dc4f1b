// SPDX-License-Identifier: Apache-2.0
//! Floor 2: repair. Remedies for what rules find, each tried and proved before it is offered.
//!
//! A rule says what has to become writable ([`Need`](writeway_check::Need)). A [`Remedy`] proposes edits of the
//! manifest's text. They are made on a [`Draft`], the document under repair; what is read from its new text is mapped
//! again, and the proposal counts only if the need is met now, nothing that worked is lost, and Pod Security admits the
//! pod as before. [`repair`] does that for many findings, and in the end runs the rules again: a fix whose finding is
//! still there, or that brings another, is taken back.

mod admission;
mod attempt;
mod case;
mod desk;
mod draft;
mod ground;
mod known_way;
mod options;
mod patch;
mod proof;
mod proposal;
mod remedies;
mod remedy;
mod repair;
mod search;
mod volume_need;

pub use case::{Case, Edits};
pub use draft::{Draft, DraftId};
pub use options::Options;
pub use patch::{ObjectPatch, Patch, patches};
pub use proof::Turned;
pub use proposal::{Proposal, Safety};
pub use remedies::REMEDIES;
pub use remedy::{Answer, Considered, Remedy};
pub use repair::{Applied, Refused, Repair, Rules, offer, repair};
