// SPDX-License-Identifier: Apache-2.0
//! What nobody knows is not guessed.

use writeway_pod_security::{Level, PolicyVersion, Verdict};

use crate::pods::{annotated, hardened, judge};

fn restricted(text: &str) -> Verdict {
    judge(text, Level::Restricted, PolicyVersion::Latest)
}

fn shown<'t>(text: &'t str, verdict: &Verdict) -> Vec<&'t str> {
    verdict.unknown.iter().map(|span| &text[span.range()]).collect()
}

#[test]
fn a_template_that_is_not_resolved_is_unknown() {
    for (text, unknown) in [
        (hardened("", "", "", "procMount: '${PROC}'"), "'${PROC}'"),
        (
            hardened("", "", "", "appArmorProfile: {type: '{{ .profile }}'}"),
            "'{{ .profile }}'",
        ),
        (hardened("", "seLinuxOptions: {type: $(TYPE)}", "", ""), "$(TYPE)"),
        (
            hardened("", "sysctls: [{name: '${NAME}', value: '1'}]", "", ""),
            "'${NAME}'",
        ),
        (
            hardened("", "", "livenessProbe: {httpGet: {host: '${HOST}', port: 1}}", ""),
            "'${HOST}'",
        ),
        (hardened("os: {name: '${OS}'}", "", "", ""), "'${OS}'"),
    ] {
        let verdict = restricted(&text);
        assert_eq!(verdict.refusals, [], "{text}");
        assert_eq!(shown(&text, &verdict), [unknown], "{text}");
        assert_eq!(verdict.admitted(), None, "{text}");
    }
}

#[test]
fn a_capability_that_may_be_all_is_no_lack_of_it() {
    let text = hardened("", "", "", "").replace("[ALL]", "['${DROP}']");
    let verdict = restricted(&text);
    assert_eq!(verdict.refusals, []);
    assert_eq!(shown(&text, &verdict), ["'${DROP}'"]);
}

#[test]
fn what_no_check_asks_for_may_be_anything() {
    let elsewhere = hardened("hostname: '${NAME}'", "", "image: '${IMAGE}'", "");
    let annotation = annotated("a: '${B}'", "containers: []");
    let decisive = hardened("", "", "", "procMount: '${PROC}'");
    for (text, level) in [
        (elsewhere, Level::Restricted),
        (annotation, Level::Restricted),
        (decisive, Level::Privileged),
    ] {
        let verdict = judge(&text, level, PolicyVersion::Latest);
        assert_eq!(verdict.unknown, [], "{text}");
    }
}

#[test]
fn a_refusal_for_something_else_is_certain() {
    let text = hardened("hostPID: true", "", "", "procMount: '${PROC}'");
    let verdict = restricted(&text);
    assert_eq!(verdict.refusals.len(), 1);
    assert_eq!(verdict.admitted(), Some(false));
}

#[test]
fn a_value_of_another_type_makes_the_pod_unknown() {
    for field in [
        "privileged: 'false'",
        "readOnlyRootFilesystem: 'false'",
        "runAsUser: root",
    ] {
        let text = hardened("", "", "", field);
        let verdict = restricted(&text);
        assert_eq!(verdict.refusals, [], "{field}");
        assert_eq!(verdict.admitted(), None, "{field}");
        assert_eq!(
            shown(&text, &verdict),
            [field.split_once(": ").unwrap().1],
            "{field}"
        );
        let privileged = judge(&text, Level::Privileged, PolicyVersion::Latest);
        assert_eq!(privileged.admitted(), Some(true), "{field}");
    }
}
