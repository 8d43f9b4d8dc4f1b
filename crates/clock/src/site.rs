// SPDX-License-Identifier: Apache-2.0
//! Places in scripts, and in scripts within them.

/// A place in a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Site {
    /// Which text: 0 is the script itself, others are scripts that it runs.
    pub(crate) source: u32,
    /// First byte.
    pub(crate) start: u32,
    /// One past the last byte.
    pub(crate) end: u32,
}
