// SPDX-License-Identifier: Apache-2.0
//! How `check --fix` writes: at once or not at all, and only over what it has read.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]
#![cfg(unix)]

mod common;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::process::Stdio;
use std::time::Instant;

use common::{Folder, WITHOUT_TEMP};

#[test]
fn mode_and_owner_stay_and_nothing_is_left_beside_the_file() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    let file = folder.path().join("pod.yaml");
    chown(&file, Some(1234), Some(4321)).expect("this test gives a file away: run it as root");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    let after = fs::metadata(&file).unwrap();
    assert_eq!(
        (after.mode() & 0o7777, after.uid(), after.gid()),
        (0o640, 1234, 4321)
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// An access control list as Linux stores it (linux/posix_acl_xattr.h): version 2, and entries of tag, rights and id.
#[cfg(target_os = "linux")]
fn access_list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
    let mut bytes = 2_u32.to_le_bytes().to_vec();
    for (tag, rights, id) in entries {
        bytes.extend(tag.to_le_bytes());
        bytes.extend(rights.to_le_bytes());
        bytes.extend(id.to_le_bytes());
    }
    bytes
}

/// Owner, one more user, group, mask, and others.
#[cfg(target_os = "linux")]
fn for_one_more_user(rights: u16) -> Vec<u8> {
    let nobody = u32::MAX;
    access_list(&[
        (0x01, 6, nobody),
        (0x02, rights, 1234),
        (0x04, 4, nobody),
        (0x10, rights | 4, nobody),
        (0x20, 0, nobody),
    ])
}

#[cfg(target_os = "linux")]
const NEEDS: &str = "this test needs a temporary folder with access control lists and extended attributes (ext4, xfs, \
                     btrfs, tmpfs)";

#[cfg(target_os = "linux")]
#[test]
fn access_control_list_and_extended_attributes_stay() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    let file = folder.path().join("pod.yaml");
    let list = for_one_more_user(6);
    xattr::set(&file, "system.posix_acl_access", &list).expect(NEEDS);
    xattr::set(&file, "user.origin", b"a\0b").expect(NEEDS);
    xattr::set(&file, "user.empty", b"").expect(NEEDS);
    let before = fs::metadata(&file).unwrap().mode();
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    assert_ne!(fs::read_to_string(&file).unwrap(), WITHOUT_TEMP);
    let get = |name: &str| xattr::get(&file, name).unwrap();
    assert_eq!(get("system.posix_acl_access"), Some(list));
    assert_eq!(get("user.origin"), Some(b"a\0b".to_vec()));
    assert_eq!(get("user.empty"), Some(Vec::new()));
    assert_eq!(fs::metadata(&file).unwrap().mode(), before);
}

/// A file that was there before its folder had such a list, say.
#[cfg(target_os = "linux")]
#[test]
fn nobody_gets_rights_from_the_list_that_the_folder_has_for_new_files() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    let file = folder.path().join("pod.yaml");
    fs::set_permissions(&file, Permissions::from_mode(0o640)).unwrap();
    xattr::set(folder.path(), "system.posix_acl_default", &for_one_more_user(6)).expect(NEEDS);
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    assert_ne!(fs::read_to_string(&file).unwrap(), WITHOUT_TEMP);
    assert_eq!(xattr::get(&file, "system.posix_acl_access").unwrap(), None);
    assert_eq!(fs::metadata(&file).unwrap().mode() & 0o7777, 0o640);
}

/// Attributes of modules that the kernel does not know are set with CAP_SYS_ADMIN (xattr(7)).
#[cfg(target_os = "linux")]
#[test]
fn a_file_whose_attribute_cannot_be_kept_stays_and_the_attribute_is_named() {
    let folder = Folder::with(&[("a.yaml", WITHOUT_TEMP), ("b.yaml", WITHOUT_TEMP)]);
    let file = folder.path().join("a.yaml");
    xattr::set(&file, "security.writeway", b"x")
        .expect("this test sets a security attribute: run it as root");
    let check = folder.command(&["check", "--fix"]);
    let run = std::process::Command::new("setpriv")
        .args(["--bounding-set", "-sys_admin", "--inh-caps", "-sys_admin"])
        .arg(check.get_program())
        .args(check.get_args())
        .current_dir(folder.path())
        .output()
        .expect("this test takes a capability away with `setpriv` of util-linux");
    let run = common::Run::from(run);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr
            .contains("a.yaml: not repaired: its attribute `security.writeway` cannot be kept"),
        "{run:?}"
    );
    assert!(run.stderr.ends_with("fixed 1 finding in 1 file\n"), "{run:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), WITHOUT_TEMP);
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        2,
        "nothing is left behind"
    );
}

#[test]
fn of_a_link_the_file_at_its_end_is_repaired_and_the_link_stays() {
    let folder = Folder::with(&[("real/pod.yaml", WITHOUT_TEMP)]);
    let link = folder.path().join("link.yaml");
    symlink("real/pod.yaml", &link).unwrap();
    assert_eq!(folder.run(&["check", "--fix", "link.yaml"]).code, Some(0));
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(
        fs::read_to_string(folder.path().join("real/pod.yaml"))
            .unwrap()
            .contains("sizeLimit")
    );
}

#[test]
fn another_name_of_the_file_keeps_the_old_text_and_it_is_said() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    fs::hard_link(folder.path().join("pod.yaml"), folder.path().join("other.txt")).unwrap();
    let run = folder.run(&["check", "--fix", "pod.yaml"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stderr.contains("hard links"), "{run:?}");
    assert_eq!(
        fs::read_to_string(folder.path().join("other.txt")).unwrap(),
        WITHOUT_TEMP
    );
}

#[test]
fn a_read_only_file_stays_and_what_to_do_is_said() {
    let folder = Folder::with(&[("a.yaml", WITHOUT_TEMP), ("b.yaml", WITHOUT_TEMP)]);
    let file = folder.path().join("a.yaml");
    fs::set_permissions(&file, Permissions::from_mode(0o444)).unwrap();
    let run = folder.run(&["check", "--fix"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr.contains("a.yaml: not repaired") && run.stderr.contains("chmod u+w"),
        "{run:?}"
    );
    assert!(run.stderr.ends_with("fixed 1 finding in 1 file\n"), "{run:?}");
    assert!(
        run.stdout.contains("a.yaml:10") && !run.stdout.contains("b.yaml"),
        "what is left: {run:?}"
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), WITHOUT_TEMP);
}

/// A file that is read while the test holds the command up in a pipe, and changed before it goes on.
#[test]
fn a_file_that_changed_since_it_was_read_is_not_overwritten() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]);
    let pipe = folder.path().join("zz.yaml");
    assert!(
        std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut command = folder.command(&["check", "--fix", "pod.yaml", "zz.yaml"]);
    // One thread reads the files in their order.
    command
        .env("RAYON_NUM_THREADS", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    // Opening the pipe returns when the command has it open, too: by then it has read what comes first.
    let writer = fs::OpenOptions::new().write(true).open(&pipe).unwrap();
    let changed = format!("# Somebody else's.\n{WITHOUT_TEMP}");
    fs::write(folder.path().join("pod.yaml"), &changed).unwrap();
    drop(writer);
    let run = common::Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(
        run.stderr
            .contains("pod.yaml: not repaired: the file has changed"),
        "{run:?}"
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("pod.yaml")).unwrap(),
        changed
    );
}

/// Kills the command at instants spread over its run: under each name is the old text or the new one, whole.
#[test]
fn a_command_that_is_killed_leaves_each_file_as_it_was_or_as_it_becomes() {
    const FILES: usize = 24;
    let names: Vec<_> = (0..FILES).map(|number| format!("pod-{number}.yaml")).collect();
    let long = format!("{WITHOUT_TEMP}# {}\n", "x".repeat(64 << 10));
    let folder = Folder::with(&[]);
    let reset = || {
        names
            .iter()
            .for_each(|name| drop(folder.write(name, long.as_bytes())))
    };
    reset();
    let start = Instant::now();
    assert_eq!(folder.run(&["check", "--fix", "--quiet"]).code, Some(0));
    let whole = start.elapsed();
    let repaired = fs::read_to_string(folder.path().join(&names[0])).unwrap();
    assert_ne!(repaired, long);
    let (mut killed_between, mut step) = (0, 0);
    // The later half of a run is when it writes; on a busy machine it takes some tries to hit it.
    while killed_between < 3 && step < 200 {
        reset();
        let mut child = folder
            .command(&["check", "--fix", "--quiet"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Until the first file is new, and then a bit more each time.
        let first = folder.path().join(&names[0]);
        while fs::metadata(&first).unwrap().len() == long.len() as u64 && child.try_wait().unwrap().is_none()
        {
            std::thread::yield_now();
        }
        std::thread::sleep(whole / 400 * (step % 20));
        let _ = child.kill();
        child.wait().unwrap();
        let mut changed = 0;
        for name in &names {
            let text = fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(text == long || text == repaired, "{name} is neither old nor new");
            changed += usize::from(text == repaired);
        }
        killed_between += u32::from(changed > 0 && changed < FILES);
        step += 1;
    }
    assert!(killed_between > 0, "no run was killed between two files");
}
