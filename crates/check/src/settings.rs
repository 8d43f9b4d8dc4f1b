// SPDX-License-Identifier: Apache-2.0
//! What the user decides about rules.

use writeway_clock::Assumptions;

use crate::RuleSet;

/// Which rules run, and their options. An option belongs to one rule, which reads it from its context; `[rules.WWNNN]` in
/// the configuration file sets it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// The rules that run.
    pub rules: RuleSet,
    /// What the rules about waiting take for granted; `[clock]` in the configuration file.
    pub clock: Assumptions,
    /// `pin` of WW402: how an init container's image has to be pinned.
    pub pin: PinPolicy,
}

/// What counts as a pinned image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum PinPolicy {
    /// A digest, or a tag that names one release: none, `latest` and tags that move (`1.36`) are reported.
    #[default]
    Floating,
    /// A digest: every reference without one is reported.
    Digest,
}

impl PinPolicy {
    /// Every policy.
    pub const ALL: [Self; 2] = [Self::Floating, Self::Digest];

    /// The policy's name in the configuration file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Floating => "floating",
            Self::Digest => "digest",
        }
    }
}
