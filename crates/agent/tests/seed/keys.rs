// SPDX-License-Identifier: Apache-2.0
//! What keys become.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};

use crate::world::{APP, World, access, acting_as, caller, files, text, these};

#[test]
fn h1_1_an_empty_secret_is_refused_with_its_name_or_warned_of() {
    // An optional Secret that is missing is mounted as an empty volume.
    let empty = World::with(&[]);
    let missing = World::new();
    fs::remove_dir(&missing.secret.path).unwrap();
    for (world, why) in [(&empty, "has no keys"), (&missing, "(ENOENT)")] {
        let secret = text(&world.secret.path);
        world.seed(&[]).refused(&[secret, why, "--allow-empty"]);
        let ran = world.seed(&["--allow-empty"]);
        assert_eq!(ran.code, 0, "{}", ran.said);
        assert!(
            ran.said.starts_with("writeway-agent seed: warning: "),
            "{}",
            ran.said
        );
        assert!(
            ran.said.contains(secret) && ran.said.contains(why),
            "{}",
            ran.said
        );
        assert!(!world.path("target").exists());
    }
}

#[test]
fn h1_1_an_emptied_secret_takes_nothing_away() {
    let mut world = World::with(&[("token", b"t")]);
    world.seeded(&[]);
    world.secret.write(&[]);
    world.seed(&[]).refused(&["has no keys"]);
    world.seeded(&["--allow-empty"]);
    assert_eq!(world.target(), these([("token", "t")]));
}

#[test]
fn h1_1_any_name_of_a_key_survives() {
    let long = "k".repeat(253);
    // Most of them no Secret may have, but a plain directory and a projected path.
    let names = [
        "plain",
        "with space",
        "-rf",
        "--to",
        ".hidden",
        "a.b_c-d",
        "*",
        "$(id)",
        "new\nline",
        "ünï",
        &long,
    ];
    let payload = names.map(|name| (name, name.as_bytes()));
    let world = World::with(&payload);
    world.seeded(&[]);
    assert_eq!(world.target(), these(names.map(|name| (name, name))));
    // And once more, from the lineage.
    assert!(world.seeded(&[]).ends_with("11 entries: 11 right already\n"));
}

#[test]
fn h1_2_target_holds_exactly_the_keys() {
    let world = World::with(&[
        ("a", b"1"),
        ("items/b", b"2"),
        ("items/deep/c", b"3"),
        ("empty", b""),
    ]);
    // What the layout is made of.
    assert!(world.secret.path.join("..data").is_symlink() && world.secret.path.join("items").is_symlink());
    // Whatever the umask is.
    let command = format!(
        "umask 0777; exec {} seed {} --to target",
        crate::world::AGENT,
        text(&world.secret.path)
    );
    let status = std::process::Command::new("sh")
        .args(["-c", &command])
        .current_dir(&world.root)
        .status();
    assert!(status.unwrap().success());
    let expected = these([("a", "1"), ("items/b", "2"), ("items/deep/c", "3"), ("empty", "")]);
    assert_eq!(world.target(), expected);
    let (uid, gid) = caller();
    let target = world.path("target");
    for file in ["a", "items/b", "items/deep/c", "empty"] {
        assert_eq!(access(target.join(file)), (0o600, uid, gid), "{file}");
        assert!(fs::symlink_metadata(target.join(file)).unwrap().is_file());
    }
    for directory in ["", "items", "items/deep"] {
        assert_eq!(access(target.join(directory)), (0o700, uid, gid), "{directory:?}");
    }
}

#[test]
fn h1_2_mode_and_owner_are_as_asked_also_of_a_source_that_is_roots_alone() {
    let mut world = World::new();
    world
        .secret
        .write_with_mode(&[("key.pem", b"k"), ("items/b", b"2")], 0o400);
    world.seeded(&[
        "--owner",
        "65532:65533",
        "--mode",
        "0640",
        "--directory-mode",
        "2750",
    ]);
    let target = world.path("target");
    for (path, mode) in [
        ("", 0o2750),
        ("key.pem", 0o640),
        ("items", 0o2750),
        ("items/b", 0o640),
    ] {
        assert_eq!(access(target.join(path)), (mode, 65532, 65533), "{path:?}");
    }
    assert_eq!(access(world.path(".target.writeway-seed")), (0o700, 0, 0));
    // A mode that others may read is allowed if it is asked for; only mode and owner change.
    let said = world.seeded(&["--owner", "1:1", "--mode", "0444", "--directory-mode", "0755"]);
    assert!(
        said.ends_with("2 entries: 2 given their mode or owner\n"),
        "{said}"
    );
    for (path, mode) in [
        ("", 0o755),
        ("key.pem", 0o444),
        ("items", 0o755),
        ("items/b", 0o444),
    ] {
        assert_eq!(access(target.join(path)), (mode, 1, 1), "{path:?}");
    }
}

#[test]
fn h1_2_fs_group_lets_the_program_itself_seed_and_without_it_the_reason_is_said() {
    let mut world = World::new();
    world.secret.write_with_mode(&[("token", b"t")], 0o400);
    let volume = world.volume_of("volume", APP);
    let target = volume.join("target");
    let secret = world.secret.path.clone();
    let arguments = [text(&secret), "--to", text(&target)];
    let ran = world.run_as(APP, &[], &arguments);
    ran.refused(&["/secret/token", "(EACCES)", "fsGroup", "defaultMode"]);
    assert!(!target.exists());
    // As kubelet does with an fsGroup: the group may read.
    let token = fs::canonicalize(secret.join("token")).unwrap();
    std::os::unix::fs::chown(&token, Some(0), Some(2000)).unwrap();
    fs::set_permissions(&token, Permissions::from_mode(0o440)).unwrap();
    let ran = world.run_as(APP, &[2000], &arguments);
    assert_eq!(ran.code, 0, "{}", ran.said);
    assert_eq!(access(target.join("token")), (0o600, APP, APP));
    // To give files away it needs more.
    let ran = world.run_as(APP, &[2000], &[&arguments[..], &["--owner", "1:1"]].concat());
    ran.refused(&["/token", "(EPERM)", "CAP_CHOWN"]);
    assert_eq!(access(target.join("token")), (0o600, APP, APP));
}

#[test]
fn h1_5_programs_can_refresh_in_place_and_by_rename() {
    let world = World::with(&[("gmail-a.json", b"{\"old\":1}"), ("rclone.conf", b"old")]);
    world.seeded(&["--owner", "65532:65532"]);
    let target = world.path("target");
    acting_as(APP, move || {
        // gmail_sdk: open with O_TRUNC, fchmod, write.
        let options = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .to_owned();
        let mut token = options.open(target.join("gmail-a.json")).unwrap();
        token.set_permissions(Permissions::from_mode(0o600)).unwrap();
        token.write_all(b"{\"new\":22}").unwrap();
        // rclone: a temporary file beside it, renamed.
        let mut temporary = File::create_new(target.join("rclone.conf123")).unwrap();
        temporary.write_all(b"new").unwrap();
        fs::rename(target.join("rclone.conf123"), target.join("rclone.conf")).unwrap();
    });
    let refreshed = these([("gmail-a.json", "{\"new\":22}"), ("rclone.conf", "new")]);
    assert_eq!(files(&world.path("target")), refreshed);
    // The next run, before the program starts again, keeps both.
    let said = world.seeded(&["--owner", "65532:65532"]);
    assert!(said.ends_with("2 entries: 2 kept\n"), "{said}");
    assert_eq!(files(&world.path("target")), refreshed);
}
