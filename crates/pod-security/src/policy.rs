// SPDX-License-Identifier: Apache-2.0
//! Levels, versions, and the two together (k8s.io/pod-security-admission, api/helpers.go).

use std::fmt;
use std::str::FromStr;

/// The newest minor version whose policy is known: 1.37.
pub const NEWEST_MINOR: u64 = 37;

/// How much a policy demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Nothing.
    Privileged,
    /// No known way to more privileges.
    Baseline,
    /// Current practice of hardening.
    Restricted,
}

impl Level {
    /// Every level, the mildest first.
    pub const ALL: [Self; 3] = [Self::Privileged, Self::Baseline, Self::Restricted];

    /// The level's name in labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::Baseline => "baseline",
            Self::Restricted => "restricted",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// ParseLevel: the names as they are, in lower case.
impl FromStr for Level {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let named = Self::ALL.into_iter().find(|level| level.as_str() == text);
        named.ok_or(PolicyError::Level)
    }
}

/// The version whose rules a policy means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PolicyVersion {
    /// That of the cluster.
    Latest,
    /// `v1.N`.
    Minor(u64),
}

impl PolicyVersion {
    /// The version on a cluster of that minor version, which knows no newer one (policy/registry.go, EvaluatePod).
    #[must_use]
    pub fn on_cluster(self, minor: u64) -> Self {
        Self::Minor(self.minor().min(minor))
    }

    /// The minor version whose rules apply: `latest`, and what comes after it, is the newest that is known.
    pub fn minor(self) -> u64 {
        match self {
            Self::Latest => NEWEST_MINOR,
            Self::Minor(minor) => minor.min(NEWEST_MINOR),
        }
    }
}

impl fmt::Display for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Minor(minor) => write!(f, "v1.{minor}"),
        }
    }
}

/// ParseVersion: `latest` or `v1.N`, N without leading zeros and within 64 bits.
impl FromStr for PolicyVersion {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        if text == "latest" {
            return Ok(Self::Latest);
        }
        let digits = text.strip_prefix("v1.").ok_or(PolicyError::Version)?;
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        let minor = digits.parse::<i64>().ok().and_then(|minor| minor.try_into().ok());
        minor
            .filter(|_| plain && (digits == "0" || !digits.starts_with('0')))
            .map(Self::Minor)
            .ok_or(PolicyError::Version)
    }
}

/// A level at a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Policy {
    /// How much is demanded.
    pub level: Level,
    /// By which version's rules.
    pub version: PolicyVersion,
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level, self.version)
    }
}

/// A name that is no level or no version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not one of the three levels.
    #[error("a level is privileged, baseline or restricted")]
    Level,
    /// Neither `latest` nor `v1.N`.
    #[error("a version is latest or v1.N, for example v1.31")]
    Version,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases of api/helpers_test.go, TestParseVersion, and the edges of the number.
    #[test]
    fn versions_are_latest_or_v1_and_a_plain_number() {
        for (text, expected) in [
            ("latest", Some(PolicyVersion::Latest)),
            ("v1.0", Some(PolicyVersion::Minor(0))),
            ("v1.9", Some(PolicyVersion::Minor(9))),
            ("v1.10", Some(PolicyVersion::Minor(10))),
            ("v1.10000", Some(PolicyVersion::Minor(10_000))),
            (
                "v1.9223372036854775807",
                Some(PolicyVersion::Minor(9_223_372_036_854_775_807)),
            ),
            ("v1.9223372036854775808", None),
            ("v1.01", None),
            ("v1.00", None),
            ("v1.", None),
            ("v1", None),
            ("v1.-1", None),
            ("v1.+1", None),
            ("v1.1 ", None),
            ("v1.1.0", None),
            ("1.1", None),
            ("v2.0", None),
            ("Latest", None),
            ("", None),
        ] {
            assert_eq!(text.parse().ok(), expected, "{text:?}");
        }
    }

    #[test]
    fn levels_are_written_in_lower_case() {
        for level in Level::ALL {
            assert_eq!(level.as_str().parse(), Ok(level));
        }
        for text in ["", "Baseline", "default", "restricted "] {
            assert_eq!(text.parse::<Level>(), Err(PolicyError::Level), "{text:?}");
        }
    }

    #[test]
    fn a_version_nobody_knows_is_the_newest() {
        for (version, minor) in [
            (PolicyVersion::Latest, 37),
            (PolicyVersion::Minor(37), 37),
            (PolicyVersion::Minor(99), 37),
            (PolicyVersion::Minor(36), 36),
            (PolicyVersion::Minor(0), 0),
            (PolicyVersion::Latest.on_cluster(30), 30),
            (PolicyVersion::Minor(31).on_cluster(30), 30),
            (PolicyVersion::Minor(29).on_cluster(30), 29),
            (PolicyVersion::Latest.on_cluster(40), 37),
        ] {
            assert_eq!(version.minor(), minor, "{version}");
        }
    }
}
