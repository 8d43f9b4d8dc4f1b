// SPDX-License-Identifier: Apache-2.0
//! Paths to which images are known to write, where no fact says what is on the way there.

mod support;

use support::{Repaired, facts, options, repaired};

fn mended(image: &str, security: &str, more_facts: &str) -> Repaired {
    let text = format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: web}}
spec:
  securityContext: {{{security}}}
  containers:
    - name: web
      image: {image}
      securityContext: {{readOnlyRootFilesystem: true}}
      volumeMounts: [{{name: tmp, mountPath: /tmp}}]
  volumes:
    - name: tmp
      emptyDir: {{sizeLimit: 10Mi}}
"
    );
    repaired(&[&text], &facts(&format!("{{{more_facts}}}")), &options())
}

#[test]
fn the_user_as_which_the_image_writes_gets_there() {
    for (image, security, paths) in [
        (
            "sonarqube:10",
            "runAsUser: 1000, runAsGroup: 1000",
            ["/opt/sonarqube/logs", "/opt/sonarqube/temp"],
        ),
        // As the image has it.
        ("sonarqube:10", "", ["/opt/sonarqube/logs", "/opt/sonarqube/temp"]),
        (
            "php:8.3-apache",
            "runAsUser: 33",
            ["/var/run/apache2", "/var/lock/apache2"],
        ),
    ] {
        let mended = mended(image, security, "");
        assert_eq!(
            mended.remedies(),
            ["empty-dir"; 2],
            "{image}: {:?}",
            mended.refused()
        );
        for path in paths {
            let mount = format!("mountPath: {path}}}");
            assert!(mended.text(0).contains(&mount), "{}", mended.text(0));
        }
        assert_eq!(mended.left(&facts("{}")), []);
    }
}

#[test]
fn what_is_on_the_way_of_another_user_is_not_guessed() {
    let closed = "images: {'sonarqube:10': {paths: {/opt/sonarqube: {owner: '0:0', mode: '0700'}}}}";
    for (security, more, expected) in [
        ("runAsUser: 4242", "", "no facts of image `sonarqube:10` say what"),
        // What facts say counts.
        ("runAsUser: 1000", closed, "mode 0700 0:0 does not give uid 1000"),
    ] {
        let mended = mended("sonarqube:10", security, more);
        assert_eq!(mended.remedies(), [""; 0]);
        let refused = mended.refused();
        assert!(
            refused.iter().any(|(code, remedy, why)| *code == "WW103"
                && *remedy == "empty-dir"
                && why.contains(expected)),
            "{refused:?}"
        );
    }
}
