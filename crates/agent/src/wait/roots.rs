// SPDX-License-Identifier: Apache-2.0
//! Which certificate authorities are trusted.

use std::path::Path;
use std::sync::Arc;

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use crate::exit::Failure;

use super::small_file;

/// Where Debian and Alpine, Fedora and Red Hat, and OpenSUSE keep the system's (Go, crypto/x509/root_linux.go).
const SYSTEM: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// The most that is read of one file, in KiB: the system's have about 250.
const LARGEST: u16 = 4 << 10;

/// The authorities in these files.
///
/// # Errors
/// [`crate::Exit::Usage`] for a file that cannot be read, or has no certificate.
pub(super) fn of_files(paths: &[&Path]) -> Result<RootCerts, Failure> {
    let mut certificates = Vec::new();
    for path in paths {
        let before = certificates.len();
        let cannot =
            |why: String| Failure::usage(format_args!("no certificates in {}: {why}", path.display()));
        read(path, &mut certificates).map_err(cannot)?;
        if certificates.len() == before {
            return Err(cannot("there is no `BEGIN CERTIFICATE` in it".to_owned()));
        }
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

/// What is trusted where nobody says it: the file that SSL_CERT_FILE names, as for OpenSSL and Go; else the cluster's
/// authority and the system's, as far as they are there.
///
/// # Errors
/// [`crate::Exit::Usage`] when the file of SSL_CERT_FILE cannot be read.
pub(super) fn usual(of_cluster: &Path) -> Result<RootCerts, Failure> {
    if let Some(path) = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty()) {
        return of_files(&[Path::new(&path)]);
    }
    let mut certificates = Vec::new();
    // What cannot be read is not trusted; a server that needed it is refused, and the message says so.
    let _ = read(of_cluster, &mut certificates);
    if let Some(path) = SYSTEM.iter().map(Path::new).find(|path| path.exists()) {
        let _ = read(path, &mut certificates);
    }
    Ok(RootCerts::Specific(Arc::new(certificates)))
}

fn read(path: &Path, certificates: &mut Vec<Certificate<'static>>) -> Result<(), String> {
    let pem = small_file::read(path, LARGEST)?;
    for item in parse_pem(&pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => certificates.push(certificate),
            Ok(_) => {}
            Err(_) => return Err("it is not PEM".to_owned()),
        }
    }
    Ok(())
}
