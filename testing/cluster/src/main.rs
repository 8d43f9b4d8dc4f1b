// SPDX-License-Identifier: Apache-2.0
//! A cluster to look at by hand: it runs until standard input or this program ends.

use std::io::{self, Write as _};

use writeway_test_cluster::Cluster;

fn main() -> anyhow::Result<()> {
    let cluster = Cluster::start()?;
    writeln!(
        io::stdout(),
        "export KUBECONFIG={}",
        cluster.kubeconfig().display()
    )?;
    io::copy(&mut io::stdin(), &mut io::sink())?;
    Ok(())
}
