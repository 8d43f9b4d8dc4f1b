// SPDX-License-Identifier: Apache-2.0
//! Which objects belong to which release, and which timeout is theirs.

use writeway_clock::{Action, Assumptions, TimeoutSource, releases};
use writeway_manifest::HookEvent;

use crate::{inventory, seconds};

fn hook(name: &str, metadata: &str, annotations: &str) -> String {
    format!(
        "---\napiVersion: batch/v1\nkind: Job\nmetadata: {{name: {name}, {metadata}annotations: {{helm.sh/hook: \
         pre-install, {annotations}}}}}\nspec:\n  template: {{spec: {{restartPolicy: Never, containers: [{{name: run-1, \
         image: a}}]}}}}\n"
    )
}

fn declared(name: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: apps}}\n\
         spec: {{interval: 1m, {spec}}}\n"
    )
}

/// The names of the releases, each with those of its hooks.
fn grouped(text: &str) -> Vec<(Option<String>, bool, Vec<String>)> {
    let inventory = inventory(text);
    let releases = releases(&inventory).into_iter();
    releases
        .map(|release| {
            let hooks = release.hooks.iter().map(|hook| hook.object.name.clone());
            (release.name.clone(), release.declared.is_some(), hooks.collect())
        })
        .collect()
}

fn group(name: Option<&str>, declared: bool, hooks: &[&str]) -> (Option<String>, bool, Vec<String>) {
    (
        name.map(str::to_owned),
        declared,
        hooks.iter().map(|hook| (*hook).to_owned()).collect(),
    )
}

#[test]
fn a_hook_belongs_to_the_release_that_it_names() {
    let of = |release: &str| format!("labels: {{app.kubernetes.io/instance: {release}}}, ");
    let a = declared("a", "");
    let b = declared("b", "releaseName: bee");
    let c = declared("c", "targetNamespace: other");
    let hooks = [
        hook("h1", &of("bee"), ""),
        hook("h2", "", "meta.helm.sh/release-name: a"),
        hook("h3", "labels: {release: old}, ", ""),
        hook("h4", &of("other-c"), ""),
        hook("h5", &of("b"), ""),
        hook("h6", "", ""),
    ];
    assert_eq!(
        grouped(&format!("{a}{b}{c}{}", hooks.concat())),
        [
            group(Some("a"), true, &["h2"]),
            group(Some("bee"), true, &["h1"]),
            group(Some("other-c"), true, &["h4"]),
            group(Some("b"), false, &["h5"]),
            group(Some("old"), false, &["h3"]),
            group(None, false, &["h6"]),
        ]
    );
}

#[test]
fn a_hook_that_names_no_release_belongs_to_the_only_one_in_its_namespace() {
    let (a, b) = (declared("a", ""), declared("b", ""));
    let anywhere = hook("h", "", "");
    let there = hook("h", "namespace: apps, ", "");
    let elsewhere = hook("h", "namespace: other, ", "");
    let rows = [
        (format!("{a}{anywhere}"), group(Some("a"), true, &["h"])),
        (format!("{a}{there}"), group(Some("a"), true, &["h"])),
        (format!("{a}{elsewhere}"), group(None, false, &["h"])),
        (format!("{a}{b}{there}"), group(None, false, &["h"])),
    ];
    for (text, expected) in rows {
        assert_eq!(grouped(&text), [expected], "{text}");
    }
}

#[test]
fn of_two_hooks_of_one_name_the_first_counts() {
    let twice = hook("h", "namespace: apps, ", "helm.sh/hook-weight: '1'").repeat(2);
    let text = format!("{}{twice}", declared("a", ""));
    let inventory =
        writeway_manifest::Inventory::from_parsed(vec![writeway_manifest::ParsedFile::parse("a.yaml", text)]);
    assert_eq!(releases(&inventory)[0].hooks.len(), 1);
}

#[test]
fn hooks_run_by_weight_kind_and_name() {
    let hooks = [
        hook("b", "", "helm.sh/hook-weight: '2'"),
        hook("c", "", ""),
        hook("a", "", ""),
        hook("d", "", "helm.sh/hook-weight: '-3'"),
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: z, annotations: {helm.sh/hook: pre-install}}\n".to_owned(),
    ];
    let inventory = inventory(&hooks.concat());
    let releases = releases(&inventory);
    let hooks = releases[0].hooks_of(HookEvent::PreInstall);
    let names: Vec<_> = hooks.iter().map(|hook| hook.object.name.as_str()).collect();
    assert_eq!(names, ["d", "z", "a", "c", "b"]);
    assert!(releases[0].hooks_of(HookEvent::PostInstall).is_empty());
}

#[test]
fn the_timeout_is_that_of_the_action_else_of_the_release_else_the_default() {
    let configured = Assumptions {
        helm_timeout: Some(seconds(77)),
        ..Assumptions::default()
    };
    let (install, upgrade) = (Action::Install, Action::Upgrade);
    // HelmRelease; action; of a hook; of the rest.
    let rows: &[(&str, Action, Option<u64>, Option<u64>)] = &[
        ("timeout: 15m", install, Some(900), Some(900)),
        (
            "timeout: 15m, install: {timeout: 90s}",
            install,
            Some(90),
            Some(90),
        ),
        (
            "timeout: 15m, install: {timeout: 90s}",
            upgrade,
            Some(900),
            Some(900),
        ),
        ("", upgrade, Some(300), Some(300)),
        (
            "timeout: 1m, upgrade: {disableWait: true}",
            upgrade,
            Some(60),
            None,
        ),
        (
            "timeout: 1m, upgrade: {disableHooks: true}",
            upgrade,
            None,
            Some(60),
        ),
        ("timeout: 1m", Action::Rollback, None, None),
    ];
    for (spec, action, of_hooks, of_rest) in rows {
        let text = format!("{}{}", declared("a", spec), hook("h", "", ""));
        let inventory = inventory(&text);
        let releases = releases(&inventory);
        let hooks = releases[0].hook_timeout(*action, &configured);
        let rest = releases[0].rest_timeout(*action, &configured);
        let after =
            |timeout: Option<writeway_clock::Timeout<'_>>| timeout.map(|timeout| timeout.after.as_secs());
        assert_eq!(
            (after(hooks), after(rest)),
            (*of_hooks, *of_rest),
            "{spec} {action:?}"
        );
    }
}

#[test]
fn without_a_helm_release_the_configuration_says_it_and_else_helm_itself() {
    let inventory = inventory(&hook("h", "", ""));
    let releases = releases(&inventory);
    let configured = Assumptions {
        helm_timeout: Some(seconds(77)),
        ..Assumptions::default()
    };
    for (assumptions, after, source) in [
        (configured, 77, TimeoutSource::Configured),
        (Assumptions::default(), 300, TimeoutSource::Default),
    ] {
        let timeout = releases[0].hook_timeout(Action::Install, &assumptions).unwrap();
        assert_eq!((timeout.after, timeout.source), (seconds(after), source));
        assert_eq!(releases[0].rest_timeout(Action::Install, &assumptions), None);
    }
}

#[test]
fn a_timeout_that_cannot_be_read_is_not_known() {
    let text = format!("{}{}", declared("a", "timeout: soon"), hook("h", "", ""));
    let inventory =
        writeway_manifest::Inventory::from_parsed(vec![writeway_manifest::ParsedFile::parse("a.yaml", text)]);
    let releases = releases(&inventory);
    assert_eq!(
        releases[0].hook_timeout(Action::Install, &Assumptions::default()),
        None
    );
}

#[test]
fn argo_cd_waits_without_limit() {
    let application =
        "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {}\n";
    let inventory = inventory(&format!("{application}{}", hook("h", "", "")));
    let releases = releases(&inventory);
    assert!(releases[0].by_argo);
    assert_eq!(
        releases[0].hook_timeout(Action::Install, &Assumptions::default()),
        None
    );
    let configured = Assumptions {
        helm_timeout: Some(seconds(77)),
        ..Assumptions::default()
    };
    assert!(releases[0].hook_timeout(Action::Install, &configured).is_some());
}
