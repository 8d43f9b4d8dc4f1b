// SPDX-License-Identifier: Apache-2.0
//! What an edit costs beside reading the text that it changes, in a file of one megabyte.
//!
//! `cargo bench -p writeway-yaml --bench edit` ends with lines `NAME: MILLISECONDS, as long as NUMBER reads`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use writeway_yaml::{Edit, Operation, Path, Step, Stream, Value};

const BYTES: usize = 1 << 20;
/// The fastest of these counts, since a busy machine only ever slows down.
const ROUNDS: usize = 15;

#[expect(clippy::print_stdout, reason = "the figures are what the benchmark is for")]
fn main() {
    let list = Stream::parse(format!("kind: List\nitems:\n{}", deployments("- ", "  ")));
    let stream = Stream::parse(deployments("---\n", ""));
    let middle = list.documents().next().map_or(0, |document| {
        document
            .root()
            .get("items")
            .map_or(0, |items| items.items().count())
            / 2
    });
    let read = fastest(|| {
        black_box(Stream::parse(black_box(list.text())));
    });
    println!(
        "reading {} bytes: {:.1} ms",
        list.text().len(),
        milliseconds(read)
    );
    let items: Path = [Step::from("items"), Step::from(middle)].into_iter().collect();
    for (name, stream, document, object) in [
        ("one edit of one document", &list, 0, &items),
        (
            "one edit of a document in the middle of a stream",
            &stream,
            middle,
            &Path::root(),
        ),
    ] {
        for edits in [1, 10] {
            let batch: Vec<Edit> = (0..edits).map(|number| edit(object, number)).collect();
            let time = fastest(|| {
                let document = stream.documents().nth(document);
                black_box(document.map(|document| document.edit(&batch)));
            });
            println!(
                "{name}, {edits} at once: {:.1} ms, as long as {:.1} reads",
                milliseconds(time),
                time.as_secs_f64() / read.as_secs_f64()
            );
        }
    }
}

fn edit(object: &Path, number: i64) -> Edit {
    let path = object
        .join("spec")
        .join("template")
        .join("spec")
        .join("securityContext")
        .join(format!("key{number}"));
    Edit {
        path,
        operation: Operation::Set(Value::Int(number)),
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn fastest(work: impl Fn()) -> Duration {
    let time = |()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..ROUNDS).map(|_| time(())).min().unwrap_or_default()
}

/// Deployments of ordinary size, each behind `lead`, its other lines behind `indent`.
fn deployments(lead: &str, indent: &str) -> String {
    let mut text = String::with_capacity(BYTES + 2048);
    let mut number = 0;
    while text.len() < BYTES {
        number += 1;
        let mut one = String::new();
        // Writing to a string cannot fail.
        let _ = write!(
            one,
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web-{number}\n  labels: {{app: web, tier: \"front\"}}\n\
             spec:\n  replicas: 3  # as many as zones\n  template:\n    spec:\n      securityContext:\n        runAsUser: 1000\n\
             \x20     containers:\n      - name: app\n        image: ghcr.io/acme/app:1.{number}\n        args: [\"--port\", \
             \"8080\", '-v=2']\n        env:\n        - name: HOME\n          value: /home/app\n        volumeMounts:\n        \
             - name: data\n          mountPath: /var/lib/app\n      volumes:\n      - name: data\n        emptyDir: {{}}\n"
        );
        for (line, content) in one.lines().enumerate() {
            text.push_str(if line == 0 { lead } else { indent });
            text.push_str(content);
            text.push('\n');
        }
    }
    text
}
