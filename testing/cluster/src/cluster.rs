// SPDX-License-Identifier: Apache-2.0
//! An API server with its store: start, readiness, end.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::Value;
use tempfile::TempDir;

use crate::certificates::Authority;
use crate::client::Client;
use crate::eventually::eventually;
use crate::guarded::Guarded;
use crate::namespace::Namespace;
use crate::{programs, setup};

/// How long a start may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// Longer than an answer takes on such a machine.
const ANSWER: Duration = Duration::from_secs(30);

/// How long an answer about readiness may take. Where somebody else has the port, there is none.
const READINESS: Duration = Duration::from_secs(2);

/// How often readiness is asked for: the server has no other signal.
const PAUSE: Duration = Duration::from_millis(50);

/// How often another port is tried when somebody took the one that was free.
const ATTEMPTS: u32 = 3;

/// How the server says that (Go, `syscall`, the text of `EADDRINUSE`).
const TAKEN: &str = "address already in use";

/// A running cluster. Both programs end with it, and their data goes.
#[derive(Debug)]
pub struct Cluster {
    url: String,
    ca: String,
    agent: ureq::Agent,
    admin_token: String,
    folder: PathBuf,
    namespaces: AtomicU32,
    // Dropped in this order: a server without its store would complain.
    kube_apiserver: Guarded,
    etcd: Guarded,
}

impl Cluster {
    /// The cluster of this process, started by the first who asks. It ends with the process.
    ///
    /// # Panics
    /// When it cannot be started: with what its programs said.
    #[must_use]
    #[expect(clippy::panic, reason = "a test without its cluster fails")]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
        match SHARED.get_or_init(|| Self::start().map_err(|error| format!("{error:#}"))) {
            Ok(cluster) => cluster,
            Err(error) => panic!("{error}"),
        }
    }

    /// Starts a cluster, and returns when it says that it is ready.
    ///
    /// # Errors
    /// When a program is missing, ends early, or is not ready in time; with what it said.
    pub fn start() -> anyhow::Result<Self> {
        let mut attempt = 1;
        loop {
            match Self::start_on(free_port()?) {
                Err(error) if attempt < ATTEMPTS && format!("{error:#}").contains(TAKEN) => {
                    attempt += 1;
                }
                result => return result,
            }
        }
    }

    fn start_on(port: u16) -> anyhow::Result<Self> {
        let kube_apiserver = programs::path("kube-apiserver")?;
        let etcd = programs::path("etcd")?;
        let authority = Authority::new()?;
        let ca = authority.pem();
        let admin_token = random()?;
        let url = format!("https://127.0.0.1:{port}");

        let folder = TempDir::with_prefix("writeway-test-cluster-").context("cannot create a folder")?;
        setup::lay_out(folder.path(), &authority, &url, &admin_token)?;
        let etcd = Guarded::start(&etcd, setup::ETCD, folder.path())?;
        // From here on the guards remove it.
        let folder = folder.keep();
        let port = format!("--secure-port={port}");
        let kube_apiserver = Guarded::start(
            &kube_apiserver,
            setup::KUBE_APISERVER.iter().copied().chain([port.as_str()]),
            &folder,
        )?;
        let mut cluster = Self {
            url,
            agent: Client::agent(&ca, ANSWER)?,
            ca,
            admin_token,
            folder,
            namespaces: AtomicU32::new(0),
            kube_apiserver,
            etcd,
        };
        cluster.wait_until_ready()?;
        Ok(cluster)
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let agent = Client::agent(&self.ca, READINESS)?;
        let admin = Client::new(&self.url, agent, &self.admin_token);
        let started = Instant::now();
        let mut last = "nothing".to_owned();
        while started.elapsed() < PATIENCE {
            match admin.get("/readyz") {
                Ok(answer) if answer.status == 200 => return Ok(()),
                Ok(answer) => last = format!("{}: {}", answer.status, answer.body),
                Err(error) => last = format!("{error:#}"),
            }
            for (name, program) in [
                ("kube-apiserver", &mut self.kube_apiserver),
                ("etcd", &mut self.etcd),
            ] {
                if let Some(status) = program.ended() {
                    bail!("{name} ended: {status}; it said:\n{}", program.said());
                }
            }
            std::thread::sleep(PAUSE);
        }
        bail!(
            "the test cluster is not ready after {} s: {last}\nkube-apiserver said:\n{}\netcd said:\n{}",
            PATIENCE.as_secs(),
            self.kube_apiserver.said(),
            self.etcd.said()
        )
    }

    /// The address of the API: `https://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The certificate of the authority that signed the server's, as PEM.
    #[must_use]
    pub fn ca(&self) -> &str {
        &self.ca
    }

    /// The token of a member of `system:masters`.
    #[must_use]
    pub fn admin_token(&self) -> &str {
        &self.admin_token
    }

    /// A file for `kubectl --kubeconfig`, with the token of the administrator.
    #[must_use]
    pub fn kubeconfig(&self) -> PathBuf {
        self.folder.join(setup::KUBECONFIG)
    }

    /// Whoever a token belongs to.
    #[must_use]
    pub fn client(&self, token: &str) -> Client {
        Client::new(&self.url, self.agent.clone(), token)
    }

    /// Whoever a token belongs to, when it trusts servers that another authority knows.
    ///
    /// # Errors
    /// When that is no certificate.
    pub fn client_trusting(&self, ca: &str, token: &str) -> anyhow::Result<Client> {
        Ok(Client::new(&self.url, Client::agent(ca, ANSWER)?, token))
    }

    /// The administrator.
    #[must_use]
    pub fn admin(&self) -> Client {
        self.client(&self.admin_token)
    }

    /// Makes a namespace that no other test has.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn namespace(&self) -> anyhow::Result<Namespace> {
        let number = self.namespaces.fetch_add(1, Ordering::Relaxed);
        Namespace::create(self.admin(), format!("test-{number}"))
    }

    /// Defines a kind by a `CustomResourceDefinition`, and returns when the server serves its first version.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn define(&self, definition: &Value) -> anyhow::Result<()> {
        let admin = self.admin();
        let definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        let spec = &admin.create(definitions, definition)?.object()?["spec"];
        let word = |value: &Value| {
            value
                .as_str()
                .map(str::to_owned)
                .context("a definition lacks a name")
        };
        let group = word(&spec["group"])?;
        let version = word(&spec["versions"][0]["name"])?;
        let plural = word(&spec["names"]["plural"])?;
        let path = format!("/apis/{group}/{version}/{plural}");
        eventually(&format!("{path} is served"), || {
            Ok(admin.get(&path)?.status == 200)
        })
    }
}

/// A port that was free a moment ago. Nobody can keep it for the server, which binds it by number.
fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("no port is free")?;
    Ok(listener.local_addr()?.port())
}

/// A secret of 128 bits.
fn random() -> anyhow::Result<String> {
    let mut bytes = [0; 16];
    rustls::crypto::ring::default_provider()
        .secure_random
        .fill(&mut bytes)
        .map_err(|_| anyhow::anyhow!("the machine has no random numbers"))?;
    Ok(data_encoding::HEXLOWER.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_that_somebody_took_is_told_by_the_words_that_another_attempt_needs() {
        let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let error = Cluster::start_on(taken.local_addr().unwrap().port()).unwrap_err();
        assert!(format!("{error:#}").contains(TAKEN), "{error:#}");
    }
}
