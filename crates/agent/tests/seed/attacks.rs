// SPDX-License-Identifier: Apache-2.0
//! Somebody who may write to the target lays links, other names of foreign files, and things that are no files: nothing
//! outside of the target is written, and nothing that is no key is opened.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rustix::fs::{CWD, FileType, Mode, RenameFlags, mknodat, renameat_with};

use crate::world::{World, access, files, stamp, text, these};

/// How often a directory is exchanged for a link and back while runs go on.
const SWAPS: usize = 100_000;

#[test]
fn what_lies_at_a_keys_name_is_never_written_through() {
    let world = World::with(&[("token", b"secret")]);
    let at = world.path("target/token");
    fs::create_dir(world.path("target")).unwrap();
    fs::write(world.path("outside"), "foreign").unwrap();
    let outside = stamp(world.path("outside"));
    let node = |kind| mknodat(CWD, &at, kind, Mode::RUSR, rustix::fs::makedev(1, 3)).unwrap();
    type Lay<'a> = &'a dyn Fn();
    let things: [(&str, Lay<'_>); 6] = [
        ("a symbolic link", &|| {
            symlink(world.path("outside"), &at).unwrap()
        }),
        ("a symbolic link", &|| symlink("../nowhere", &at).unwrap()),
        ("a directory", &|| fs::create_dir(&at).unwrap()),
        ("a FIFO", &|| node(FileType::Fifo)),
        ("a device", &|| node(FileType::CharacterDevice)),
        ("a socket", &|| drop(UnixListener::bind(&at).unwrap())),
    ];
    for on_conflict in ["fail", "source", "newest"] {
        for (kind, lay) in things {
            lay();
            let before = stamp(&at);
            let ran = world.seed(&["--on-conflict", on_conflict]);
            ran.refused(&["target/token", kind, "remove it"]);
            assert_eq!(stamp(&at), before, "{kind}");
            if kind == "a directory" {
                fs::remove_dir(&at).unwrap();
            } else {
                fs::remove_file(&at).unwrap();
            }
        }
    }
    assert_eq!(stamp(world.path("outside")), outside);
    assert!(!world.path("nowhere").exists());
}

#[test]
fn what_lies_in_the_way_to_a_nested_key_is_never_gone_through() {
    let world = World::with(&[("sub/deep/token", b"secret")]);
    fs::create_dir(world.path("target")).unwrap();
    fs::create_dir_all(world.path("outside/deep")).unwrap();
    for way in ["sub", "sub/deep"] {
        let at = world.path("target").join(way);
        fs::create_dir_all(at.parent().unwrap()).unwrap();
        let link = world
            .path("outside")
            .join(way.strip_prefix("sub/").unwrap_or_default());
        symlink(&link, &at).unwrap();
        world
            .seed(&[])
            .refused(&[text(&Path::new("target").join(way)), "is a symbolic link"]);
        fs::remove_file(&at).unwrap();
        fs::write(&at, "").unwrap();
        world
            .seed(&[])
            .refused(&[text(&Path::new("target").join(way)), "is a file"]);
        fs::remove_file(&at).unwrap();
    }
    assert_eq!(files(&world.path("outside")), these([]));
}

#[test]
fn another_name_of_a_foreign_file_is_replaced_and_never_written_to() {
    let world = World::with(&[("token", b"secret")]);
    fs::create_dir(world.path("target")).unwrap();
    let at = world.path("target/token");
    for (content, options, code) in [
        ("foreign", &[][..], 1),
        ("foreign", &["--on-conflict", "source"], 0),
        // The right content with a mode of its own: neither is it given the mode.
        ("secret", &[], 0),
        ("secret", &["--owner", "65532:65532"], 0),
        ("", &[], 0),
    ] {
        let _ = fs::remove_dir_all(world.path(".target.writeway-seed"));
        let _ = fs::remove_file(&at);
        let outside = world.path("outside");
        let _ = fs::remove_file(&outside);
        fs::write(&outside, content).unwrap();
        fs::set_permissions(&outside, fs::Permissions::from_mode(0o644)).unwrap();
        fs::hard_link(&outside, &at).unwrap();
        let ran = world.seed(options);
        assert_eq!(ran.code, code, "{}", ran.said);
        assert_eq!(fs::read_to_string(&outside).unwrap(), content);
        assert_eq!(access(&outside), (0o644, 0, 0), "{content:?} {options:?}");
        if code == 0 {
            assert_ne!(stamp(&outside).0, stamp(&at).0);
            assert_eq!(fs::read_to_string(&at).unwrap(), "secret");
            assert_eq!(access(&at).0, 0o600);
        }
    }
}

#[test]
fn a_key_that_left_takes_no_foreign_file_with_it() {
    let mut world = World::with(&[("sub/token", b"secret"), ("stays", b"s")]);
    world.seeded(&[]);
    // The same file under the same name, elsewhere.
    fs::create_dir(world.path("outside")).unwrap();
    fs::rename(world.path("target/sub/token"), world.path("outside/token")).unwrap();
    fs::remove_dir(world.path("target/sub")).unwrap();
    symlink("../outside", world.path("target/sub")).unwrap();
    world.secret.write(&[("stays", b"s")]);
    let said = world.seeded(&[]);
    assert!(said.contains("target/sub is a symbolic link"), "{said}");
    assert_eq!(files(&world.path("outside")), these([("token", "secret")]));
}

/// Exchanges what two names stand for, again and again, until it is stopped.
fn swapping<T>(a: &Path, b: &Path, runs: impl FnOnce(&AtomicUsize) -> T) -> T {
    let stop = Arc::new(AtomicBool::new(false));
    let swaps = Arc::new(AtomicUsize::new(0));
    let swapper = {
        let (a, b, stop, swaps) = (a.to_owned(), b.to_owned(), Arc::clone(&stop), Arc::clone(&swaps));
        thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                // One of them is gone for a moment when a run removes or makes it.
                let _ = renameat_with(CWD, &a, CWD, &b, RenameFlags::EXCHANGE);
                swaps.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let done = runs(&swaps);
    stop.store(true, Ordering::Relaxed);
    swapper.join().unwrap();
    done
}

/// Seeds while a directory of the target is exchanged for a link to `outside` and back, until there were [`SWAPS`].
fn race(swapped: &str, keys: &[(&str, &[u8])]) {
    let mut world = World::new();
    let generations: Vec<Vec<u8>> = (0_u8..2)
        .map(|generation| vec![b'0' + generation; 20_000])
        .collect();
    let outside = world.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("token"), "foreign").unwrap();
    let before = (stamp(outside.join("token")), files(&outside));
    fs::create_dir_all(world.path(swapped)).unwrap();
    let link = world.path("link");
    symlink(&outside, &link).unwrap();
    let at = world.path(swapped);
    let (mut done, mut refused) = (0, 0);
    swapping(&at, &link, |swaps| {
        while swaps.load(Ordering::Relaxed) < SWAPS || done + refused < 100 {
            let content = &generations[(done + refused) % 2];
            let payload: Vec<(&str, &[u8])> =
                keys.iter().map(|(key, _)| (*key, content.as_slice())).collect();
            world.secret.write(&payload);
            let ran = world.seed(&["--on-conflict", "source"]);
            match ran.code {
                0 => done += 1,
                1 => refused += 1,
                _ => panic!("{}", ran.said),
            }
            assert_eq!(
                (stamp(outside.join("token")), files(&outside)),
                before,
                "{}",
                ran.said
            );
        }
    });
    assert!(done > 0 && refused > 0, "no race: {done} done, {refused} refused");
}

#[test]
fn a_directory_of_the_target_swapped_for_a_link_leads_nowhere() {
    race(
        "target/sub",
        &[("sub/token", b""), ("sub/other", b""), ("a", b"")],
    );
}

#[test]
fn the_target_swapped_for_a_link_leads_nowhere() {
    race("target", &[("token", b""), ("other", b"")]);
}

#[test]
fn a_key_swapped_for_a_link_is_never_written_through() {
    let mut world = World::with(&[("token", b"0")]);
    world.seeded(&[]);
    fs::write(world.path("outside"), "foreign").unwrap();
    symlink(world.path("outside"), world.path("link")).unwrap();
    let outside = stamp(world.path("outside"));
    let (at, link) = (world.path("target/token"), world.path("link"));
    let mut runs = 0_u32;
    swapping(&at, &link, |swaps| {
        while swaps.load(Ordering::Relaxed) < SWAPS || runs < 100 {
            runs += 1;
            world.secret.write(&[("token", runs.to_string().as_bytes())]);
            // Done, refused because of the link, or given up as it changes again and again.
            world.seed(&["--on-conflict", "source"]);
            assert_eq!(stamp(world.path("outside")), outside);
            assert_eq!(fs::read(world.path("outside")).unwrap(), b"foreign");
        }
    });
}

#[test]
fn a_key_named_as_the_workplace_is_refused_where_it_would_lie_in_it() {
    let world = World::with(&[(".writeway-seed", b"t")]);
    world.seeded(&[]);
    assert_eq!(world.target(), these([(".writeway-seed", "t")]));
    let secret = text(&world.secret.path);
    fs::create_dir(world.path("here")).unwrap();
    let here = ["seed", secret, "--to", "."];
    let output = std::process::Command::new(crate::world::AGENT)
        .args(here)
        .current_dir(world.path("here"))
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("`.writeway-seed`") && said.contains("--state"),
        "{said}"
    );
}
