// SPDX-License-Identifier: Apache-2.0
//! The HTML report of a large repository: that it stays small, and is written with the others at no cost to them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, WITHOUT_TEMP};

/// Workloads in the generated repository.
const WORKLOADS: usize = 450;

/// The size that it stays below, in bytes.
const MEGABYTE: usize = 1_000_000;

/// A workload like the others and unlike them: names, images, users, volumes and mount paths differ, as they do in
/// repositories, and most have something to find.
fn workload(index: usize) -> String {
    let kind = ["Deployment", "StatefulSet", "DaemonSet"][index % 3];
    let (uid, team) = (1000 + index % 7, index % 20);
    let read_only = index.is_multiple_of(2);
    format!(
        r"apiVersion: apps/v1
kind: {kind}
metadata: {{name: service-{index}, namespace: team-{team}}}
spec:
  selector: {{matchLabels: {{app: service-{index}}}}}
  serviceName: service-{index}
  template:
    metadata: {{labels: {{app: service-{index}}}}}
    spec:
      securityContext: {{runAsUser: {uid}, runAsGroup: {uid}, fsGroup: {uid}}}
      initContainers:
        - name: prepare
          image: busybox:1.{team}
          command: [sh, -c, 'chown -R {uid} /var/lib/service-{index}']
          volumeMounts: [{{name: data, mountPath: /var/lib/service-{index}}}]
      containers:
        - name: service-{index}
          image: registry.example.org/team-{team}/service-{index}:1.{index}.0
          securityContext: {{readOnlyRootFilesystem: {read_only}}}
          volumeMounts:
            - {{name: data, mountPath: /var/lib/service-{index}}}
            - {{name: config, mountPath: /etc/service-{index}}}
            - {{name: cache, mountPath: /var/cache/service}}
      volumes:
        - {{name: data, persistentVolumeClaim: {{claimName: data-{index}}}}}
        - {{name: config, secret: {{secretName: config-{index}}}}}
        - {{name: cache, emptyDir: {{}}}}
"
    )
}

#[test]
fn the_report_on_450_workloads_stays_below_a_megabyte() {
    let files: Vec<_> = (0..WORKLOADS)
        .map(|index| (format!("k8s/team-{}/{index}.yaml", index % 20), workload(index)))
        .collect();
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    let run = Folder::with(&files).run(&["check", "--format", "html", "k8s"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let page = run.stdout;
    assert!(page.len() < MEGABYTE, "{} bytes", page.len());
    assert!(page.contains(&format!("{WORKLOADS} workloads in {WORKLOADS} files")));
    for index in 0..WORKLOADS {
        assert!(page.contains(&format!("\"service-{index}\"")), "{index}");
    }
}

/// What a browser is not told by a name, it takes from the first bytes.
#[test]
fn the_report_is_a_page_that_names_its_encoding_first() {
    let page = Folder::with(&[("pod.yaml", WITHOUT_TEMP)])
        .run(&["check", "--format", "html"])
        .stdout;
    assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">"));
    assert!(page.ends_with("</html>\n"));
}
