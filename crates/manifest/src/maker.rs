// SPDX-License-Identifier: Apache-2.0
//! Custom resources whose controllers make Secrets.

use crate::Spanned;

/// A custom resource from which a controller makes a Secret of the same namespace.
#[derive(Debug, Clone, PartialEq)]
pub struct SecretMaker {
    /// Name of the Secret.
    pub secret: Spanned<String>,
    /// What the controller does with the Secret later.
    pub upkeep: Upkeep,
}

/// What a controller does with a Secret after it made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upkeep {
    /// The values follow a source outside of the manifests, and what others write is overwritten.
    Follows,
    /// What the manifest says is restored; the values change with the manifest only.
    Restores,
    /// Keys of the manifest are restored, those of others are kept.
    Merges,
    /// Nothing.
    None,
}
