// SPDX-License-Identifier: Apache-2.0
//! An `emptyDir` where nothing is mounted.

mod support;

use support::{facts, options, repaired};
use writeway_facts::Facts;

const WEB: &str = "\
# Serves the site.
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: app
      image: ghcr.io/acme/app:1.2  # pinned by the mirror
      securityContext:
        readOnlyRootFilesystem: true
    - name: log
      image: ghcr.io/acme/log:1.2
      securityContext:
        readOnlyRootFilesystem: true
      volumeMounts:
        - name: tmp
          mountPath: /var/log/app
  # What both write to.
  volumes:
    - name: tmp
      emptyDir: {sizeLimit: 1Gi}
";

#[test]
fn a_missing_temp_directory_becomes_one_volume_for_each_container_and_everything_else_stays() {
    let repaired = repaired(&[WEB], &Facts::default(), &options());
    assert_eq!(
        repaired.titles(),
        [
            "mount an `emptyDir` at `/tmp` in container `app`",
            "mount an `emptyDir` at `/tmp` in container `log`"
        ]
    );
    let expected = WEB
        .replace(
            "        readOnlyRootFilesystem: true\n    - name: log",
            "        readOnlyRootFilesystem: true\n      volumeMounts:\n        - name: tmp-app\n          mountPath: /tmp\n    - name: log",
        )
        .replace(
            "          mountPath: /var/log/app\n",
            "          mountPath: /var/log/app\n        - name: tmp-log\n          mountPath: /tmp\n",
        )
        + "    - name: tmp-app\n      emptyDir:\n        sizeLimit: 256Mi\n    - name: tmp-log\n      emptyDir:\n        sizeLimit: 256Mi\n";
    assert_eq!(repaired.text(0), expected);
    assert!(repaired.left(&Facts::default()).is_empty());
    let turned = &repaired.repair.applied[0].turned;
    assert!(
        turned.was.iter().any(|step| step.contains("read-only")),
        "{turned:?}"
    );
    assert!(
        turned.is.iter().any(|step| step.contains("emptyDir")),
        "{turned:?}"
    );
}

#[test]
fn a_fix_that_cannot_be_made_is_refused_with_the_reason_and_the_text_stays() {
    let aliased = "\
apiVersion: v1
kind: List
items:
  - apiVersion: v1
    kind: Pod
    metadata: {name: one}
    spec: &spec
      containers:
        - name: app
          image: ghcr.io/acme/app:1.2
          securityContext: {readOnlyRootFilesystem: true}
  - apiVersion: v1
    kind: Pod
    metadata: {name: two}
    spec: *spec
";
    let repaired = repaired(&[aliased], &facts("{}"), &options());
    assert!(repaired.repair.texts.is_empty());
    let refused = repaired.refused();
    assert!(!refused.is_empty());
    for (code, remedy, why) in refused {
        assert_eq!((code, remedy), ("WW101", "empty-dir"));
        assert!(why.contains("alias"), "{why}");
    }
}

#[test]
fn the_edits_of_a_fix_are_told_by_paths_from_its_object_also_where_names_do_not_tell_which_it_is() {
    let pod = |name: &str| {
        format!(
            "- apiVersion: v1\n  kind: Pod\n  metadata: {{{name}}}\n  spec:\n    containers:\n    - name: app\n      image: \
             ghcr.io/acme/app:1.2\n      securityContext: {{readOnlyRootFilesystem: true}}\n"
        )
    };
    for name in ["name: job", "generateName: job-", ""] {
        let list = format!("apiVersion: v1\nkind: List\nitems:\n{}", pod(name).repeat(2));
        let repaired = repaired(&[&list], &facts("{}"), &options());
        assert_eq!(repaired.repair.applied.len(), 2, "{name}");
        for fix in &repaired.repair.applied {
            let paths: Vec<_> = fix
                .edits
                .iter()
                .flat_map(|(_, edits)| edits.iter().map(|edit| edit.path.to_string()))
                .collect();
            assert_eq!(
                paths,
                ["spec.containers[0].volumeMounts[0]", "spec.volumes[0]"],
                "{name}"
            );
        }
    }
}
