// SPDX-License-Identifier: Apache-2.0
//! Values that may not be known: an owner, the bits of a mode.

use std::fmt;
use std::sync::Arc;

/// Why something is not known, in plain words.
pub(crate) type Reason = Arc<str>;

/// A value, or why it is not known.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<T> {
    /// It is this.
    Known(T),
    /// Manifests and facts do not tell.
    Unknown(Reason),
}

impl<T: Copy + PartialEq> Value<T> {
    pub(crate) fn unknown(reason: impl Into<Reason>) -> Self {
        Self::Unknown(reason.into())
    }

    pub(crate) fn known(&self) -> Option<T> {
        match self {
            Self::Known(value) => Some(*value),
            Self::Unknown(_) => None,
        }
    }

    /// What is known whichever of two worlds is the real one.
    pub(crate) fn join(&self, other: &Self, reason: &Reason) -> Self {
        match (self, other) {
            (Self::Known(a), Self::Known(b)) if a == b => self.clone(),
            (Self::Unknown(_), _) => self.clone(),
            (_, Self::Unknown(_)) => other.clone(),
            _ => Self::Unknown(reason.clone()),
        }
    }
}

impl<T: fmt::Display> fmt::Display for Value<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(value) => value.fmt(f),
            Self::Unknown(_) => f.write_str("unknown"),
        }
    }
}

/// Mode bits of which each may be known or not: kubelet's fsGroup makes a directory `rws` for its group whatever the
/// other bits are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mode {
    bits: u16,
    known: u16,
    reason: Option<Reason>,
}

/// Every bit a mode has.
pub(crate) const ALL_BITS: u16 = 0o7777;
/// Setuid bit.
pub(crate) const SETUID: u16 = 0o4000;
/// Setgid bit.
pub(crate) const SETGID: u16 = 0o2000;
/// Sticky bit.
pub(crate) const STICKY: u16 = 0o1000;

impl Mode {
    pub(crate) fn new(bits: u16) -> Self {
        Self {
            bits: bits & ALL_BITS,
            known: ALL_BITS,
            reason: None,
        }
    }

    pub(crate) fn unknown(reason: impl Into<Reason>) -> Self {
        Self {
            bits: 0,
            known: 0,
            reason: Some(reason.into()),
        }
    }

    /// All bits, when all are known.
    pub(crate) fn known(&self) -> Option<u16> {
        (self.known == ALL_BITS).then_some(self.bits)
    }

    /// Whether all of these bits are set: `None` when that depends on one that is not known.
    pub(crate) fn has(&self, bits: u16) -> Option<bool> {
        if self.bits & bits == bits {
            Some(true)
        } else if bits & self.known & !self.bits != 0 {
            Some(false)
        } else {
            None
        }
    }

    /// The mode with every unknown bit cleared, and with every unknown bit set.
    pub(crate) fn extremes(&self) -> (u16, u16) {
        (self.bits, self.bits | (ALL_BITS & !self.known))
    }

    /// Why some bit is not known.
    pub(crate) fn reason(&self) -> Reason {
        self.reason
            .clone()
            .unwrap_or_else(|| "the mode is not known".into())
    }

    /// The mode with these bits set.
    #[must_use]
    pub(crate) fn with(&self, bits: u16) -> Self {
        self.replaced(self.bits | bits, self.known | bits)
    }

    /// The mode with these bits cleared.
    #[must_use]
    pub(crate) fn without(&self, bits: u16) -> Self {
        self.replaced(self.bits & !bits, self.known | bits)
    }

    /// What is known whichever of two worlds is the real one.
    pub(crate) fn join(&self, other: &Self, reason: &Reason) -> Self {
        let known = self.known & other.known & !(self.bits ^ other.bits);
        let reason = match (&self.reason, &other.reason) {
            _ if known == ALL_BITS => None,
            (Some(own), _) | (None, Some(own)) => Some(own.clone()),
            (None, None) => Some(reason.clone()),
        };
        Self {
            bits: self.bits & known,
            known,
            reason,
        }
    }

    fn replaced(&self, bits: u16, known: u16) -> Self {
        let reason = if known == ALL_BITS {
            None
        } else {
            self.reason.clone()
        };
        Self { bits, known, reason }
    }
}

/// Four octal digits; a digit with a bit that is not known is `?`.
impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shift in [9, 6, 3, 0] {
            if (self.known >> shift) & 0o7 == 0o7 {
                write!(f, "{:o}", (self.bits >> shift) & 0o7)?;
            } else {
                f.write_str("?")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mode_knows_the_bits_that_were_set_on_an_unknown_one() {
        let mode = Mode::unknown("no facts").with(0o2770);
        assert_eq!(mode.to_string(), "?77?");
        assert_eq!(
            (mode.has(0o020), mode.has(0o002), mode.known()),
            (Some(true), None, None)
        );
        assert_eq!(mode.without(0o5007).known(), Some(0o2770));
    }

    #[test]
    fn joining_two_worlds_keeps_what_they_agree_on() {
        let joined = Mode::new(0o755).join(&Mode::new(0o775), &"depends".into());
        assert_eq!(
            (joined.has(0o050), joined.has(0o020), &*joined.reason()),
            (Some(true), None, "depends")
        );
        assert_eq!(
            Mode::new(0o755)
                .join(&Mode::new(0o755), &"depends".into())
                .known(),
            Some(0o755)
        );
    }
}
