// SPDX-License-Identifier: Apache-2.0
//! `subPathExpr`: the part of a volume is known where the manifest says its variables, and nowhere else.

mod support;

use support::{Repaired, facts, options, repaired};

const LITERAL: &str = "[{name: TENANT, value: acme}, {name: PART, value: $(TENANT)/files}]";
const OF_THE_POD: &str = "[{name: PART, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]";

fn mended(root: &str, env: &str) -> (String, Repaired) {
    let text = format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: app}}
spec:
  securityContext: {{runAsUser: 1000, runAsGroup: 1000}}
  containers:
    - name: app
      image: app:1.0
      env: {env}
      volumeMounts:
        - name: data
          mountPath: /data
          subPathExpr: $(PART)
  volumes:
    - name: data
      hostPath: {{path: /srv/data/app, type: DirectoryOrCreate}}
"
    );
    let facts = facts(&format!(
        "images: {{'app:1.0': {{complete: true, users: {{}}, groups: {{}}, paths: {{/: {{owner: '0:0', mode: '0755'}}}}}}}}\n\
         hostPaths: {{/srv/data/app: {root}}}\n"
    ));
    let repaired = repaired(&[&text], &facts, &options());
    assert_eq!(
        repaired.left(&facts).is_empty(),
        !repaired.repair.applied.is_empty(),
        "{:?}",
        repaired.refused()
    );
    (text, repaired)
}

#[test]
fn variables_that_the_manifest_says_are_what_is_made_and_handed_over() {
    for (root, remedy, expected) in [
        (
            "{owner: '1000:1000', mode: '0755'}",
            "sub-path-directory",
            "        - /volume/acme\n        - /volume/acme/files\n",
        ),
        (
            "{owner: '0:0', mode: '0755'}",
            "own",
            "          subPath: acme/files\n",
        ),
    ] {
        let (text, repaired) = mended(root, LITERAL);
        assert_eq!(repaired.remedies(), [remedy], "{:?}", repaired.refused());
        let after = repaired.text(0);
        assert!(after.contains(expected), "{after}");
        // The mount of the program is as it was.
        let mount = "          subPathExpr: $(PART)\n";
        assert!(
            text.contains(mount) && after.matches(mount).count() == 1,
            "{after}"
        );
    }
}

#[test]
fn a_variable_that_only_the_cluster_knows_is_not_guessed() {
    for root in [
        "{owner: '1000:1000', mode: '0755'}",
        "{owner: '0:0', mode: '0755'}",
    ] {
        let (text, repaired) = mended(root, OF_THE_POD);
        assert_eq!(repaired.text(0), text);
        let refused = repaired.refused();
        assert!(
            refused
                .iter()
                .any(|(_, remedy, why)| *remedy == "own" && why.contains("variable in the subPath `$(PART)`")),
            "{refused:?}"
        );
    }
}

#[test]
fn a_key_of_a_secret_that_a_variable_names_is_seeded_where_it_is_mounted() {
    let text = "apiVersion: v1
kind: Secret
metadata: {name: gmail}
stringData: {token.json: '{}'}
---
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  securityContext: {runAsUser: 1000, runAsGroup: 1000}
  containers:
    - name: app
      image: app:1.0
      env: [{name: KEY, value: token.json}]
      volumeMounts:
        - name: gmail
          mountPath: /secrets/token.json
          subPathExpr: $(KEY)
  volumes:
    - name: gmail
      secret: {secretName: gmail}
";
    let facts = facts(
        "images: {'app:1.0': {complete: true, users: {}, groups: {}, paths: {/: {owner: '0:0', mode: '0755'}}}}\n",
    );
    let repaired = repaired(&[text], &facts, &options());
    assert_eq!(repaired.remedies(), ["seed"], "{:?}", repaired.refused());
    let after = repaired.text(0);
    assert!(
        after.contains("          mountPath: /secrets\n") && !after.contains("subPathExpr"),
        "{after}"
    );
}
