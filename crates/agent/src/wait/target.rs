// SPDX-License-Identifier: Apache-2.0
//! What can be waited for: one table, by the word before the colon.

use std::ffi::OsString;
use std::time::Instant;

use crate::exit::Failure;

use super::setup::Setup;
use super::{dns, file, http, kubernetes, tcp, unix};

/// Something that may become ready.
pub(super) trait Probe: Send {
    /// How messages name it: never with a query or a user of a URL.
    fn shown(&self) -> String;

    /// Looks once, and not longer than `until`, as far as that can be had.
    ///
    /// # Errors
    /// Why it is not ready: a few words that stay the same as long as the reason does, and nothing that an answer holds.
    fn look(&mut self, until: Instant) -> Result<(), String>;
}

/// Reads what follows the colon of a target.
type Read = fn(&str, &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure>;

/// A way to write a target.
struct Scheme {
    /// The word before the colon.
    word: &'static str,
    read: Read,
}

const SCHEMES: &[Scheme] = &[
    Scheme {
        word: "http",
        read: http::plain,
    },
    Scheme {
        word: "https",
        read: http::encrypted,
    },
    Scheme {
        word: "tcp",
        read: tcp::read,
    },
    Scheme {
        word: "unix",
        read: unix::read,
    },
    Scheme {
        word: "file",
        read: file::there,
    },
    Scheme {
        word: "non-empty",
        read: file::non_empty,
    },
    Scheme {
        word: "dns",
        read: dns::read,
    },
    Scheme {
        word: "k8s",
        read: kubernetes::read,
    },
];

/// Reads the targets; there has to be one at least.
///
/// # Errors
/// [`crate::Exit::Usage`] with what is wrong. What was written is only repeated where it cannot hold a secret.
pub(super) fn read(operands: &[OsString], setup: &mut Setup<'_>) -> Result<Vec<Box<dyn Probe>>, Failure> {
    if operands.is_empty() {
        return Err(Failure::usage(format_args!(
            "no target; it begins with {}",
            words()
        )));
    }
    operands.iter().map(|operand| read_one(operand, setup)).collect()
}

fn read_one(operand: &OsString, setup: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    let text = operand
        .to_str()
        .ok_or_else(|| Failure::usage("a target is not UTF-8"))?;
    let scheme = text
        .split_once(':')
        .and_then(|(word, rest)| Some((SCHEMES.iter().find(|scheme| scheme.word == word)?, rest)));
    let Some((scheme, rest)) = scheme else {
        return Err(Failure::usage(format_args!("a target begins with {}", words())));
    };
    (scheme.read)(rest, setup)
}

fn words() -> String {
    let words: Vec<String> = SCHEMES
        .iter()
        .map(|scheme| format!("`{}:`", scheme.word))
        .collect();
    words.join(", ")
}

/// `HOST:PORT` after `//`, with an IPv6 address in brackets.
///
/// # Errors
/// What is wrong with it.
pub(super) fn host_and_port(text: &str) -> Result<(&str, u16), String> {
    let refused = || "write HOST:PORT, an IPv6 address in brackets".to_owned();
    let (host, port) = text.rsplit_once(':').ok_or_else(refused)?;
    let port = port.parse().ok().filter(|port| *port != 0).ok_or_else(refused)?;
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').ok_or_else(refused)?,
        None if host.contains(':') => return Err(refused()),
        None => host,
    };
    if is_host(bare) {
        Ok((bare, port))
    } else {
        Err(refused())
    }
}

/// Whether it can be a host's name or address: nothing that a URL's user, path or query begins with.
pub(super) fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte))
}
