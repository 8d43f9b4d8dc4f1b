// SPDX-License-Identifier: Apache-2.0
//! What both programs are told: options, and the files in the folder that is the working directory of both.

use std::fs;
use std::path::Path;

use anyhow::Context as _;
use serde_json::json;

use crate::certificates::{self, Authority};

/// The name of the file for kubectl.
pub(crate) const KUBECONFIG: &str = "kubeconfig";

/// Clients come through a socket in the folder, which etcd names after host and port of the address; there are no peers.
pub(crate) const ETCD: [&str; 10] = [
    "--data-dir=etcd",
    "--listen-client-urls=unix://127.0.0.1:0",
    "--advertise-client-urls=unix://127.0.0.1:0",
    "--listen-peer-urls=http://127.0.0.1:0",
    "--initial-advertise-peer-urls=http://127.0.0.1:0",
    "--initial-cluster=default=http://127.0.0.1:0",
    // The only member elects itself as soon as it may, and what it writes need not survive.
    "--heartbeat-interval=20",
    "--election-timeout=200",
    "--unsafe-no-fsync",
    "--logger=zap",
];

/// All but the port.
pub(crate) const KUBE_APISERVER: [&str; 17] = [
    "--etcd-servers=unix://127.0.0.1:0",
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    "--insecure-port=0",
    "--tls-cert-file=server.crt",
    "--tls-private-key-file=server.key",
    "--service-cluster-ip-range=10.0.0.0/24",
    "--endpoint-reconciler-type=none",
    "--authorization-mode=RBAC",
    "--token-auth-file=tokens.csv",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-account-signing-key-file=tokens.key",
    "--service-account-key-file=tokens.pub",
    "--api-audiences=https://kubernetes.default.svc",
    // No controller makes the tokens that it waits for.
    "--disable-admission-plugins=ServiceAccount",
    "--allow-privileged=true",
    "--cert-dir=certificates",
];

/// Writes what both programs and kubectl read.
///
/// # Errors
/// When a key cannot be made, or a file not be written.
pub(crate) fn lay_out(
    folder: &Path,
    authority: &Authority,
    url: &str,
    admin_token: &str,
) -> anyhow::Result<()> {
    let (certificate, key) = authority.issue(&["127.0.0.1", "localhost", "kubernetes.default.svc"])?;
    let (signing, verifying) = certificates::token_keys()?;
    let kubeconfig = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "test", "cluster": { "server": url, "certificate-authority": folder.join("ca.crt") } }],
        "users": [{ "name": "admin", "user": { "token": admin_token } }],
        "contexts": [{ "name": "test", "context": { "cluster": "test", "user": "admin" } }],
        "current-context": "test",
    });
    for (name, content) in [
        ("ca.crt", authority.pem()),
        ("server.crt", certificate),
        ("server.key", key),
        ("tokens.key", signing),
        ("tokens.pub", verifying),
        (
            "tokens.csv",
            format!("{admin_token},admin,admin,\"system:masters\"\n"),
        ),
        (KUBECONFIG, kubeconfig.to_string()),
    ] {
        fs::write(folder.join(name), content).with_context(|| format!("cannot write {name}"))?;
    }
    Ok(())
}
