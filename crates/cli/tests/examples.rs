// SPDX-License-Identifier: Apache-2.0
//! The examples show what their comments say.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn json(command: &str, arguments: &[&str]) -> Value {
    let mut writeway = Command::new(env!("CARGO_BIN_EXE_writeway"));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    writeway.args([command, "--format", "json", "--facts", "examples/facts.yaml"]);
    let output = writeway
        .args(arguments)
        .current_dir(root)
        .env_clear()
        .output()
        .unwrap();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What `check` finds in all examples.
fn findings() -> Vec<Value> {
    let found = json("check", &["examples"]);
    found["findings"].as_array().unwrap().clone()
}

/// The file that a finding is in.
fn file(finding: &Value) -> &str {
    let locations = finding["locations"].as_array().unwrap();
    let primary = locations.iter().find(|location| location["primary"] == true);
    primary.unwrap()["file"].as_str().unwrap()
}

/// A path of the last container of a workload.
fn path(map: &Value, workload: &str, path: &str) -> Value {
    let workload = map["workloads"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["name"] == workload)
        .unwrap();
    assert_eq!(workload["starts"]["verdict"], "yes", "{workload}");
    let paths = workload["containers"].as_array().unwrap().last().unwrap()["paths"]
        .as_array()
        .unwrap();
    paths.iter().find(|it| it["path"] == path).unwrap().clone()
}

#[test]
fn the_refreshed_token_cannot_be_written_is_lost_with_the_copy_and_lasts_on_a_volume() {
    let map = json("map", &["examples"]);
    let mounted = path(&map, "calendar", "/etc/google");
    assert_eq!(
        (&mounted["create"]["verdict"], &mounted["create"]["errno"]),
        (&"no".into(), &"EROFS".into())
    );
    assert_eq!(
        (&mounted["overwrite"]["file"], &mounted["overwrite"]["verdict"]),
        (&"token.json".into(), &"no".into())
    );
    assert_eq!(mounted["lifetime"], "object");
    let copied = path(&map, "calendar-with-copy", "/etc/google");
    assert_eq!(
        (&copied["overwrite"]["file"], &copied["overwrite"]["verdict"]),
        (&"token.json".into(), &"yes".into())
    );
    assert_eq!(copied["lifetime"], "pod");
    let kept = path(&map, "calendar-with-volume", "/etc/google");
    assert_eq!(
        (&kept["overwrite"]["file"], &kept["overwrite"]["verdict"]),
        (&"token.json".into(), &"yes".into())
    );
    assert_eq!(kept["lifetime"], "claim");
    let seeded = path(&map, "calendar-with-agent", "/etc/google");
    assert_eq!(
        (&seeded["overwrite"]["file"], &seeded["overwrite"]["verdict"]),
        (&"token.json".into(), &"yes".into())
    );
    assert_eq!(seeded["lifetime"], "claim");
}

#[test]
fn ruby_takes_a_sticky_temp_directory_only() {
    let map = json("map", &["examples"]);
    let tmp = |workload| {
        let tmp = path(&map, workload, "/tmp");
        (
            tmp["create"]["verdict"].clone(),
            tmp["rubyTmpdir"].clone(),
            tmp["mode"].clone(),
        )
    };
    assert_eq!(tmp("web"), ("no".into(), "no".into(), "1777".into()));
    assert_eq!(
        tmp("web-with-empty-dir"),
        ("yes".into(), "no".into(), "0777".into())
    );
    assert_eq!(
        tmp("web-with-memory"),
        ("yes".into(), "yes".into(), "1777".into())
    );
    assert_eq!(tmp("web-with-agent"), ("yes".into(), "yes".into(), "1777".into()));
}

#[test]
fn the_foreign_volume_is_writable_once_it_is_owned_or_takes_the_group() {
    let map = json("map", &["examples"]);
    let foreign = path(&map, "ledger", "/var/lib/ledger");
    assert_eq!(
        (&foreign["create"]["errno"], &foreign["fsGroup"]),
        (&"EACCES".into(), &"ignored".into())
    );
    let owned = path(&map, "owned-ledger", "/var/lib/ledger");
    assert_eq!(
        (&owned["create"]["verdict"], &owned["uid"]),
        (&"yes".into(), &1000.into())
    );
    let handed_over = path(&map, "handed-over-ledger", "/var/lib/ledger");
    assert_eq!(
        (
            &handed_over["create"]["verdict"],
            &handed_over["uid"],
            &handed_over["gid"]
        ),
        (&"yes".into(), &1000.into(), &1000.into())
    );
    let local = path(&map, "local-ledger", "/var/lib/ledger");
    assert_eq!(
        (&local["create"]["verdict"], &local["fsGroup"]),
        (&"yes".into(), &"applied".into())
    );
}

#[test]
fn check_finds_the_flaws_and_passes_the_cures() {
    let findings = findings();
    let found = findings
        .iter()
        .filter(|finding| !file(finding).contains("minted-token"));
    let found: Vec<_> = found
        .map(|it| (it["code"].clone(), it["object"]["name"].clone()))
        .collect();
    assert_eq!(
        found,
        [
            ("WW201".into(), "ledger".into()),
            ("WW301".into(), "calendar".into()),
            ("WW302".into(), "calendar-with-copy".into()),
            ("WW403".into(), "calendar-with-pasted-copy".into()),
            ("WW402".into(), "calendar-with-pasted-copy".into()),
            ("WW302".into(), "calendar-with-pasted-copy".into()),
            ("WW303".into(), "calendar-with-pasted-copy".into()),
            ("WW101".into(), "web".into()),
            ("WW102".into(), "web-with-empty-dir".into())
        ]
    );
}

#[test]
fn the_agents_pods_have_not_even_a_hint_and_only_own_needs_baseline() {
    for (example, refused) in [
        ("refreshed-token/seeded-token.yaml", false),
        ("temp-directory/agent-directory.yaml", false),
        ("foreign-volume/handed-over-ledger.yaml", true),
    ] {
        let example = format!("examples/{example}");
        let found = json("check", &["--pedantic", &example]);
        assert_eq!(found["findings"].as_array().unwrap().len(), 0, "{found:#}");
        let checked = |level: &str| {
            let mut writeway = Command::new(env!("CARGO_BIN_EXE_writeway"));
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            writeway
                .args(["admit", "--level", level, &example])
                .current_dir(root);
            writeway.env_clear().output().unwrap().status.code()
        };
        assert_eq!(checked("baseline"), Some(0), "{example}");
        assert_eq!(checked("restricted"), Some(i32::from(refused)), "{example}");
    }
}

/// What is wrong with `hooks.yaml`, one row a flaw: the rule that finds it, and a text of its message.
const FLAWS_OF_THE_MINTING_HOOK: &[(&str, &str, &str)] = &[
    (
        "the budget of the wait ignores the time of each look",
        "WW501",
        "168 × (3 s curl + 5 s sleep) = 1344 s, but Helm waits 900 s",
    ),
    (
        "each restart waits anew",
        "WW503",
        "each of 8 attempts of container `mint` waits up to 1344 s anew",
    ),
    (
        "an upgrade blanks the Secret",
        "WW504",
        "every upgrade blanks Secret `portal-gitea-token`",
    ),
    (
        "the name of the token is another one at each run",
        "WW505",
        "name `portal-api-…`",
    ),
    (
        "after the last attempt it goes on as if Gitea were there",
        "WW502",
        "waits for `curl` to succeed, and goes on as if it had succeeded",
    ),
    (
        "the token may do whatever the administrator may",
        "WW506",
        "with the scope `all`",
    ),
    (
        "the Role has a verb that nothing uses",
        "WW506",
        "to `update` Secrets, which none of its commands does",
    ),
    (
        "the FATAL line prints the response, with the token in it",
        "WW305",
        "prints variable `response` to the log",
    ),
    (
        "the password of the administrator is an argument",
        "WW305",
        "credential `password` in the arguments of `curl`",
    ),
    (
        "the token is an argument",
        "WW305",
        "credential `token` in the arguments of `kubectl`",
    ),
    (
        "a server that asks for a login is taken for one that is down",
        "WW507",
        "where Gitea is up with 403",
    ),
    (
        "of two that mint the last one wins",
        "WW508",
        "without a `resourceVersion`",
    ),
    (
        "without pipefail a failure of kubectl is lost",
        "WW510",
        "empty `password` when `kubectl` fails",
    ),
    (
        "what the Job runs with is deleted while it runs",
        "WW509",
        "goes on without permissions",
    ),
    (
        "the timeout of the release counts for each hook",
        "WW511",
        "the timeout of 900 s counts for each of 2 waits anew",
    ),
    (
        "the token never expires, and nothing rotates it",
        "WW512",
        "a Gitea token that never expires",
    ),
    (
        "Argo CD cannot tell an install from an upgrade",
        "WW513",
        "runs at every sync of Argo CD",
    ),
    (
        "the program starts with what the hook made empty",
        "WW304",
        "its key `url` is empty",
    ),
];

#[test]
fn s4_all_flaws_of_the_minting_hook_are_found_and_none_in_the_rotation() {
    let check = |files: [&str; 3]| {
        let paths = files.map(|file| format!("examples/minted-token/{file}"));
        let found = json("check", &["--pedantic", &paths[0], &paths[1], &paths[2]]);
        found["findings"].as_array().unwrap().clone()
    };
    let flawed = check(["hooks.yaml", "portal.yaml", "application.yaml"]);
    let says = |finding: &Value, code: &str, message: &str| {
        finding["code"] == code && finding["message"].as_str().unwrap().contains(message)
    };
    for (flaw, code, message) in FLAWS_OF_THE_MINTING_HOOK {
        let found = flawed
            .iter()
            .filter(|finding| says(finding, code, message))
            .count();
        assert_eq!(found, 1, "{flaw} ({code} {message}): {flawed:#?}");
    }
    for finding in &flawed {
        let mut rows = FLAWS_OF_THE_MINTING_HOOK.iter();
        // That the wait falls through is WW502's.
        let known = finding["code"] == "WW502" || rows.any(|(_, code, message)| says(finding, code, message));
        assert!(known, "no flaw that is listed: {finding:#?}");
    }
    let cured = check(["rotation.yaml", "portal-with-rotation.yaml", "application.yaml"]);
    assert!(cured.is_empty(), "{cured:#?}");
}
