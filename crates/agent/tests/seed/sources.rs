// SPDX-License-Identifier: Apache-2.0
//! What may be a source, and what is refused.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::kubelet::Volume;
use crate::world::{World, text, these};

#[test]
fn one_file_is_a_source() {
    let world = World::with(&[("token", b"t"), ("sub/b", b"2"), ("sub/deep/c", b"3")]);
    let secret = world.secret.path.clone();
    // As subPath mounts it.
    fs::write(world.path("tls.crt"), "plain").unwrap();
    for (from, expected) in [
        // A visible key is a link, and so is a visible directory.
        (secret.join("token"), these([("token", "t")])),
        (secret.join("sub/b"), these([("b", "2")])),
        (secret.join("sub"), these([("b", "2"), ("deep/c", "3")])),
        (secret.join("..data/token"), these([("token", "t")])),
        (world.path("tls.crt"), these([("tls.crt", "plain")])),
    ] {
        let ran = world.run(&[text(&from), "--to", "target"]);
        assert_eq!(ran.code, 0, "{}", ran.said);
        assert_eq!(world.target(), expected, "{}", from.display());
        fs::remove_dir_all(world.path("target")).unwrap();
    }
}

#[test]
fn several_sources_are_one_set_and_a_name_in_two_is_refused() {
    let world = World::with(&[("a", b"1"), ("sub/b", b"2")]);
    let mut other = Volume::new(world.path("other"));
    other.write(&[("c", b"3"), ("sub/d", b"4")]);
    let secret = world.secret.path.clone();
    let second = other.path.clone();
    let from = [text(&secret), text(&second), "--to", "target"];
    let ran = world.run(&from);
    assert_eq!(ran.code, 0, "{}", ran.said);
    let both = these([("a", "1"), ("c", "3"), ("sub/b", "2"), ("sub/d", "4")]);
    assert_eq!(world.target(), both);
    for (taken, named) in [("sub/b", "`sub/b`"), ("a/x", "`a`"), ("sub", "`sub`")] {
        other.write(&[(taken, b"5")]);
        world.run(&from).refused(&[named, text(&second)]);
        assert_eq!(world.target(), both);
    }
}

#[test]
fn a_plain_directory_is_read_through_links_that_stay_in_it() {
    let world = World::new();
    let plain = world.path("plain");
    fs::create_dir_all(plain.join("real/deep")).unwrap();
    fs::write(plain.join("real/deep/file"), "f").unwrap();
    fs::write(plain.join("..backup"), "not a key").unwrap();
    symlink("real/deep/file", plain.join("link")).unwrap();
    symlink("../link", plain.join("real/back")).unwrap();
    symlink("./real/../real/deep/", plain.join("directory")).unwrap();
    let ran = world.run(&["plain", "--to", "target"]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    let expected = these([
        ("directory/file", "f"),
        ("link", "f"),
        ("real/back", "f"),
        ("real/deep/file", "f"),
    ]);
    assert_eq!(world.target(), expected);
}

#[test]
fn a_directory_of_volumes_is_read_as_each_of_them_shows_it() {
    let world = World::new();
    fs::create_dir(world.path("all")).unwrap();
    Volume::new(world.path("all/one")).write(&[("token", b"1"), ("sub/b", b"2")]);
    Volume::new(world.path("all/two")).write(&[("token", b"3")]);
    let ran = world.run(&["all", "--to", "target"]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    let expected = these([("one/sub/b", "2"), ("one/token", "1"), ("two/token", "3")]);
    assert_eq!(world.target(), expected);
}

#[test]
fn what_no_key_can_be_is_named_and_nothing_is_written() {
    let world = World::new();
    fs::write(world.path("outside"), "o").unwrap();
    let make = |name: &str, what: &str| {
        let at = world.path("plain").join(name);
        let node = |kind| mknodat(CWD, &at, kind, Mode::RUSR, rustix::fs::makedev(1, 5)).unwrap();
        match what {
            "fifo" => node(FileType::Fifo),
            "device" => node(FileType::CharacterDevice),
            "socket" => drop(UnixListener::bind(&at).unwrap()),
            link => symlink(link, &at).unwrap(),
        }
    };
    let absolute = text(&world.path("outside")).to_owned();
    for (what, why) in [
        ("fifo", "is a FIFO"),
        ("device", "is a device"),
        ("socket", "is a socket"),
        ("../outside", "leads out of the source"),
        ("sub/../../plain/a", "leads out of the source"),
        (&absolute, "leads out of the source"),
        ("nothing", "(ENOENT)"),
        ("z", "(ELOOP)"),
        (".", "leads back to itself"),
        ("sub/..", "leads back to itself"),
        ("sub/pipe", "leads to a FIFO"),
        ("a/b", "(ENOTDIR)"),
    ] {
        fs::create_dir_all(world.path("plain/sub")).unwrap();
        fs::write(world.path("plain/a"), "a").unwrap();
        if what == "sub/pipe" {
            // After the link, in the order of names.
            fs::rename(world.path("plain/sub"), world.path("plain/sub_")).unwrap();
            symlink("zz", world.path("plain/sub")).unwrap();
            fs::create_dir(world.path("plain/zz")).unwrap();
            make("zz/pipe", "fifo");
            make("b", what);
            world.run(&["plain", "--to", "target"]).refused(&["plain/b", why]);
        } else {
            make("z", what);
            world.run(&["plain", "--to", "target"]).refused(&["plain/z", why]);
        }
        assert!(!world.path("target").exists(), "{what}");
        fs::remove_dir_all(world.path("plain")).unwrap();
    }
    for (from, why) in [("plain/fifo", "is a FIFO"), ("plain/device", "is a device")] {
        fs::create_dir_all(world.path("plain")).unwrap();
        make(
            from.trim_start_matches("plain/"),
            from.trim_start_matches("plain/"),
        );
        world.run(&[from, "--to", "target"]).refused(&[from, why]);
    }
}

#[test]
fn a_layout_that_kubelet_never_writes_is_refused() {
    let world = World::with(&[("token", b"t")]);
    let secret = &world.secret.path;
    let set = fs::read_link(secret.join("..data")).unwrap();
    symlink("../../outside", secret.join(&set).join("link")).unwrap();
    world.seed(&[]).refused(&["link", "is a symbolic link"]);
    fs::remove_file(secret.join(&set).join("link")).unwrap();
    fs::write(world.path("outside"), "o").unwrap();
    for elsewhere in ["/etc", "../outside", "plain", "..", "..a/b"] {
        fs::remove_file(secret.join("..data")).unwrap();
        symlink(elsewhere, secret.join("..data")).unwrap();
        let ran = world.seed(&[]);
        assert_ne!(ran.code, 0, "{elsewhere}");
        assert!(ran.said.contains("..data"), "{}", ran.said);
        assert!(!world.path("target").exists());
    }
}

#[test]
fn a_set_that_stays_away_is_waited_for_only_so_long() {
    let world = World::with(&[("token", b"t")]);
    let data = world.secret.path.join("..data");
    fs::remove_dir_all(world.secret.path.join(fs::read_link(data).unwrap())).unwrap();
    let begun = Instant::now();
    let ran = world.seed(&[]);
    assert_eq!(ran.code, 3, "{}", ran.said);
    assert!(
        ran.said
            .contains("secret/..2026_11_22_13_05_17.000000001 is gone, again and again"),
        "{}",
        ran.said
    );
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert!(!world.path("target").exists());
}

#[test]
fn usage_is_checked_before_anything_is_done() {
    let world = World::with(&[("token", b"t")]);
    for (arguments, why) in [
        (&[][..], "FROM is missing"),
        (&["secret"], "`--to DIR` is missing"),
        (&["secret", "--to", "t", "--mode", "1600"], "0777 at most"),
        (&["secret", "--to", "t", "--mode", "rw"], "no mode"),
        (&["secret", "--to", "t", "--owner", "app"], "no owner"),
        (
            &["secret", "--to", "t", "--on-conflict", "both"],
            "write `source`",
        ),
    ] {
        let ran = world.run(arguments);
        assert_eq!(ran.code, 2, "{}", ran.said);
        assert!(ran.said.contains(why), "{}", ran.said);
    }
    assert_eq!(fs::read_dir(&world.root).unwrap().count(), 1);
}

#[test]
fn a_target_that_is_no_directory_or_lies_nowhere_is_refused() {
    let world = World::with(&[("token", b"t")]);
    let secret = text(&world.secret.path);
    fs::write(world.path("file"), "f").unwrap();
    fs::create_dir(world.path("real")).unwrap();
    symlink("real", world.path("link")).unwrap();
    for (to, why) in [
        ("file", "is a file"),
        ("link", "is a symbolic link"),
        ("link/target", "symbolic link"),
        ("nowhere/target", "(ENOENT)"),
        ("real/../target", "`..`"),
    ] {
        world.run(&[secret, "--to", to]).refused(&[why]);
    }
    assert_eq!(fs::read_dir(world.path("real")).unwrap().count(), 0);
}
