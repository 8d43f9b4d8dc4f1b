// SPDX-License-Identifier: Apache-2.0
//! The API server, as a pod finds it (client-go, rest/config.go, `InClusterConfig`).

use std::path::{Path, PathBuf};

use ureq::http::Uri;

use crate::arguments::Arguments;
use crate::exit::Failure;
use crate::wait::client::{Client, Trust};
use crate::wait::credentials::Credentials;
use crate::wait::lookup::Lookups;
use crate::wait::{http, roots, small_file};

const TOKEN_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
/// The cluster's certificate authority, in each pod that has a service account's token.
pub(in crate::wait) const CA_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

/// An API server, and who asks it.
#[derive(Clone, Debug)]
pub(in crate::wait) struct Cluster {
    /// `https://10.96.0.1:443`, without a path.
    base: String,
    pub(super) client: Client,
    pub(super) credentials: Credentials,
}

impl Cluster {
    /// The API server that options name, or the one of the pod.
    ///
    /// # Errors
    /// [`crate::Exit::Usage`] when there is none, or its authority cannot be read.
    pub(in crate::wait) fn of(arguments: &Arguments, lookups: Lookups) -> Result<Self, Failure> {
        let given = arguments
            .value("kube-api-server")
            .map(|url| url.to_string_lossy());
        let base = match &given {
            Some(url) => given_server(url)?,
            None => server_of_pod()?,
        };
        let token = arguments.path("kube-token-file").or_else(|| {
            // The pod's token is for the pod's cluster, not for any server that is named.
            given.is_none().then(|| PathBuf::from(TOKEN_FILE))
        });
        let trust = match arguments.path("kube-ca") {
            Some(path) => roots::of_files(&[&path])?,
            None if base.starts_with("http:") => Vec::new().into(),
            None => roots::of_files(&[Path::new(CA_FILE)])?,
        };
        Ok(Self {
            base,
            client: Client::new(Trust::Roots(trust), lookups),
            credentials: Credentials::token(token),
        })
    }

    /// The address of what lies under a path.
    pub(super) fn uri(&self, path: &str) -> Option<Uri> {
        format!("{}{path}", self.base).parse().ok()
    }
}

/// The pod's own namespace.
pub(super) fn own_namespace() -> Option<String> {
    let text = String::from_utf8(small_file::read(Path::new(NAMESPACE_FILE), 1).ok()?).ok()?;
    let name = text.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

fn given_server(url: &str) -> Result<String, Failure> {
    let scheme = ["https", "http"]
        .into_iter()
        .find_map(|scheme| Some((scheme, url.strip_prefix(scheme)?.strip_prefix(':')?)));
    let (scheme, rest) =
        scheme.ok_or_else(|| Failure::usage("`--kube-api-server`: write https://HOST[:PORT]"))?;
    let uri = http::uri(scheme, rest)?;
    if uri.query().is_some() {
        return Err(Failure::usage(
            "`--kube-api-server` has a query: write https://HOST[:PORT]",
        ));
    }
    let path = uri.path().trim_end_matches('/');
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    Ok(format!("{scheme}://{authority}{path}"))
}

fn server_of_pod() -> Result<String, Failure> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let (Some(host), Some(port)) = (
        variable("KUBERNETES_SERVICE_HOST"),
        variable("KUBERNETES_SERVICE_PORT"),
    ) else {
        return Err(Failure::usage(
            "this is no pod, for KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: name the API server \
             with `--kube-api-server`",
        ));
    };
    let host = if host.contains(':') {
        format!("[{host}]")
    } else {
        host
    };
    let uri = http::uri("https", &format!("//{host}:{port}"))
        .map_err(|_| Failure::usage("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address"))?;
    Ok(format!(
        "https://{}",
        uri.authority().map_or("", |authority| authority.as_str())
    ))
}
