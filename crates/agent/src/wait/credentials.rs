// SPDX-License-Identifier: Apache-2.0
//! What is sent to prove who asks: read from files, anew for each look, and never shown.

use std::path::{Path, PathBuf};

use ureq::http::header::{AUTHORIZATION, HeaderName, HeaderValue};

use super::small_file;

/// The most that is read of one file, in KiB: servers take some KiB of headers.
const LARGEST: u16 = 64;

/// Where tokens and headers come from.
#[derive(Clone, Debug, Default)]
pub(super) struct Credentials {
    pub(super) token_file: Option<PathBuf>,
    pub(super) header_files: Vec<PathBuf>,
}

impl Credentials {
    /// A token only.
    pub(super) fn token(file: Option<PathBuf>) -> Self {
        Self {
            token_file: file,
            header_files: Vec::new(),
        }
    }

    /// Whether anything is sent.
    pub(super) fn is_empty(&self) -> bool {
        self.token_file.is_none() && self.header_files.is_empty()
    }

    /// The headers, as the files are now.
    ///
    /// # Errors
    /// Which file is not as it should be, and why; nothing of what is in it.
    pub(super) fn headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, String> {
        let mut headers = Vec::new();
        if let Some(path) = &self.token_file {
            headers.push((AUTHORIZATION, bearer(path)?));
        }
        for path in &self.header_files {
            for (index, line) in read(path)?.lines().enumerate() {
                if line.trim().is_empty() {
                    continue;
                }
                headers.push(header(line).ok_or_else(|| {
                    format!(
                        "line {} of {} is no header `Name: value`",
                        index + 1,
                        path.display()
                    )
                })?);
            }
        }
        Ok(headers)
    }
}

fn bearer(path: &Path) -> Result<HeaderValue, String> {
    let text = read(path)?;
    let token = text.trim();
    if token.is_empty() {
        return Err(format!("there is no token in {}: it is empty", path.display()));
    }
    HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| {
        format!(
            "there is no token in {}: it has more than one line",
            path.display()
        )
    })
}

fn header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.split_once(':')?;
    Some((
        name.trim().parse().ok()?,
        HeaderValue::from_str(value.trim()).ok()?,
    ))
}

fn read(path: &Path) -> Result<String, String> {
    small_file::read(path, LARGEST)
        .and_then(|bytes| String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned()))
        .map_err(|why| format!("cannot read {}: {why}", path.display()))
}
