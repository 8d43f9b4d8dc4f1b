// SPDX-License-Identifier: Apache-2.0
//! One run after the other: what is remembered, and what is done with it.

use std::fs::{self, FileTimes, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use rustix::fs::{FlockOperation, flock};
use rustix::mount::{MountFlags, mount};

use crate::world::{AGENT, APP, World, access, stamp, text, these};

const LINEAGE: &str = ".target.writeway-seed/lineage.json";

#[test]
fn h1_3_an_unchanged_source_touches_nothing() {
    let world = World::with(&[("a", b"1"), ("items/b", b"2"), ("empty", b"")]);
    world.seeded(&[]);
    let places = [
        "target",
        "target/a",
        "target/items",
        "target/items/b",
        "target/empty",
        LINEAGE,
        ".target.writeway-seed",
    ];
    let before = places.map(|place| stamp(world.path(place)));
    let said = world.seeded(&[]);
    assert_eq!(places.map(|place| stamp(world.path(place))), before);
    assert_eq!(said, "writeway-agent seed: target: 3 entries: 3 right already\n");
    // Kubelet writes the same keys into another directory when a pod is made anew.
    let mut world = world;
    world
        .secret
        .write(&[("a", b"1"), ("items/b", b"2"), ("empty", b"")]);
    world.seeded(&[]);
    assert_eq!(places.map(|place| stamp(world.path(place))), before);
}

#[test]
fn h1_3_a_refreshed_file_is_kept_and_said_so() {
    let mut world = World::with(&[("token", b"old"), ("other", b"o")]);
    world.seeded(&[]);
    fs::write(world.path("target/token"), "refreshed").unwrap();
    let before = stamp(world.path("target/token"));
    for _ in 0..2 {
        let said = world.seeded(&[]);
        assert!(
            said.contains("target/token: kept: it was refreshed since"),
            "{said}"
        );
        assert!(said.ends_with("2 entries: 1 kept, 1 right already\n"), "{said}");
        assert_eq!(stamp(world.path("target/token")), before);
    }
    // Another key of the same Secret is written nevertheless.
    world.secret.write(&[("token", b"old"), ("other", b"changed")]);
    let said = world.seeded(&[]);
    assert!(said.ends_with("2 entries: 1 written, 1 kept\n"), "{said}");
    assert_eq!(
        world.target(),
        these([("token", "refreshed"), ("other", "changed")])
    );
}

#[test]
fn h1_3_a_rotated_source_replaces_what_nobody_refreshed() {
    let mut world = World::with(&[("token", b"old"), ("sub/b", b"1")]);
    world.seeded(&[]);
    world.secret.write(&[("token", b"rotated"), ("sub/b", b"1")]);
    let b = stamp(world.path("target/sub/b"));
    let said = world.seeded(&[]);
    assert!(
        said.ends_with("2 entries: 1 written, 1 right already\n"),
        "{said}"
    );
    assert_eq!(world.target(), these([("token", "rotated"), ("sub/b", "1")]));
    assert_eq!(stamp(world.path("target/sub/b")), b);
}

#[test]
fn h1_3_rotated_and_refreshed_is_decided_by_the_option() {
    let mtime = |path: &Path, seconds| {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_times(FileTimes::new().set_modified(time)).unwrap();
    };
    for (options, source_time, expected) in [
        (&["--on-conflict", "source"][..], 1, "rotated"),
        (&["--on-conflict", "target"], 3, "refreshed"),
        (&["--on-conflict", "newest"], 3, "rotated"),
        (&["--on-conflict", "newest"], 1, "refreshed"),
    ] {
        let mut world = World::with(&[("token", b"old"), ("other", b"o")]);
        world.seeded(&[]);
        fs::write(world.path("target/token"), "refreshed").unwrap();
        mtime(&world.path("target/token"), 2);
        world
            .secret
            .write(&[("token", b"rotated"), ("other", b"changed")]);
        mtime(&world.secret.path.join("token"), source_time);
        for refused in [&[][..], &["--on-conflict", "fail"]] {
            world
                .seed(refused)
                .refused(&["target", "`token`", "--on-conflict"]);
            // Not the other one either: nothing is changed.
            assert_eq!(world.target(), these([("token", "refreshed"), ("other", "o")]));
        }
        world.seeded(options);
        assert_eq!(
            world.target(),
            these([("token", expected), ("other", "changed")]),
            "{options:?}"
        );
        // It is decided: the next run has nothing to ask.
        world.seeded(&[]);
        assert_eq!(
            world.target(),
            these([("token", expected), ("other", "changed")]),
            "{options:?}"
        );
    }
}

#[test]
fn a_file_that_was_there_before_is_taken_over_only_if_it_is_the_same() {
    let world = World::with(&[("token", b"secret")]);
    fs::create_dir(world.path("target")).unwrap();
    fs::set_permissions(world.path("target"), Permissions::from_mode(0o750)).unwrap();
    fs::write(world.path("target/token"), "another").unwrap();
    fs::write(world.path("target/own"), "the program's").unwrap();
    world.seed(&[]).refused(&["`token`", "--on-conflict"]);
    fs::write(world.path("target/token"), "secret").unwrap();
    fs::set_permissions(world.path("target/token"), Permissions::from_mode(0o600)).unwrap();
    let before = stamp(world.path("target/token"));
    let said = world.seeded(&[]);
    assert!(said.ends_with("1 entry: 1 right already\n"), "{said}");
    assert_eq!(stamp(world.path("target/token")), before);
    // What was not seeded is not touched, and neither is a directory that was there.
    assert_eq!(
        world.target(),
        these([("own", "the program's"), ("token", "secret")])
    );
    assert_eq!(access(world.path("target")).0, 0o750);
}

#[test]
fn a_torn_file_is_seeded_anew() {
    let world = World::with(&[("token", b"secret")]);
    world.seeded(&[]);
    fs::write(world.path("target/token"), "").unwrap();
    let said = world.seeded(&[]);
    assert!(said.contains("target/token: seeded anew: it was empty"), "{said}");
    assert_eq!(world.target(), these([("token", "secret")]));
}

#[test]
fn a_removed_file_is_seeded_anew() {
    let world = World::with(&[("token", b"secret"), ("sub/b", b"1")]);
    world.seeded(&[]);
    fs::remove_file(world.path("target/token")).unwrap();
    fs::remove_dir_all(world.path("target/sub")).unwrap();
    world.seeded(&[]);
    assert_eq!(world.target(), these([("token", "secret"), ("sub/b", "1")]));
    fs::remove_dir_all(world.path("target")).unwrap();
    world.seeded(&[]);
    assert_eq!(world.target(), these([("token", "secret"), ("sub/b", "1")]));
}

#[test]
fn a_key_that_left_goes_unless_it_was_refreshed() {
    let mut world = World::with(&[("a", b"1"), ("b", b"2"), ("sub/c", b"3"), ("stays", b"4")]);
    world.seeded(&[]);
    fs::write(world.path("target/b"), "refreshed").unwrap();
    world.secret.write(&[("stays", b"4")]);
    let said = world.seeded(&[]);
    assert!(
        said.contains("warning: target/b: kept: its source has it no longer"),
        "{said}"
    );
    assert!(said.ends_with("1 entry: 1 right already, 2 removed\n"), "{said}");
    assert_eq!(world.target(), these([("b", "refreshed"), ("stays", "4")]));
    assert!(!world.path("target/sub").exists());
    // A source that is not there says nothing about what left.
    let gone = world.path("gone");
    let stays = world.secret.path.clone();
    world.secret.write(&[("new", b"5")]);
    let ran = world.run(&[text(&stays), text(&gone), "--to", "target", "--allow-empty"]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    assert_eq!(
        world.target(),
        these([("b", "refreshed"), ("new", "5"), ("stays", "4")])
    );
}

#[test]
fn a_lost_lineage_is_no_licence_to_overwrite() {
    let world = World::with(&[("token", b"secret"), ("same", b"s")]);
    for broken in [Some("{\"version\":1,\"seeded\":{\"to"), Some(""), None] {
        let _ = fs::remove_dir_all(world.path("target"));
        world.seeded(&[]);
        fs::write(world.path("target/token"), "refreshed").unwrap();
        match broken {
            Some(text) => fs::write(world.path(LINEAGE), text).unwrap(),
            None => fs::remove_file(world.path(LINEAGE)).unwrap(),
        }
        let ran = world.seed(&[]);
        assert_eq!(ran.code, 1, "{}", ran.said);
        let warned = ran.said.contains("warning: ") && ran.said.contains("lineage.json cannot be understood");
        assert_eq!(warned, broken.is_some(), "{}", ran.said);
        assert_eq!(world.target(), these([("token", "refreshed"), ("same", "s")]));
        world.seeded(&["--on-conflict", "target"]);
        assert_eq!(world.target(), these([("token", "refreshed"), ("same", "s")]));
    }
}

#[test]
fn a_lineage_that_leads_out_of_the_target_removes_nothing() {
    let world = World::with(&[("token", b"t")]);
    world.seeded(&[]);
    fs::write(world.path("outside"), "t").unwrap();
    let digest = "sha256:e3b98a4da31a127d4bde6e43033f66ba274cab0eb7eb1c70ec41402bf6273dd8";
    let lineage = fs::read_to_string(world.path(LINEAGE)).unwrap();
    assert!(lineage.contains(digest));
    fs::write(
        world.path(LINEAGE),
        lineage.replace("\"token\"", "\"../outside\""),
    )
    .unwrap();
    let said = world.seeded(&[]);
    assert!(said.contains("cannot be understood"), "{said}");
    assert_eq!(fs::read_to_string(world.path("outside")).unwrap(), "t");
}

#[test]
fn a_mode_that_a_group_pass_widened_is_set_without_a_new_file() {
    let world = World::with(&[("token", b"t"), ("sub/b", b"1"), ("refreshed", b"r")]);
    world.seeded(&[]);
    fs::write(world.path("target/refreshed"), "by the program").unwrap();
    // As kubelet does to a volume with an fsGroup each time that a pod starts (SetVolumeOwnership).
    for (place, mode) in [
        ("target/token", 0o660),
        ("target/sub", 0o2770),
        ("target/sub/b", 0o660),
        ("target/refreshed", 0o660),
        (".target.writeway-seed", 0o2770),
        (LINEAGE, 0o660),
    ] {
        chown(world.path(place), Some(0), Some(2000)).unwrap();
        fs::set_permissions(world.path(place), Permissions::from_mode(mode)).unwrap();
    }
    let before = stamp(world.path("target/token"));
    let said = world.seeded(&[]);
    assert!(
        said.ends_with("3 entries: 2 given their mode or owner, 1 kept\n"),
        "{said}"
    );
    let after = stamp(world.path("target/token"));
    assert_eq!((before.0, before.1, before.2), (after.0, after.1, after.2));
    for (place, mode) in [
        ("target/token", 0o600),
        ("target/sub", 0o700),
        ("target/sub/b", 0o600),
        // It is the program's.
        ("target/refreshed", 0o660),
        (".target.writeway-seed", 0o700),
    ] {
        assert_eq!(access(world.path(place)), (mode, 0, 2000), "{place}");
    }
}

#[test]
fn root_takes_back_what_it_gave_away_if_it_is_asked_for() {
    let world = World::with(&[("token", b"t"), ("sub/b", b"1")]);
    world.seeded(&["--owner", "65532:65532"]);
    let before = stamp(world.path("target/token")).0;
    world.seeded(&[]);
    for place in ["target", "target/sub", "target/token", "target/sub/b"] {
        let (_, uid, gid) = access(world.path(place));
        // Nobody asked for a group.
        assert_eq!((uid, gid), (0, 65532), "{place}");
    }
    assert_eq!(stamp(world.path("target/token")).0, before);
    assert!(world.seeded(&[]).ends_with("2 entries: 2 right already\n"));
}

#[test]
fn a_volume_that_another_user_seeded_before_is_seeded_by_the_new_one() {
    let world = World::with(&[("token", b"t")]);
    let volume = world.volume_of("volume", APP);
    let target = volume.join("target");
    let secret = world.secret.path.clone();
    let arguments = [text(&secret), "--to", text(&target), "--directory-mode", "0777"];
    assert_eq!(world.run_as(APP, &[], &arguments).code, 0);
    fs::set_permissions(&volume, Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(target.join("token"), Permissions::from_mode(0o644)).unwrap();
    // Not by its workplace, of course.
    let ran = world.run_as(1000, &[], &arguments);
    ran.refused(&[".target.writeway-seed", "(EACCES)"]);
    let ran = world.run(&arguments);
    ran.refused(&[".target.writeway-seed belongs to uid 65532", "--state"]);
    let state = world.volume_of("volume/state", 1000);
    let ran = world.run_as(1000, &[], &[&arguments[..], &["--state", text(&state)]].concat());
    assert_eq!(ran.code, 0, "{}", ran.said);
    // What it may not give a mode is written anew.
    assert_eq!(access(target.join("token")), (0o600, 1000, 1000));
}

#[test]
fn the_workplace_lies_beside_the_target_or_where_it_can() {
    let world = World::with(&[("token", b"t")]);
    world.seeded(&[]);
    assert!(world.path(".target.writeway-seed/lineage.json").is_file());
    // As a mount: nothing can be renamed into it from outside.
    let mount = world.path("mount");
    fs::create_dir(&mount).unwrap();
    let script = format!(
        "mount -t tmpfs none {0} && {AGENT} seed {1} --to {0} && {AGENT} seed {1} --to {0} && find {0} -type f -printf '%P %m\\n' | sort",
        text(&mount),
        text(&world.secret.path)
    );
    let output = Command::new("unshare")
        .args(["-m", "sh", "-c", &script])
        .output()
        .unwrap();
    assert!(output.status.success(), "needs root and namespaces: {output:?}");
    let listed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(listed, ".writeway-seed/lineage.json 600\ntoken 600\n");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.ends_with("1 entry: 1 right already\n"), "{said}");
    // Its parent is somebody else's.
    let volume = world.volume_of("volume", 1);
    fs::set_permissions(&volume, Permissions::from_mode(0o755)).unwrap();
    let target = world.volume_of("volume/target", APP);
    let ran = world.run_as(APP, &[], &[text(&world.secret.path), "--to", text(&target)]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    assert!(target.join(".writeway-seed/lineage.json").is_file());
    // Where nothing can be made, it is said.
    let shut = world.volume_of("volume/shut", 1);
    let ran = world.run_as(APP, &[], &[text(&world.secret.path), "--to", text(&shut)]);
    ran.refused(&[text(&shut), "(EACCES)"]);
}

#[test]
fn a_state_directory_is_used_and_has_to_be_of_the_same_mount() {
    let world = World::with(&[("token", b"t")]);
    world.seeded(&["--state", "state"]);
    assert_eq!(access(world.path("state")).0, 0o700);
    assert!(world.path("state/lineage.json").is_file());
    assert!(!world.path(".target.writeway-seed").exists());
    assert!(world.seeded(&["--state", "state"]).ends_with("1 right already\n"));
    let elsewhere = world.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    mount("none", &elsewhere, "tmpfs", MountFlags::empty(), None).unwrap();
    fs::remove_file(world.path("target/token")).unwrap();
    let ran = world.seed(&["--state", text(&elsewhere)]);
    ran.refused(&["target/token", "(EXDEV)", "--state"]);
}

#[test]
fn runs_at_the_same_time_wait_for_each_other() {
    let world = World::with(&[("token", b"t")]);
    world.seeded(&[]);
    let workplace = fs::File::open(world.path(".target.writeway-seed")).unwrap();
    flock(&workplace, FlockOperation::LockExclusive).unwrap();
    let mut command = Command::new(AGENT);
    command.args(["seed", "-v", text(&world.secret.path), "--to", "target"]);
    let mut child = command
        .current_dir(&world.root)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    assert!(line.contains("another run has the target: waiting"), "{line}");
    drop(workplace);
    std::io::Read::read_to_string(&mut said, &mut line).unwrap();
    assert!(child.wait().unwrap().success());
    assert!(line.ends_with("1 right already\n"), "{line}");
}

#[test]
fn many_runs_at_once_end_as_one() {
    let world = World::with(&[("a", b"1"), ("sub/b", b"2"), ("sub/c", b"3")]);
    let start = || {
        let mut command = Command::new(AGENT);
        command.args(["seed", "-q", text(&world.secret.path), "--to", "target"]);
        command.current_dir(&world.root).spawn().unwrap()
    };
    let mut children: Vec<_> = (0..12).map(|_| start()).collect();
    assert!(children.iter_mut().all(|child| child.wait().unwrap().success()));
    assert_eq!(
        world.target(),
        these([("a", "1"), ("sub/b", "2"), ("sub/c", "3")])
    );
}

#[test]
fn a_workplace_that_is_a_link_or_a_file_is_refused() {
    let world = World::with(&[("token", b"t")]);
    let elsewhere = world.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let workplace = world.path(".target.writeway-seed");
    symlink(&elsewhere, &workplace).unwrap();
    world.seed(&[]).refused(&[".target.writeway-seed"]);
    fs::remove_file(&workplace).unwrap();
    fs::write(&workplace, "").unwrap();
    world.seed(&[]).refused(&[".target.writeway-seed"]);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    assert!(!world.path("target").exists());
}

#[test]
fn values_are_in_no_output_and_in_no_lineage() {
    let value = b"correct horse battery staple";
    let mut world = World::with(&[("token", value), ("gone", value)]);
    let mut said = world.seeded(&["-v"]);
    fs::write(world.path("target/token"), "correct horse refreshed").unwrap();
    said += &world.seeded(&["-v", "--log-format", "json"]);
    world.secret.write(&[("token", b"correct horse rotated")]);
    said += &world.seed(&["-v"]).said;
    said += &world.seeded(&["-v", "--on-conflict", "source"]);
    said += &fs::read_to_string(world.path(LINEAGE)).unwrap();
    assert!(said.contains("token") && !said.contains("horse"), "{said}");
}
