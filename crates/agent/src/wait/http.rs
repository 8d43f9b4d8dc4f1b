// SPDX-License-Identifier: Apache-2.0
//! `http://…` and `https://…`: a GET is answered with a status that is accepted. Nothing of an answer but its head is
//! read: an endless body costs nothing.

use std::time::Instant;

use ureq::http::Uri;
use ureq::http::header::{CONTENT_TYPE, LOCATION};

use crate::exit::Failure;

use super::accept::Accept;
use super::client::Client;
use super::credentials::Credentials;
use super::setup::Setup;
use super::target::{self, Probe};

struct Http {
    uri: Uri,
    client: Client,
    accept: Accept,
    content_type: Option<String>,
    credentials: Credentials,
}

pub(super) fn plain(text: &str, setup: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    let uri = uri("http", text)?;
    let client = setup.plain();
    read(uri, client, setup)
}

pub(super) fn encrypted(text: &str, setup: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    let uri = uri("https", text)?;
    let client = setup.encrypted()?;
    read(uri, client, setup)
}

fn read(uri: Uri, client: Client, setup: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    Ok(Box::new(Http {
        client,
        accept: setup.accept(),
        content_type: setup.content_type()?,
        credentials: setup.credentials(origin(&uri))?,
        uri,
    }))
}

/// Reads a URL.
///
/// # Errors
/// [`crate::Exit::Usage`], without a word of what was written: it may hold a password.
pub(super) fn uri(scheme: &str, rest: &str) -> Result<Uri, Failure> {
    let authority = rest
        .strip_prefix("//")
        .and_then(|rest| rest.split(['/', '?', '#']).next());
    if authority.is_some_and(|authority| authority.contains('@')) {
        return Err(Failure::usage(format_args!(
            "a target `{scheme}:` has a user or a password, which others can read on a command line: use `--token-file` \
             or `--header-file`"
        )));
    }
    let uri: Option<Uri> = authority.and_then(|_| format!("{scheme}:{rest}").parse().ok());
    let right = |uri: &Uri| {
        let host = uri.host().unwrap_or_default();
        // The parser takes any number for a port, and none after a colon.
        let port = uri
            .authority()
            .and_then(|authority| authority.as_str().strip_prefix(host));
        target::is_host(host.trim_start_matches('[').trim_end_matches(']'))
            && (port == Some("") || uri.port_u16().is_some_and(|port| port != 0))
    };
    uri.filter(right).ok_or_else(|| {
        Failure::usage(format_args!(
            "a target `{scheme}:` cannot be read: write {scheme}://HOST[:PORT]/PATH, with `%` for what a URL cannot hold"
        ))
    })
}

/// Which server it is.
fn origin(uri: &Uri) -> String {
    let scheme = uri.scheme_str().unwrap_or_default();
    format!(
        "{scheme}://{}",
        uri.authority().map_or("", |authority| authority.as_str())
    )
}

impl Probe for Http {
    fn shown(&self) -> String {
        let query = if self.uri.query().is_some() { "?…" } else { "" };
        format!("{}{}{query}", origin(&self.uri), self.uri.path())
    }

    fn look(&mut self, until: Instant) -> Result<(), String> {
        let headers = self.credentials.headers()?;
        let answer = self.client.get(&self.uri, headers, until)?;
        let status = answer.status();
        if !self.accept.takes(status.as_u16()) {
            let redirect = if status.is_redirection() && answer.headers().contains_key(LOCATION) {
                "; redirects are not followed"
            } else {
                ""
            };
            return Err(format!("{} (not in {}{redirect})", status.as_u16(), self.accept));
        }
        let Some(wanted) = &self.content_type else {
            return Ok(());
        };
        let given = answer
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .map(|value| value.trim().to_ascii_lowercase());
        match given {
            Some(given) if given == *wanted => Ok(()),
            Some(given) if given == "text/html" => {
                Err(format!("{}, but HTML instead of {wanted}", status.as_u16()))
            }
            _ => Err(format!("{}, but not {wanted}", status.as_u16())),
        }
    }
}
