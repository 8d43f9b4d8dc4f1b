// SPDX-License-Identifier: Apache-2.0
//! What targets share: made when the first of them needs it.

use std::path::{Path, PathBuf};

use crate::arguments::Arguments;
use crate::exit::Failure;

use super::accept::Accept;
use super::client::{Client, Trust};
use super::credentials::Credentials;
use super::kubernetes::{self, Cluster};
use super::lookup::Lookups;
use super::roots;

/// The options, and what was made of them.
pub(super) struct Setup<'a> {
    arguments: &'a Arguments,
    lookups: Lookups,
    accept: Accept,
    credentials: Credentials,
    /// The one server that credentials go to.
    origin: Option<String>,
    plain: Option<Client>,
    encrypted: Option<Client>,
    cluster: Option<Cluster>,
}

impl<'a> Setup<'a> {
    /// Reads the options of targets.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] for an option that is wrong, or that another one excludes.
    pub(super) fn new(arguments: &'a Arguments) -> Result<Self, Failure> {
        let setup = Self {
            arguments,
            lookups: Lookups::default(),
            accept: arguments.parsed("accept", Accept::read)?.unwrap_or_default(),
            credentials: Credentials {
                token_file: arguments.path("token-file"),
                header_files: arguments.values("header-file").map(PathBuf::from).collect(),
            },
            origin: None,
            plain: None,
            encrypted: None,
            cluster: None,
        };
        if setup.insecure() {
            if !setup.credentials.is_empty() {
                return Err(Failure::usage(
                    "`--insecure-skip-tls-verify` would give credentials to whoever answers: name the authority with \
                     `--ca`",
                ));
            }
            if arguments.has("ca") {
                return Err(Failure::usage(
                    "`--insecure-skip-tls-verify` and `--ca` exclude each other",
                ));
            }
        }
        Ok(setup)
    }

    fn insecure(&self) -> bool {
        self.arguments.has("insecure-skip-tls-verify")
    }

    /// Where names are looked up.
    pub(super) fn lookups(&self) -> Lookups {
        self.lookups.clone()
    }

    /// The statuses that mean ready.
    pub(super) fn accept(&self) -> Accept {
        self.accept.clone()
    }

    /// The media type that answers must have, in small letters.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] when it is none.
    pub(super) fn content_type(&self) -> Result<Option<String>, Failure> {
        self.arguments.parsed("content-type", |text| {
            let text = text.to_ascii_lowercase();
            // RFC 9110, section 8.3.1.
            let token = |text: &str| {
                let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
                !text.is_empty() && text.bytes().all(of_token)
            };
            match text.split_once('/') {
                Some((kind, subtype)) if token(kind) && token(subtype) => Ok(text),
                _ => Err("write a media type without parameters, as `application/json`".to_owned()),
            }
        })
    }

    /// The credentials for a server: all targets that get them have to be of the same.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] at the second server.
    pub(super) fn credentials(&mut self, origin: String) -> Result<Credentials, Failure> {
        if !self.credentials.is_empty() {
            match &self.origin {
                Some(first) if *first != origin => {
                    return Err(Failure::usage(format_args!(
                        "credentials go to one server only, here to {first} and {origin}: wait for them one after the \
                         other"
                    )));
                }
                _ => self.origin = Some(origin),
            }
        }
        Ok(self.credentials.clone())
    }

    /// The client for `http:`.
    pub(super) fn plain(&mut self) -> Client {
        let lookups = self.lookups.clone();
        let no_roots = || Trust::Roots(Vec::new().into());
        self.plain
            .get_or_insert_with(|| Client::new(no_roots(), lookups))
            .clone()
    }

    /// The client for `https:`.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] when the certificates to trust cannot be read.
    pub(super) fn encrypted(&mut self) -> Result<Client, Failure> {
        if let Some(client) = &self.encrypted {
            return Ok(client.clone());
        }
        let files: Vec<&Path> = self.arguments.values("ca").map(Path::new).collect();
        let trust = if self.insecure() {
            Trust::Anything
        } else if files.is_empty() {
            Trust::Roots(roots::usual(Path::new(kubernetes::CA_FILE))?)
        } else {
            Trust::Roots(roots::of_files(&files)?)
        };
        let client = Client::new(trust, self.lookups.clone());
        Ok(self.encrypted.insert(client).clone())
    }

    /// The API server.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] when it is not known where it is, or whom to trust.
    pub(super) fn cluster(&mut self) -> Result<Cluster, Failure> {
        if let Some(cluster) = &self.cluster {
            return Ok(cluster.clone());
        }
        if self.insecure() {
            return Err(Failure::usage(
                "`--insecure-skip-tls-verify` would give the pod's token to whoever answers: name the authority with \
                 `--kube-ca`",
            ));
        }
        let cluster = Cluster::of(self.arguments, self.lookups.clone())?;
        Ok(self.cluster.insert(cluster).clone())
    }
}
