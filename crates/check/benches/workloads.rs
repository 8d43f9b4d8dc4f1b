// SPDX-License-Identifier: Apache-2.0
//! Workloads a second, through the map and through the rules. `cargo bench -p writeway-check`.

use std::hint::black_box;

use divan::Bencher;
use divan::counter::ItemsCount;
use writeway_access::Context;
use writeway_check::{Settings, check, map_all};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile};

const WORKLOADS: usize = 1000;

fn main() {
    divan::main();
}

/// Deployments with what takes part in an answer: an init container's script, owned volumes, a claim, a Secret.
fn inventory() -> Inventory {
    let deployment = |number: usize| {
        format!(
            "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
spec:
  template:
    spec:
      securityContext: {{runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000}}
      initContainers:
        - name: own
          image: acme/tools:1
          command: [sh, -c, \"mkdir -p /data/cache && chown -R 1000:1000 /data && chmod 0750 /data/cache\"]
          securityContext: {{runAsUser: 0}}
          volumeMounts: [{{name: data, mountPath: /data}}]
      containers:
        - name: app
          image: acme/app:1
          securityContext: {{readOnlyRootFilesystem: true}}
          volumeMounts:
            - {{name: data, mountPath: /data}}
            - {{name: host, mountPath: /srv}}
            - {{name: token, mountPath: /token, readOnly: true}}
      volumes:
        - {{name: data, persistentVolumeClaim: {{claimName: data}}}}
        - {{name: host, hostPath: {{path: /srv/data}}}}
        - {{name: token, secret: {{secretName: token}}}}
---
"
        )
    };
    let objects = "\
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {storageClassName: local-path}
---
apiVersion: v1
kind: Secret
metadata: {name: token}
stringData: {token.json: secret}
";
    let text: String = (0..WORKLOADS)
        .map(deployment)
        .chain([objects.to_owned()])
        .collect();
    Inventory::from_parsed(vec![ParsedFile::parse("bench.yaml", text)])
}

#[expect(
    clippy::expect_used,
    reason = "a benchmark of other facts than these would measure something else"
)]
fn facts() -> Facts {
    let text = "\
images:
  acme/app:1: &image
    complete: true
    user: \"1000\"
    env: {}
    users: {app: {uid: 1000, gid: 1000}}
    groups: {}
    volumes: []
    paths: {/: {owner: \"0:0\", mode: \"0755\"}, /tmp: {owner: \"0:0\", mode: \"1777\"}}
    tools: {kind: busybox}
  acme/tools:1: *image
hostPaths: {/srv/data: {owner: \"0:0\", mode: \"0755\"}}
storageClasses: {local-path: {source: hostPath, owner: \"0:0\", mode: \"0777\"}}
";
    writeway_facts::read(text).expect("the facts are valid")
}

#[divan::bench]
fn map(bencher: Bencher<'_, '_>) {
    let (inventory, facts) = (inventory(), facts());
    let context = Context {
        inventory: &inventory,
        facts: &facts,
        extra_paths: &[],
    };
    bencher
        .counter(ItemsCount::new(WORKLOADS))
        .bench_local(|| map_all(&context).for_each(|map| drop(black_box(map))));
}

#[divan::bench]
fn map_and_check(bencher: Bencher<'_, '_>) {
    let (inventory, facts) = (inventory(), facts());
    let context = Context {
        inventory: &inventory,
        facts: &facts,
        extra_paths: &[],
    };
    bencher
        .counter(ItemsCount::new(WORKLOADS))
        .bench_local(|| black_box(check(&context, &Settings::default())));
}
