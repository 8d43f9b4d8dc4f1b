// SPDX-License-Identifier: Apache-2.0
//! How fast a stream becomes a tree, beside the bare events of the parser below it on the same text.
//!
//! `cargo bench -p writeway-yaml` ends with a line `tree/events ratio`; the house wants at least 0.70.

use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use divan::Bencher;
use divan::counter::BytesCount;
use granit_parser::Parser;
use writeway_yaml::Stream;

/// Large enough that caches do not flatter either side.
const BYTES: usize = 12 << 20;
/// The fastest of these counts, since a busy machine only ever slows down.
const ROUNDS: usize = 7;

static MIXED: LazyLock<Arc<str>> = LazyLock::new(|| mixed(BYTES).into());
static JSON: LazyLock<Arc<str>> = LazyLock::new(|| json(BYTES).into());

#[expect(clippy::print_stdout, reason = "the ratio is what the benchmark is for")]
fn main() {
    divan::main();
    let (mut tree, mut events) = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        tree = tree.min(time(|| {
            black_box(Stream::parse(MIXED.clone()));
        }));
        events = events.min(time(|| {
            black_box(count_events(&MIXED));
        }));
    }
    let megabytes = |duration: Duration| MIXED.len() as f64 / 1e6 / duration.as_secs_f64();
    println!(
        "tree {:.1} MB/s, events {:.1} MB/s, tree/events ratio {:.2}",
        megabytes(tree),
        megabytes(events),
        events.as_secs_f64() / tree.as_secs_f64()
    );
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The event loop of the parser with the options of the tree, and nothing else.
fn count_events(text: &str) -> usize {
    let mut options = granit_parser::options! { emit_unresolved_aliases: true, emit_anchor_events: true };
    options.set_emit_comments(false);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut count = 0;
    while let Some(Ok(event)) = parser.next_event() {
        black_box(&event);
        count += 1;
    }
    count
}

#[divan::bench(sample_count = 5)]
fn tree(bencher: Bencher<'_, '_>) {
    let text = &*MIXED;
    bencher
        .counter(BytesCount::of_str(&**text))
        .bench(|| Stream::parse(text.clone()));
}

#[divan::bench(sample_count = 5)]
fn events(bencher: Bencher<'_, '_>) {
    let text = &*MIXED;
    bencher
        .counter(BytesCount::of_str(&**text))
        .bench(|| count_events(text));
}

#[divan::bench(sample_count = 5)]
fn tree_of_json(bencher: Bencher<'_, '_>) {
    let text = &*JSON;
    bencher
        .counter(BytesCount::of_str(&**text))
        .bench(|| Stream::parse(text.clone()));
}

/// Every scalar and every lookup of a parsed stream, the way a reader of manifests walks it.
#[divan::bench(sample_count = 5)]
fn walk(bencher: Bencher<'_, '_>) {
    let stream = Stream::parse(MIXED.clone());
    bencher.counter(BytesCount::of_str(stream.text())).bench(|| {
        stream
            .documents()
            .map(|document| visit(document.root()))
            .sum::<usize>()
    });
}

fn visit(node: writeway_yaml::Node<'_>) -> usize {
    let children: usize = node
        .items()
        .chain(node.entries().map(|(_, value)| value))
        .map(visit)
        .sum();
    children + usize::from(node.scalar().is_some())
}

/// Deployments, config maps with scripts, and schemas as custom resource definitions have them, in turn.
fn mixed(bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 8192);
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "---\n# deployment {number}\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{number}\n  \
             namespace: team-{}\n  labels: {{app.kubernetes.io/name: web, tier: \"front\"}}\nspec:\n  replicas: 3\n  \
             selector:\n    matchLabels:\n      app: web-{number}\n  template:\n    metadata:\n      labels:\n        \
             app: web-{number}\n      annotations:\n        checksum/config: \"{number:064x}\"\n    spec:\n      \
             securityContext:\n        runAsUser: 1000\n        fsGroup: 2000\n      containers:\n      - name: app  \
             # the main one\n        image: ghcr.io/acme/app:1.{number}\n        args: [\"--port\", \"8080\", '-v=2']\n  \
             \x20     env:\n        - name: HOME\n          value: /home/app\n        - name: TOKEN\n          \
             valueFrom:\n            secretKeyRef:\n              name: token\n              key: value\n        \
             securityContext:\n          readOnlyRootFilesystem: true\n          capabilities:\n            drop:\n  \
             \x20         - ALL\n        volumeMounts:\n        - name: data\n          mountPath: /var/lib/app\n      \
             volumes:\n      - name: data\n        emptyDir: {{}}\n      - name: token\n        secret:\n          \
             secretName: token\n          defaultMode: 0400\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  \
             name: scripts-{number}\ndata:\n  run.sh: |\n    #!/bin/sh\n    set -eu\n    umask 0027\n    mkdir -p \
             /data/cache\n    exec app --config /etc/app/{number}.yaml\n  motd: >-\n    welcome to\n    the cluster\n",
            number % 17
        );
        text.push_str("---\nkind: CustomResourceDefinition\nspec:\n  openAPIV3Schema:\n    properties:\n");
        for field in 0..40 {
            let _ = write!(
                text,
                "      field{field}:\n        description: |-\n          Field {field} tells how many replicas of the\n          \
                 component are wanted; see the documentation.\n        format: int32\n        type: integer\n        \
                 x-kubernetes-int-or-string: true\n"
            );
        }
    }
    text
}

/// A list of pods the way `kubectl get -o json` prints it.
fn json(bytes: usize) -> String {
    let mut text = String::from("{\n    \"apiVersion\": \"v1\",\n    \"items\": [\n");
    let mut number = 0;
    while text.len() < bytes {
        number += 1;
        let _ = write!(
            text,
            "        {{\n            \"kind\": \"Pod\",\n            \"metadata\": {{\n                \"name\": \
             \"web-{number}\",\n                \"uid\": \"{number:032x}\"\n            }},\n            \"spec\": {{\n  \
             \x20             \"containers\": [{{\"name\": \"app\", \"image\": \"app:1.{number}\", \"stdin\": false}}]\n  \
             \x20         }}\n        }},\n"
        );
    }
    text.push_str("        {}\n    ]\n}\n");
    text
}
