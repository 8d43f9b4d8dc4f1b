// SPDX-License-Identifier: Apache-2.0
//! Texts to an inventory: parsing alone, reading and joining alone, and both. `cargo bench -p writeway-manifest`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use writeway_manifest::{Inventory, ParsedFile};
use writeway_yaml::Stream;

/// Files of the input, and Deployments in each.
const FILES: usize = 10;
const DEPLOYMENTS: usize = 40;

fn main() {
    divan::main();
}

fn deployment(file: usize, number: usize) -> String {
    format!(
        r#"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web-{file}-{number}
  namespace: team-{file}
  labels: {{app.kubernetes.io/name: web}}
spec:
  replicas: 2
  selector:
    matchLabels:
      app: web-{number}
  template:
    metadata:
      annotations:
        checksum/config: "{number:064x}"
    spec:
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        fsGroup: 2000
      initContainers:
        - name: seed
          image: registry.example/busybox:1.37
          command: [sh, -c, "cp /secret/* /work/ && chmod 0600 /work/*"]
          volumeMounts:
            - {{name: token, mountPath: /secret, readOnly: true}}
            - {{name: work, mountPath: /work}}
      containers:
        - name: web
          image: registry.example/web:1.{number}
          env:
            - name: TOKEN_FILE
              value: /work/token.json
            - name: PASSWORD
              valueFrom:
                secretKeyRef: {{name: token-{number}, key: password}}
          ports:
            - containerPort: 8080
          resources:
            requests: {{cpu: 100m, memory: 64Mi}}
          securityContext:
            readOnlyRootFilesystem: true
            allowPrivilegeEscalation: false
            capabilities:
              drop: [ALL]
          volumeMounts:
            - name: work
              mountPath: /work
            - name: tmp
              mountPath: /tmp
      volumes:
        - name: token
          secret:
            secretName: token-{number}
            defaultMode: 0400
        - name: work
          emptyDir: {{}}
        - name: tmp
          emptyDir:
            medium: Memory
            sizeLimit: 64Mi
---
apiVersion: v1
kind: Secret
metadata:
  name: token-{number}
  namespace: team-{file}
stringData:
  password: ""
"#
    )
}

fn texts() -> Vec<String> {
    (0..FILES)
        .map(|file| (0..DEPLOYMENTS).map(|number| deployment(file, number)).collect())
        .collect()
}

fn size(texts: &[String]) -> BytesCount {
    BytesCount::new(texts.iter().map(String::len).sum::<usize>())
}

/// The tree alone, for comparison.
#[divan::bench]
fn parse(bencher: Bencher<'_, '_>) {
    let texts = texts();
    bencher.counter(size(&texts)).bench(|| {
        texts
            .iter()
            .map(|text| Stream::parse(text.as_str()))
            .collect::<Vec<_>>()
    });
}

/// From trees to the inventory.
#[divan::bench]
fn read_and_join(bencher: Bencher<'_, '_>) {
    let texts = texts();
    bencher
        .counter(ItemsCount::new(FILES * DEPLOYMENTS))
        .with_inputs(|| {
            texts
                .iter()
                .map(|text| Stream::parse(text.as_str()))
                .collect::<Vec<_>>()
        })
        .bench_values(|streams| {
            let files = streams.into_iter().enumerate();
            let files = files.map(|(index, stream)| ParsedFile::from_stream(format!("{index}.yaml"), stream));
            Inventory::from_parsed(files.collect())
        });
}

/// From texts to the inventory.
#[divan::bench]
fn whole(bencher: Bencher<'_, '_>) {
    let texts = texts();
    bencher
        .counter(size(&texts))
        .counter(ItemsCount::new(FILES * DEPLOYMENTS))
        .bench(|| {
            let files = texts.iter().enumerate();
            let files = files.map(|(index, text)| ParsedFile::parse(format!("{index}.yaml"), text.as_str()));
            Inventory::from_parsed(files.collect())
        });
}
