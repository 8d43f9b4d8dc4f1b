// SPDX-License-Identifier: Apache-2.0
//! `--image`.

use writeway_generate::Image;

/// Reads an image reference.
pub(super) fn parse(text: &str) -> Result<Image, String> {
    Image::parse(text).map_err(|error| error.to_string())
}
