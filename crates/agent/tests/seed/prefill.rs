// SPDX-License-Identifier: Apache-2.0
//! What an image ships, for an empty volume that is mounted over it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::world::{World, access, caller, stamp, text, these};

fn file(path: impl AsRef<Path>, content: &str, mode: u32) {
    fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    fs::write(&path, content).unwrap();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// A program's directory as its image ships it.
fn image(world: &World) {
    file(world.path("image/config.yaml"), "shipped", 0o644);
    file(world.path("image/bin/tool"), "tool", 0o4755);
    file(world.path("image/data/defaults"), "d", 0o444);
    symlink("bin/tool", world.path("image/tool")).unwrap();
    symlink("/etc/hostname", world.path("image/absolute")).unwrap();
    fs::create_dir(world.path("image/tmp")).unwrap();
    for (directory, mode) in [("tmp", 0o1777), ("bin", 0o755), ("data", 0o2750)] {
        fs::set_permissions(world.path("image").join(directory), Permissions::from_mode(mode)).unwrap();
    }
}

#[test]
fn a_tree_is_copied_with_its_modes_links_and_empty_directories() {
    let world = World::new();
    image(&world);
    mknodat(CWD, world.path("image/pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
    let ran = world.run(&["--prefill", "image", "--to", "target", "--owner", "65532:65532"]);
    assert_eq!(ran.code, 0, "{}", ran.said);
    assert!(
        ran.said.contains("warning: image/pipe: left out: it is a FIFO"),
        "{}",
        ran.said
    );
    for (path, mode) in [
        ("", 0o700),
        ("config.yaml", 0o644),
        ("bin", 0o755),
        // A volume's program needs no set-user-ID bit of another image's.
        ("bin/tool", 0o755),
        ("data", 0o2750),
        ("data/defaults", 0o444),
        ("tmp", 0o1777),
        ("tool", 0o777),
        ("absolute", 0o777),
    ] {
        assert_eq!(
            access(world.path("target").join(path)),
            (mode, 65532, 65532),
            "{path:?}"
        );
    }
    assert_eq!(
        fs::read_link(world.path("target/tool")).unwrap(),
        Path::new("bin/tool")
    );
    assert_eq!(
        fs::read_link(world.path("target/absolute")).unwrap(),
        Path::new("/etc/hostname")
    );
    assert_eq!(fs::read(world.path("target/bin/tool")).unwrap(), b"tool");
    assert!(!world.path("target/pipe").exists());
}

#[test]
fn keys_win_over_what_the_image_ships() {
    let world = World::with(&[
        ("config.yaml", b"from the Secret"),
        ("data/token", b"t"),
        ("bin", b"a key"),
    ]);
    image(&world);
    let secret = text(&world.secret.path);
    let arguments = [secret, "--prefill", "image", "--to", "target"];
    for said in ["6 entries: 6 written\n", "6 entries: 6 right already\n"] {
        let ran = world.run(&arguments);
        assert_eq!(ran.code, 0, "{}", ran.said);
        assert!(ran.said.ends_with(said), "{}", ran.said);
    }
    let link = format!(
        "{:?}",
        fs::symlink_metadata(world.path("target/tool"))
            .unwrap()
            .file_type()
    );
    let expected = these([
        ("absolute", &link),
        ("bin", "a key"),
        ("config.yaml", "from the Secret"),
        ("data/defaults", "d"),
        ("data/token", "t"),
        ("tool", &link),
    ]);
    assert_eq!(world.target(), expected);
    let (uid, gid) = caller();
    assert_eq!(access(world.path("target/config.yaml")), (0o600, uid, gid));
    assert_eq!(access(world.path("target/data")).0, 0o2750);
}

#[test]
fn a_newer_image_updates_what_the_program_left_alone() {
    let world = World::new();
    image(&world);
    let arguments = ["--prefill", "image", "--to", "target"];
    assert_eq!(world.run(&arguments).code, 0);
    fs::write(world.path("target/config.yaml"), "by the program").unwrap();
    fs::write(world.path("target/own"), "o").unwrap();
    let kept = stamp(world.path("target/data/defaults"));
    // The new image: one file changed, one became a link, one directory went.
    fs::remove_file(world.path("image/tool")).unwrap();
    file(world.path("image/tool"), "a file now", 0o755);
    fs::remove_dir_all(world.path("image/bin")).unwrap();
    fs::remove_file(world.path("image/absolute")).unwrap();
    symlink("/etc/hosts", world.path("image/absolute")).unwrap();
    let ran = world.run(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.said);
    assert!(
        ran.said
            .ends_with("4 entries: 2 written, 1 kept, 1 right already, 1 removed\n"),
        "{}",
        ran.said
    );
    assert_eq!(fs::read(world.path("target/tool")).unwrap(), b"a file now");
    assert_eq!(
        fs::read_link(world.path("target/absolute")).unwrap(),
        Path::new("/etc/hosts")
    );
    assert_eq!(
        fs::read(world.path("target/config.yaml")).unwrap(),
        b"by the program"
    );
    assert_eq!(fs::read(world.path("target/own")).unwrap(), b"o");
    assert!(!world.path("target/bin").exists());
    assert_eq!(stamp(world.path("target/data/defaults")), kept);
}

#[test]
fn a_target_within_the_tree_is_not_copied_into_itself() {
    let world = World::new();
    image(&world);
    let arguments = ["--prefill", "image", "--to", "image/target"];
    fs::create_dir(world.path("image/target")).unwrap();
    for _ in 0..2 {
        let ran = world.run(&arguments);
        assert_eq!(ran.code, 0, "{}", ran.said);
        assert!(world.path("image/target/config.yaml").exists());
        assert!(!world.path("image/target/target").exists());
        assert!(!world.path("image/target/.target.writeway-seed").exists());
    }
}
