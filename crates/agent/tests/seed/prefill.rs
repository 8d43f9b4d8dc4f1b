// SPDX-License-Identifier: Apache-2.0
//! What an image ships, for an empty volume that is mounted over it.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use rustix::fs::{CWD, FileType, Mode, mknodat};
use writeway_generate::{Image, Prefill, Size, User};

use crate::world::{AGENT, APP, Ran, World, access, caller, stamp, text, these};

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

/// The words of a container that the generator makes, with the container's paths as those of the test.
fn words(container: &writeway_generate::JsonObject, field: &str, world: &World) -> Vec<String> {
    let words = container[field]
        .as_array()
        .unwrap()
        .iter()
        .map(|word| word.as_str().unwrap());
    let placed = [
        ("/writeway", "agent"),
        ("/prefill", "volume"),
        ("/app/config", "image"),
    ];
    words
        .map(|word| {
            let moved = placed.iter().find_map(|(from, to)| {
                let rest = word.strip_prefix(from)?;
                Some(format!("{}{rest}", text(&world.path(to))))
            });
            moved.unwrap_or_else(|| word.to_owned())
        })
        .collect()
}

/// Both init containers of `generate`'s `Prefill`, one after the other, on two volumes as kubelet makes emptyDirs, and
/// once more after the program has written.
#[test]
fn the_generated_containers_fill_a_volume_as_two_users() {
    const COPIER: u32 = 64000;
    let world = World::new();
    image(&world);
    // The program may read all of it.
    fs::set_permissions(world.path("image/data"), Permissions::from_mode(0o755)).unwrap();
    for volume in ["agent", "volume"] {
        fs::create_dir(world.path(volume)).unwrap();
        fs::set_permissions(world.path(volume), Permissions::from_mode(0o777)).unwrap();
    }
    let image = Image::parse("registry.example.com/acme/app:1.0.0").unwrap();
    let user = User::new(APP.into(), APP.into()).unwrap();
    let size = Size::parse("64Mi").unwrap();
    let prefill = Prefill::new(image, user, "/app/config", "config", size).unwrap();
    let containers = prefill.render().to_json().init_containers;
    let [copy, fill] = containers.as_slice() else {
        panic!("there are two: {containers:?}");
    };
    for said in ["5 written", "1 kept"] {
        // The agent's image: what is run there can be read by everybody.
        let agent = world.path("writeway-agent");
        assert!(
            Command::new("cp")
                .arg(AGENT)
                .arg(&agent)
                .status()
                .unwrap()
                .success()
        );
        let mut command = Command::new(&agent);
        command.args(words(copy, "args", &world));
        let ran = Ran::of_user(COPIER, &[], command);
        assert_eq!(ran.code, 0, "{}", ran.said);
        // The program's image has nothing that could be run.
        fs::remove_file(&agent).unwrap();
        let words = words(fill, "command", &world);
        let (program, arguments) = words.split_first().unwrap();
        assert_eq!(access(program), (0o555, COPIER, COPIER));
        let mut command = Command::new(program);
        command.args(arguments);
        let ran = Ran::of_user(APP, &[], command);
        assert_eq!(ran.code, 0, "{}", ran.said);
        assert!(ran.said.contains(said), "{}", ran.said);
        assert_eq!(access(world.path("volume/files")), (0o755, APP, APP));
        fs::write(world.path("volume/files/config.yaml"), "by the program").unwrap();
    }
    assert_eq!(access(world.path("volume/files/config.yaml")), (0o644, APP, APP));
    assert_eq!(
        fs::read(world.path("volume/files/config.yaml")).unwrap(),
        b"by the program"
    );
    assert_eq!(fs::read(world.path("volume/files/bin/tool")).unwrap(), b"tool");
    assert!(
        !world.path("volume/files/.writeway-seed").exists(),
        "it is beside what the program sees"
    );
}
