// SPDX-License-Identifier: Apache-2.0
//! Secrets that somebody renews while pods use them.

use writeway_manifest::{Inventory, ObjectRef, Upkeep, Workload};

/// Beginnings of annotations of controllers that restart a workload when its Secrets change.
const RESTARTERS: &[&str] = &[
    "reloader.stakater.com/",
    "secret.reloader.stakater.com/",
    "wave.pusher.com/",
];

/// The object among the inputs that renews a Secret from a source outside of them.
pub fn renewer<'a>(inventory: &'a Inventory, namespace: Option<&str>, secret: &str) -> Option<&'a ObjectRef> {
    let maker = inventory.maker_of_secret(namespace, secret)?;
    (maker.upkeep == Upkeep::Follows).then_some(&maker.object)
}

/// Whether a workload's pods live on when a Secret of theirs is renewed: no controller replaces them then, and they do not
/// end soon by themselves.
pub fn outlives_renewals(inventory: &Inventory, workload: &Workload) -> bool {
    let metadata = inventory.metadata(&workload.object);
    let own = metadata
        .into_iter()
        .flat_map(|metadata| metadata.annotations.keys());
    let mut annotations = own.chain(workload.pod_annotations.keys());
    let restarted = annotations.any(|key| RESTARTERS.iter().any(|prefix| key.starts_with(prefix)));
    !restarted && !matches!(workload.object.kind.as_str(), "Job" | "CronJob")
}
