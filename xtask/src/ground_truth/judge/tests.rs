// SPDX-License-Identifier: Apache-2.0
//! What counts as right, wrong and unknown.

use serde_json::{Value, json};

use super::*;

/// A pod with one container and one path; `observed` is what the probe saw there, `mapped` what the map says.
fn path(observed: Value, mapped: Value) -> Vec<(Aspect, Outcome)> {
    let mut seen = json!({"path": "/v", "exists": true});
    merge(&mut seen, observed);
    let mut says = json!({"path": "/v"});
    merge(&mut says, mapped);
    outcomes(
        json!({"started": true, "containers": {"c": {
            "identity": {"uid": 0, "gid": 0, "groups": [0], "capeff": "0"}, "paths": [seen]}}}),
        json!({"starts": {"verdict": "yes"}, "containers": [{"name": "c",
            "identity": {"uid": 0, "gid": 0, "groups": [0], "capabilities": []}, "paths": [says]}]}),
    )
}

fn outcomes(observed: Value, workload: Value) -> Vec<(Aspect, Outcome)> {
    let case = json!({"id": "t", "objects": [], "facts": {}, "probes": {}, "observed": observed});
    let case: Case = serde_json::from_value(case).unwrap();
    let score = judge(&case, &workload);
    score
        .disagreements
        .iter()
        .map(|disagreement| (disagreement.aspect, disagreement.outcome))
        .collect()
}

fn merge(into: &mut Value, from: Value) {
    let Value::Object(from) = from else {
        panic!("a mapping")
    };
    into.as_object_mut().unwrap().extend(from);
}

/// What `create` came to.
fn create(observed: Value, verdict: Value) -> Outcome {
    let all = path(observed, json!({"create": verdict}));
    all.into_iter()
        .find(|(aspect, _)| *aspect == Aspect::Create)
        .map_or(Outcome::Right, |(_, outcome)| outcome)
}

#[test]
fn create_is_judged_with_its_errno() {
    let yes = json!({"verdict": "yes", "errno": null});
    let no = |errno: Value| json!({"verdict": "no", "errno": errno});
    let dir = |create: &str| json!({"type": "dir", "create": create});
    for (observed, said, outcome) in [
        (dir("ok"), yes.clone(), Outcome::Right),
        (dir("ok"), no(json!("EACCES")), Outcome::Wrong),
        (dir("EROFS"), no(json!("EROFS")), Outcome::Right),
        (dir("EROFS"), no(json!("EACCES")), Outcome::Wrong),
        (dir("EROFS"), no(Value::Null), Outcome::Unknown),
        (dir("EROFS"), yes.clone(), Outcome::Wrong),
        (
            dir("ok"),
            json!({"verdict": "unknown", "errno": null}),
            Outcome::Unknown,
        ),
        (json!({"type": "file"}), no(json!("ENOTDIR")), Outcome::Right),
        (json!({"type": "file"}), yes.clone(), Outcome::Wrong),
        (
            json!({"exists": false, "error": "ENOENT"}),
            no(json!("ENOENT")),
            Outcome::Right,
        ),
        (
            json!({"exists": false, "error": "EACCES"}),
            no(json!("ENOENT")),
            Outcome::Wrong,
        ),
    ] {
        assert_eq!(
            create(observed.clone(), said.clone()),
            outcome,
            "{observed} {said}"
        );
    }
}

#[test]
fn a_path_or_container_that_the_map_lacks_is_unknown() {
    let observed = json!({"started": true, "containers": {"c": {
        "identity": {"uid": 0, "gid": 0, "groups": [], "capeff": "0"},
        "paths": [{"path": "/v", "exists": true, "type": "dir", "create": "ok"}]}}});
    let identity = json!({"uid": 0, "gid": 0, "groups": [], "capabilities": []});
    for containers in [
        json!([]),
        json!([{"name": "c", "identity": identity, "paths": [{"path": "/w"}]}]),
    ] {
        let all = outcomes(
            observed.clone(),
            json!({"starts": {"verdict": "yes"}, "containers": containers}),
        );
        assert!(all.contains(&(Aspect::Create, Outcome::Unknown)), "{all:?}");
        assert!(
            all.iter().all(|(_, outcome)| *outcome == Outcome::Unknown),
            "{all:?}"
        );
    }
}

#[test]
fn starting_must_not_be_left_open() {
    for (started, verdict, right) in [
        (true, "yes", true),
        (true, "no", false),
        (true, "unknown", false),
        (false, "no", true),
        (false, "yes", false),
        (false, "unknown", false),
    ] {
        let all = outcomes(
            json!({"started": started}),
            json!({"starts": {"verdict": verdict}, "containers": []}),
        );
        let expected: &[_] = if right {
            &[]
        } else {
            &[(Aspect::Starts, Outcome::Wrong)]
        };
        assert_eq!(all, expected, "{started} {verdict}");
    }
}

#[test]
fn owner_and_mode_are_judged_where_the_map_states_them() {
    let observed = json!({"type": "dir", "mode": "0755", "uid": 0, "gid": 5, "create": "ok"});
    let create = json!({"verdict": "yes"});
    for (said, wrong) in [
        (json!({"mode": "755", "uid": 0, "gid": 5}), vec![]),
        (
            json!({"mode": "2755", "uid": 1, "gid": 0}),
            vec![Aspect::Mode, Aspect::Uid, Aspect::Gid],
        ),
        (json!({"mode": null, "uid": null, "gid": null}), vec![]),
    ] {
        let mut mapped = json!({"create": create, "exists": "yes", "type": "dir"});
        merge(&mut mapped, said);
        let all = path(observed.clone(), mapped);
        let found: Vec<Aspect> = all
            .iter()
            .filter(|(_, outcome)| *outcome == Outcome::Wrong)
            .map(|(aspect, _)| *aspect)
            .collect();
        assert_eq!(found, wrong);
    }
}

#[test]
fn kernel_file_systems_are_left_out() {
    let seen = json!({"type": "dir", "create": "ok"});
    for (at, judged) in [
        ("/proc", false),
        ("/proc/self", false),
        ("/sys/fs", false),
        ("/system", true),
    ] {
        let mut seen = seen.clone();
        merge(&mut seen, json!({"path": at}));
        let all = path(
            seen,
            json!({"path": at, "create": {"verdict": "no", "errno": "EROFS"}}),
        );
        assert_eq!(all.contains(&(Aspect::Create, Outcome::Wrong)), judged, "{at}");
    }
}

#[test]
fn ruby_is_judged_on_writable_mounts_only() {
    for (read_only, judged) in [(false, true), (true, false)] {
        let observed = json!({"type": "dir", "create": "ok", "read_only": read_only, "ruby_tmpdir": true});
        let all = path(
            observed,
            json!({"create": {"verdict": "yes"}, "rubyTmpdir": "no"}),
        );
        assert_eq!(
            all.contains(&(Aspect::RubyTmpdir, Outcome::Wrong)),
            judged,
            "{read_only}"
        );
    }
}

#[test]
fn groups_are_sets_and_capabilities_are_bits() {
    let observed = json!({"started": true, "containers": {"c": {
        "identity": {"uid": 7, "gid": 0, "groups": [2000, 0], "capeff": "000000000000000b"}, "paths": []}}});
    let with = |groups: Value, capabilities: Value| {
        let identity = json!({"uid": 7, "gid": 0, "groups": groups, "capabilities": capabilities});
        let containers = json!([{"name": "c", "identity": identity, "paths": []}]);
        outcomes(
            observed.clone(),
            json!({"starts": {"verdict": "yes"}, "containers": containers}),
        )
    };
    assert_eq!(
        with(json!([0, 2000]), json!(["FOWNER", "CHOWN", "DAC_OVERRIDE"])),
        []
    );
    assert_eq!(
        with(json!([0]), json!(["CHOWN", "DAC_OVERRIDE", "FOWNER"])),
        [(Aspect::Identity, Outcome::Wrong)]
    );
    assert_eq!(
        with(json!([0, 2000]), json!(["CHOWN"])),
        [(Aspect::Capabilities, Outcome::Wrong)]
    );
}

#[test]
fn overwriting_is_compared_for_the_same_file_only() {
    let dir = json!({"type": "dir", "create": "ok", "existing": {"file": "//seed", "append": "EACCES"}});
    let file = json!({"type": "file", "append": "EACCES"});
    let yes = |file: Value| json!({"overwrite": {"file": file, "verdict": "yes"}});
    for (observed, said, compared) in [
        (&dir, yes(json!("seed")), true),
        (&dir, yes(json!("other")), false),
        (&file, yes(Value::Null), true),
    ] {
        let all = path(observed.clone(), said.clone());
        assert_eq!(
            all.contains(&(Aspect::Overwrite, Outcome::Wrong)),
            compared,
            "{said}"
        );
    }
}
