// SPDX-License-Identifier: Apache-2.0
//! What is asked, what is refused, and how the probe ends.

use std::fs;

use super::room::Room;

#[test]
fn a_requirement_that_does_not_hold_is_exit_1_with_what_where_errno_and_who() {
    let room = Room::new();
    fs::create_dir(room.at("v")).unwrap();
    let v = room.at("v").display().to_string();
    let held = room.run(&["--require", &format!("create:{v}"), "--quiet"]);
    assert_eq!(
        (held.code, held.stdout.as_str(), held.stderr.as_str()),
        (Some(0), "", "")
    );

    let create = format!("create:{v}");
    let run = room.run(&[
        "--as",
        "1000:1000",
        "--require",
        &create,
        "--require",
        "exec:/nowhere",
        "-q",
    ]);
    assert_eq!(run.code, Some(1));
    let lines: Vec<&str> = run.stderr.lines().collect();
    let [first, second] = lines.as_slice() else {
        panic!("one line for each: {}", run.stderr);
    };
    for part in [
        "`create`",
        v.as_str(),
        "no EACCES",
        "0755 0:0",
        "uid 1000",
        "O_EXCL",
    ] {
        assert!(first.contains(part), "{part} is not in {first}");
    }
    for part in ["`exec`", "/nowhere", "no ENOENT"] {
        assert!(second.contains(part), "{part} is not in {second}");
    }
    // Not known is not enough.
    let run = room.run(&["--require", &format!("overwrite:{v}")]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("unknown: no regular file"), "{}", run.stderr);
}

#[test]
fn wrong_usage_is_exit_2_and_says_what_to_write() {
    let room = Room::new();
    for (arguments, said) in [
        (&["--require", "/tmp"][..], "VERB:PATH"),
        (&["--require", "create:"], "VERB:PATH"),
        (
            &["--require", "write:/tmp"],
            "create, overwrite, replace, delete, exec, rubyTmpdir",
        ),
        (&["--as", "app"], "UID:GID"),
        (&["--format", "yaml"], "`text` or `json`"),
        (&[""], "empty"),
    ] {
        let run = room.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}");
        assert!(run.stderr.contains(said), "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn becoming_another_user_names_the_capability_that_is_missing() {
    let room = Room::new();
    for (user, missing) in [
        ("--reuid 1000 --regid 1000 --clear-groups", "CAP_SETGID"),
        ("--bounding-set -setuid --inh-caps -setuid", "CAP_SETUID"),
    ] {
        let run = room.script(&format!(
            "exec setpriv {user} \"$AGENT\" probe --as 2000:2000 /tmp"
        ));
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert!(run.stderr.contains(missing), "{}", run.stderr);
        assert!(run.stderr.contains("cannot become 2000:2000"), "{}", run.stderr);
    }
    // Nobody needs a capability to stay who they are.
    let run = room
        .script("exec setpriv --reuid 1000 --regid 1000 --clear-groups \"$AGENT\" probe --as 1000:1000 /tmp");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn without_paths_it_probes_those_of_the_map() {
    let room = Room::new();
    fs::create_dir(room.at("data")).unwrap();
    let run = room.script("mount -t tmpfs none data; HOME=/root exec \"$AGENT\" probe --format json");
    let document = run.document();
    let paths: Vec<&str> = document["workloads"][0]["containers"][0]["paths"]
        .as_array()
        .unwrap()
        .iter()
        .map(|path| path["path"].as_str().unwrap())
        .collect();
    let data = room.at("data").display().to_string();
    let here = room.path.display().to_string();
    for path in [
        data.as_str(),
        "/tmp",
        "/var/tmp",
        "/run",
        "/dev/shm",
        &here,
        "/root",
    ] {
        assert_eq!(
            paths.iter().filter(|other| **other == path).count(),
            1,
            "{path} in {paths:?}"
        );
    }
    assert!(
        !paths
            .iter()
            .any(|path| path.starts_with("/proc") || path.starts_with("/sys")),
        "{paths:?}"
    );
}

#[test]
fn the_pod_is_named_as_far_as_it_is_known() {
    let room = Room::new();
    let known = room
        .run(&["--format", "json", "--pod", "api-1", "--container", "app", "/tmp"])
        .document();
    assert_eq!(known["workloads"][0]["name"], "api-1");
    assert_eq!(known["workloads"][0]["containers"][0]["name"], "app");
    let unknown = room.run(&["--format", "json", "/tmp"]).document();
    let workload = &unknown["workloads"][0];
    assert_eq!(workload["name"], "web-0", "the environment's HOSTNAME");
    assert!(workload["containers"][0]["name"].is_null());
    assert!(workload["namespace"].is_null());
    assert!(workload["file"].is_null());
}

#[test]
fn the_table_has_the_maps_words_and_no_name_can_move_the_cursor() {
    let room = Room::new();
    fs::create_dir(room.at("v")).unwrap();
    fs::write(room.at("v/\u{1b}[2J\n"), "").unwrap();
    let run = room.run(&["--as", "1000:1000", "v"]);
    assert_eq!(run.code, Some(0));
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines[0], "Pod web-0");
    assert_eq!(
        lines[1],
        "  a container, uid 1000, gid 1000, groups 1000, capabilities none"
    );
    assert!(
        lines[2].contains("PATH") && lines[2].contains("CREATE"),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].contains("no EACCES") && lines[3].contains("0755"),
        "{}",
        lines[3]
    );
    assert_eq!(lines.len(), 4, "{}", run.stdout);
    assert!(!run.stdout.contains('\u{1b}'));
}
