// SPDX-License-Identifier: Apache-2.0
//! An operator in small: makes a pod whose program runs as uid 1000 on a claim that belongs to somebody else, with an init
//! container that hands the volume over.
//!
//! ```text
//! writeway-example-operator NAMESPACE CLAIM
//! ```
//!
//! It finds the API server as kubectl does, by `KUBECONFIG` or from within a pod. It may `get` namespaces and `create` pods.

mod pod;

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use k8s_openapi::api::core::v1::{Namespace, Pod};
use kube::api::PostParams;
use kube::{Api, Client, ResourceExt as _};
use writeway_generate::Level;

/// The label by which a namespace says what it enforces.
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(
                clippy::print_stderr,
                reason = "this is where an example says what went wrong"
            )]
            {
                eprintln!("{error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [namespace, claim] = arguments.as_slice() else {
        bail!("usage: writeway-example-operator NAMESPACE CLAIM");
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(submit(namespace, claim))
}

/// Makes the pod, unless the namespace would not admit it: the API server says that of a pod at once, but of a Deployment
/// only in the events of its ReplicaSet, where nobody looks.
async fn submit(namespace: &str, claim: &str) -> anyhow::Result<()> {
    let client = Client::try_default().await.context("no API server is known")?;
    let found = Api::<Namespace>::all(client.clone()).get(namespace).await;
    let labels = found.context("cannot read the namespace")?;
    let level = match labels.labels().get(ENFORCE) {
        Some(label) => label.parse()?,
        None => Level::Privileged,
    };
    let pod = pod::ledger(claim, level)?;
    let pods = Api::<Pod>::namespaced(client, namespace);
    let made = pods.create(&PostParams::default(), &pod).await;
    let made = made.context("cannot make the pod")?;
    #[expect(clippy::print_stdout, reason = "this is what the example did")]
    {
        println!("{}", made.name_any());
    }
    Ok(())
}
