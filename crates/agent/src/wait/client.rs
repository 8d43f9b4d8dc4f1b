// SPDX-License-Identifier: Apache-2.0
//! One GET, in bounded time: the HTTP client as `wait` uses it.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::CertificateError;
use rustls::crypto::{CryptoProvider, KeyProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::SigningKey;
use ureq::config::Config;
use ureq::http::header::{HeaderName, HeaderValue};
use ureq::http::{Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ArrayVec, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector as _, NextTimeout, RustlsConnector, TcpConnector};
use ureq::{Agent, Body, Error, Timeout};

use crate::errno;

use super::lookup::Lookups;

/// Which certificates of servers are taken.
pub(super) enum Trust {
    /// Those that one of these signed.
    Roots(RootCerts),
    /// Any.
    Anything,
}

/// A client that follows no redirect, uses no proxy, keeps no connection and decompresses nothing.
#[derive(Clone, Debug)]
pub(super) struct Client {
    agent: Agent,
    lookups: Lookups,
}

/// Connecting is over this much before the whole look is, so that a look which is over says what it was caught in.
const LEAD: Duration = Duration::from_millis(5);

impl Client {
    pub(super) fn new(trust: Trust, lookups: Lookups) -> Self {
        // It fails where one was installed before, which is the same.
        let _ = CryptoProvider {
            key_provider: &NoKeys,
            ..ring::default_provider()
        }
        .install_default();
        let tls = match trust {
            Trust::Roots(roots) => TlsConfig::builder().root_certs(roots),
            Trust::Anything => TlsConfig::builder().disable_verification(true),
        };
        let config = Config::builder()
            .tls_config(tls.build())
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("writeway-agent/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .max_idle_connections(0)
            .max_response_header_size(32 << 10)
            .input_buffer_size(48 << 10)
            .output_buffer_size(16 << 10)
            .build();
        // The usual connector without its proxies.
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        Self {
            agent: Agent::with_parts(config, connector, Names(lookups.clone())),
            lookups,
        }
    }

    /// Sends a GET, and reads the head of the answer; its body can be read until the same time.
    ///
    /// # Errors
    /// Why there is no answer; nothing that the other side sent.
    pub(super) fn get(
        &self,
        uri: &Uri,
        headers: Vec<(HeaderName, HeaderValue)>,
        until: Instant,
    ) -> Result<Response<Body>, String> {
        // The client asks for the name again, and gets the same answer from those that are kept.
        self.lookups.addresses(uri.host().unwrap_or_default(), until)?;
        let left = until.saturating_duration_since(Instant::now());
        let mut request = self
            .agent
            .get(uri)
            .config()
            .timeout_global(Some(left.max(Duration::from_millis(1))))
            .timeout_connect(Some(left.saturating_sub(LEAD).max(Duration::from_millis(1))))
            .build();
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request.call().map_err(|error| reason(&error))
    }
}

/// No client certificates, so no keys: what signs with them is not in the binary.
#[derive(Debug)]
struct NoKeys;

impl KeyProvider for NoKeys {
    fn load_private_key(&self, _: PrivateKeyDer<'static>) -> Result<Arc<dyn SigningKey>, rustls::Error> {
        Err(rustls::Error::General(
            "there are no client certificates".to_owned(),
        ))
    }
}

/// The resolver of the client: names are looked up where all targets' are.
#[derive(Debug)]
struct Names(Lookups);

impl Resolver for Names {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().ok_or(Error::HostNotFound)?;
        let usual = if uri.scheme_str() == Some("https") {
            443
        } else {
            80
        };
        let port = uri.port_u16().unwrap_or(usual);
        let now = Instant::now();
        let until = now.checked_add(*timeout.after).unwrap_or(now);
        let addresses = self.0.addresses(host, until).map_err(|_| Error::HostNotFound)?;
        let mut found: ResolvedSocketAddrs = ArrayVec::from_fn(|_| ([0, 0, 0, 0], 0).into());
        // As many as the client has room for.
        for address in addresses.into_iter().take(16) {
            found.push((address, port).into());
        }
        Ok(found)
    }
}

/// Why there is no answer, or not all of it.
fn reason(error: &Error) -> String {
    match error {
        Error::Timeout(Timeout::Connect) => "no connection in time".to_owned(),
        Error::Timeout(_) => "connected, but no answer in time".to_owned(),
        Error::HostNotFound => "its name is not resolved".to_owned(),
        Error::Io(error) => io_reason(error),
        Error::Rustls(error) => tls_reason(error),
        Error::Tls(_) => "its name is none that a certificate can have".to_owned(),
        Error::LargeResponseHeader(..) => "the head of the answer is too large".to_owned(),
        Error::Protocol(_) | Error::Http(_) => {
            "the answer is not HTTP/1.1, or has too many headers".to_owned()
        }
        Error::ConnectionFailed => "no connection".to_owned(),
        _ => "no answer".to_owned(),
    }
}

/// Why reading or writing failed.
pub(super) fn io_reason(error: &io::Error) -> String {
    let inner = error.get_ref();
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
        return tls_reason(error);
    }
    if let Some(error) = inner.and_then(|inner| inner.downcast_ref::<Error>()) {
        return reason(error);
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "the connection was closed before the answer ended".to_owned(),
        io::ErrorKind::TimedOut => "no answer in time".to_owned(),
        _ => errno::io_reason(error),
    }
}

fn tls_reason(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            // An authority of the same name that was made anew has another key.
            CertificateError::UnknownIssuer | CertificateError::BadSignature => {
                "its certificate is of an authority that is not trusted: name its file with --ca or --kube-ca"
                    .to_owned()
            }
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "its certificate has expired".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "its certificate is not valid yet".to_owned()
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                "its certificate is for another name".to_owned()
            }
            _ => "its certificate is not valid".to_owned(),
        },
        rustls::Error::AlertReceived(alert) => format!("the server refused TLS: {alert:?}"),
        rustls::Error::InvalidMessage(_) => "the other side does not speak TLS".to_owned(),
        _ => "the TLS handshake failed".to_owned(),
    }
}
