// SPDX-License-Identifier: Apache-2.0
//! How large a volume may become.

use writeway_manifest::Quantity;

use crate::Error;

/// A number of bytes as Kubernetes writes it, such as `64Mi`: the `sizeLimit` of an emptyDir.
///
/// ```
/// use writeway_generate::Size;
///
/// assert_eq!(Size::parse("64Mi")?.as_str(), "64Mi");
/// assert!(Size::parse("64 MB").is_err());
/// # Ok::<(), writeway_generate::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Size(String);

impl Size {
    /// A size in Mi, 1024 × 1024 bytes each; at least one.
    #[must_use]
    pub fn mebibytes(amount: std::num::NonZeroU32) -> Self {
        Self(format!("{amount}Mi"))
    }

    /// A quantity (`resource.Quantity`), kept as it is written.
    ///
    /// # Errors
    /// [`Error::Size`] when the API server refuses it, and when it is nothing: `0` means no limit at all.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match Quantity::parse(text) {
            Some(quantity) if quantity > Quantity::ZERO => Ok(Self(text.to_owned())),
            _ => Err(Error::Size {
                size: text.to_owned(),
            }),
        }
    }

    /// The quantity as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One that is written here.
    pub(crate) fn literal(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Display for Size {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
