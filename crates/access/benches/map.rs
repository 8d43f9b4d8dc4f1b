// SPDX-License-Identifier: Apache-2.0
//! Workloads to write maps. `cargo bench -p writeway-access`.

use divan::Bencher;
use divan::counter::ItemsCount;
use writeway_access::{Context, map_pod};
use writeway_facts::{
    EntryType, Facts, ImageFacts, Owner, PathFact, Permissions, Tools, ToolsKind, UserEntry,
};
use writeway_manifest::{Inventory, ParsedFile};

/// Deployments that are mapped, of [`SHAPES`] shapes in turn.
const DEPLOYMENTS: usize = 20;
/// Different security contexts and volumes.
const SHAPES: usize = 5;
/// Paths that the facts of the image list.
const IMAGE_PATHS: usize = 5_000;

fn main() {
    divan::main();
}

fn deployment(number: usize) -> String {
    let security = [
        "{}",
        "{runAsUser: 1000}",
        "{runAsUser: 1000, fsGroup: 2000}",
        "{runAsNonRoot: true, fsGroup: 1000, fsGroupChangePolicy: OnRootMismatch}",
        "{runAsUser: 0, supplementalGroups: [3000]}",
    ][number % SHAPES];
    let volume = [
        "emptyDir: {}",
        "emptyDir: {medium: Memory}",
        "hostPath: {path: /srv/data, type: DirectoryOrCreate}",
        "persistentVolumeClaim: {claimName: data}",
        "projected: {sources: [{serviceAccountToken: {path: token}}, {secret: {name: token}}]}",
    ][number % SHAPES];
    format!(
        "---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web-{number}, namespace: team}}
spec:
  selector: {{matchLabels: {{app: web-{number}}}}}
  template:
    metadata: {{labels: {{app: web-{number}}}}}
    spec:
      securityContext: {security}
      initContainers:
        - name: seed
          image: registry.example/app:1
          command: [sh, -c, 'set -e; mkdir -p /work/cache; cp /secret/* /work/; chmod 0600 /work/*; chown -R 1000:1000 /work || true']
          volumeMounts: [{{name: token, mountPath: /secret}}, {{name: work, mountPath: /work}}]
      containers:
        - name: web
          image: registry.example/app:1
          securityContext: {{readOnlyRootFilesystem: true, capabilities: {{drop: [ALL]}}}}
          volumeMounts: [{{name: work, mountPath: /work}}, {{name: data, mountPath: /data}}, {{name: work, mountPath: /tmp, subPath: tmp}}]
        - name: beside
          image: registry.example/app:1
          volumeMounts: [{{name: data, mountPath: /data, readOnly: true}}]
      volumes:
        - {{name: token, secret: {{secretName: token, defaultMode: 0400}}}}
        - {{name: work, emptyDir: {{}}}}
        - {{name: data, {volume}}}
"
    )
}

fn inventory() -> Inventory {
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: token, namespace: team}\nstringData: {token: ''}\n";
    let deployments: String = (0..DEPLOYMENTS).map(deployment).collect();
    Inventory::from_parsed(vec![ParsedFile::parse(
        "bench.yaml",
        format!("{secret}{deployments}"),
    )])
}

/// Facts of the image: directories with a hundred files each.
fn facts() -> Facts {
    let path = |mode, kind| PathFact {
        owner: Some(Owner { uid: 0, gid: 0 }),
        mode: Some(Permissions(mode)),
        kind,
    };
    let files = (0..IMAGE_PATHS).map(|number| {
        let name = format!("/usr/lib/{}/{number}", number / 100);
        (name, path(0o644, EntryType::File))
    });
    let directories =
        ["/tmp", "/run", "/var/tmp"].map(|name| (name.to_owned(), path(0o1777, EntryType::Directory)));
    let user = UserEntry {
        uid: 1000,
        gid: 1000,
        home: None,
    };
    let image = ImageFacts {
        complete: true,
        user: Some("1000".to_owned()),
        users: Some([("app".to_owned(), user)].into()),
        groups: Some([].into()),
        paths: files.chain(directories).collect(),
        tools: Some(Tools {
            kind: ToolsKind::Busybox,
            commands: None,
        }),
        ..ImageFacts::default()
    };
    Facts {
        images: [("registry.example/app:1".to_owned(), image)].into(),
        ..Facts::default()
    }
}

fn map_all(bencher: Bencher<'_, '_>, facts: &Facts) {
    let inventory = inventory();
    let context = Context {
        inventory: &inventory,
        facts,
        extra_paths: &[],
    };
    bencher
        .counter(ItemsCount::new(inventory.workloads().len()))
        .bench(|| {
            let workloads = inventory.workloads().iter();
            workloads
                .map(|workload| map_pod(&context, workload))
                .collect::<Vec<_>>()
        });
}

/// Nothing is known beside the manifests.
#[divan::bench]
fn without_facts(bencher: Bencher<'_, '_>) {
    map_all(bencher, &Facts::default());
}

/// Everything in the image is listed, as `writeway facts` lists it.
#[divan::bench(sample_count = 10)]
fn with_facts_of_an_image(bencher: Bencher<'_, '_>) {
    map_all(bencher, &facts());
}
