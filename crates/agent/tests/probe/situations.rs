// SPDX-License-Identifier: Apache-2.0
//! Each situation is made by the kernel, and the answers have to be what a program met in it.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};

use super::room::{Room, Run};

/// Answers as `field=answer` words.
#[track_caller]
fn assert_answers(run: &Run, path: &str, expected: &str) {
    for word in expected.split(", ") {
        let (field, answer) = word.split_once('=').unwrap();
        assert_eq!(
            run.answer(path, field),
            answer,
            "{field} of {path}: {}",
            run.stdout
        );
    }
}

#[test]
fn every_kind_of_mount_gives_its_own_answers() {
    for (mount, user, expected) in [
        (
            "mount -t tmpfs -o mode=1777 none v",
            "",
            "create=yes, replace=yes, delete=yes, exec=yes, mkdir=yes, chmod=yes, overwrite=unknown, rubyTmpdir=yes, \
             mode=1777, uid=0, readOnly=false, exists=yes, type=dir",
        ),
        (
            "mount -t tmpfs -o mode=0777 none v",
            "--as 1000:1000",
            "create=yes, delete=yes, exec=yes, rubyTmpdir=no",
        ),
        (
            "mount -t tmpfs -o mode=1777,noexec none v",
            "--as 1000:1000",
            "create=yes, exec=no EACCES, rubyTmpdir=yes",
        ),
        (
            "mount --bind v v; mount -o remount,bind,ro v",
            "",
            "create=no EROFS, overwrite=no EROFS, replace=no EROFS, delete=no EROFS, exec=no EROFS, mkdir=no EROFS, \
             rubyTmpdir=no, readOnly=true",
        ),
        (
            "mount -t tmpfs -o mode=0755 none v",
            "--as 1000:1000",
            "create=no EACCES, replace=no EACCES, delete=no EACCES, exec=no EACCES, mkdir=no EACCES, chmod=unknown, \
             rubyTmpdir=no",
        ),
        (
            "mount -t tmpfs -o mode=0770,gid=2000 none v",
            "--as 1000:2000",
            "create=yes, rubyTmpdir=yes, gid=2000",
        ),
        // Not even root may look for a name where it lacks x, without a capability.
        (
            "mount -t tmpfs -o mode=0600,uid=1000 none v",
            "--as 1000:1000",
            "create=no EACCES, exists=yes, mode=0600",
        ),
        (
            "mount -t tmpfs -o ro,mode=0755 none v",
            "--as 1000:1000",
            "create=no EROFS, readOnly=true",
        ),
        // Space for one inode: the directory itself.
        (
            "mount -t tmpfs -o nr_inodes=1 none v",
            "",
            "create=no ENOSPC, exec=no ENOSPC",
        ),
    ] {
        let room = Room::new();
        fs::create_dir(room.at("v")).unwrap();
        let v = room.at("v").display().to_string();
        let run = room.script(&format!("{mount}\nexec \"$AGENT\" probe --format json {user} v"));
        assert_eq!(run.code, Some(0), "{mount}: {}", run.stderr);
        assert_answers(&run, &v, expected);
    }
}

#[test]
fn a_file_of_another_in_a_sticky_directory_stays() {
    let room = Room::new();
    let directory = room.at("tmp");
    fs::create_dir(&directory).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o1777)).unwrap();
    let file = directory.join("of-2000");
    fs::write(&file, "secret").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
    chown(&file, Some(2000), Some(2000)).unwrap();
    let tmp = directory.display().to_string();

    let stranger = room.run(&["--format", "json", "--as", "1000:1000", "tmp"]);
    assert_answers(&stranger, &tmp, "create=yes, replace=no EPERM, delete=no EPERM");
    let protected = fs::read_to_string("/proc/sys/fs/protected_regular").unwrap();
    let overwrite = if protected.trim() == "0" {
        "yes"
    } else {
        "no EACCES"
    };
    assert_eq!(stranger.answer(&tmp, "overwrite"), overwrite);
    let entry = &stranger.document()["workloads"][0]["containers"][0]["paths"][0];
    assert_eq!(entry["delete"]["file"], "of-2000");

    let owner = room.run(&["--format", "json", "--as", "2000:2000", "tmp"]);
    assert_answers(&owner, &tmp, "replace=yes, delete=yes, overwrite=yes");
    let root = room.run(&["--format", "json", "tmp"]);
    assert_answers(&root, &tmp, "replace=yes, delete=yes");
    // Root without CAP_FOWNER is nobody special there; uid 0 owns the directory, so that another has to.
    chown(&directory, Some(3000), Some(3000)).unwrap();
    let agent = format!(
        "exec setpriv --bounding-set -fowner --inh-caps -fowner \"$AGENT\" probe --format json {tmp}"
    );
    let bereft = room.script(&agent);
    assert_answers(&bereft, &tmp, "create=yes, replace=no EPERM, delete=no EPERM");
    // What is judged is what happens.
    let removed = room.script(&format!(
        "exec setpriv --bounding-set -fowner --inh-caps -fowner rm -f {tmp}/of-2000"
    ));
    assert_ne!(removed.code, Some(0));
    assert!(file.exists());
}

/// Root of a user namespace has CAP_FOWNER, but not over a file whose owner the namespace does not map.
#[test]
fn a_capability_does_not_reach_out_of_its_user_namespace() {
    let room = Room::new();
    let directory = room.at("tmp");
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("of-2000"), "").unwrap();
    fs::set_permissions(directory.join("of-2000"), fs::Permissions::from_mode(0o644)).unwrap();
    chown(directory.join("of-2000"), Some(2000), Some(2000)).unwrap();
    fs::set_permissions(&directory, fs::Permissions::from_mode(0o1777)).unwrap();
    chown(&directory, Some(3000), Some(3000)).unwrap();
    let tmp = directory.display().to_string();
    let run = room.script("exec unshare --user --map-root-user \"$AGENT\" probe --format json tmp");
    let identity = &run.document()["workloads"][0]["containers"][0]["identity"];
    let capabilities = identity["capabilities"].as_array().unwrap();
    assert!(capabilities.iter().any(|name| name == "FOWNER"), "{identity}");
    assert_answers(&run, &tmp, "create=yes, delete=no EPERM, replace=no EPERM");
    // What is judged is what happens.
    let removed = room.script("exec unshare --user --map-root-user rm -f tmp/of-2000");
    assert_ne!(removed.code, Some(0));
    assert!(directory.join("of-2000").exists());
}

#[test]
fn a_file_is_asked_about_itself_and_nothing_can_be_made_in_it() {
    let room = Room::new();
    fs::create_dir(room.at("etc")).unwrap();
    fs::write(room.at("etc/token.json"), "{}").unwrap();
    fs::set_permissions(room.at("etc/token.json"), fs::Permissions::from_mode(0o640)).unwrap();
    let token = room.at("etc/token.json").display().to_string();
    let root = room.run(&["--format", "json", "etc/token.json"]);
    assert_answers(
        &root,
        &token,
        "type=file, mode=0640, create=no ENOTDIR, exec=no ENOTDIR, overwrite=yes, replace=yes, delete=yes, rubyTmpdir=no",
    );
    let other = room.run(&["--format", "json", "--as", "1000:1000", "etc/token.json"]);
    assert_answers(
        &other,
        &token,
        "overwrite=no EACCES, replace=no EACCES, delete=no EACCES",
    );

    // A file that is a mount point cannot be renamed over or removed, though it can be written (as with subPath).
    let bound = room.script(
        "touch source; mount --bind source etc/token.json; exec \"$AGENT\" probe --format json etc/token.json etc",
    );
    assert_answers(&bound, &token, "overwrite=yes, replace=no EBUSY, delete=no EBUSY");
    let etc = room.at("etc").display().to_string();
    assert_answers(&bound, &etc, "overwrite=yes, replace=no EBUSY, delete=no EBUSY");
}

#[test]
fn an_immutable_file_stays_where_the_file_system_has_the_attribute() {
    let room = Room::new();
    fs::create_dir(room.at("v")).unwrap();
    fs::write(room.at("v/file"), "").unwrap();
    let v = room.at("v").display().to_string();
    let run = room.script(
        "trap 'chattr -i v/file' EXIT; chattr +i v/file; \"$AGENT\" probe --format json v; ! rm -f v/file",
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_answers(
        &run,
        &v,
        "create=yes, overwrite=no EPERM, replace=no EPERM, delete=no EPERM",
    );
}

#[test]
fn what_is_not_there_is_said_with_the_kernels_reason() {
    let room = Room::new();
    fs::create_dir_all(room.at("closed/inside")).unwrap();
    fs::set_permissions(room.at("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(room.at("file"), "").unwrap();
    symlink("nowhere", room.at("dangling")).unwrap();
    symlink("loop", room.at("loop")).unwrap();
    for (name, expected) in [
        (
            "missing",
            "exists=no, type=null, create=no ENOENT, overwrite=no ENOENT, exec=no ENOENT, rubyTmpdir=no",
        ),
        ("missing/below", "exists=no, create=no ENOENT"),
        ("file/below", "exists=no, create=no ENOTDIR"),
        ("closed/inside", "exists=unknown, create=no EACCES, rubyTmpdir=no"),
        ("dangling", "exists=no, create=no ENOENT"),
        ("loop", "exists=no, create=no ELOOP"),
    ] {
        let run = room.run(&["--format", "json", "--as", "1000:1000", name]);
        assert_answers(&run, &room.at(name).display().to_string(), expected);
    }
}

#[test]
fn a_secrets_mount_shows_its_first_visible_key() {
    let room = Room::new();
    let secret = room.at("secret");
    fs::create_dir_all(secret.join("..2026_11_22")).unwrap();
    fs::write(secret.join("..2026_11_22/token.json"), "{}").unwrap();
    fs::write(secret.join("..2026_11_22/a key"), "x").unwrap();
    symlink("..2026_11_22", secret.join("..data")).unwrap();
    symlink("..data/token.json", secret.join("token.json")).unwrap();
    symlink("..data/a key", secret.join("a key")).unwrap();
    // A link out of the directory is none of its files.
    symlink("/etc/passwd", secret.join("A")).unwrap();
    symlink("../file", secret.join("B")).unwrap();
    fs::write(room.at("file"), "").unwrap();
    let run = room.script(
        "mount --bind secret secret; mount -o remount,bind,ro secret; exec \"$AGENT\" probe --format json secret",
    );
    let path = secret.display().to_string();
    assert_answers(
        &run,
        &path,
        "create=no EROFS, overwrite=no EROFS, delete=no EROFS",
    );
    let entry = &run.document()["workloads"][0]["containers"][0]["paths"][0];
    assert_eq!(entry["overwrite"]["file"], "a key");
}

#[test]
fn the_process_is_described_as_the_kernel_sees_it() {
    let room = Room::new();
    let run = room.script(
        "exec setpriv --reuid 1000 --regid 3000 --groups 2500,3000,2000 --inh-caps -all --bounding-set -all \
         \"$AGENT\" probe --format json /tmp",
    );
    let container = &run.document()["workloads"][0]["containers"][0];
    let expected = serde_json::json!({
        "uid": 1000, "gid": 3000, "groups": [2000, 2500, 3000], "capabilities": [],
    });
    assert_eq!(container["identity"], expected);
    // `--as` keeps the pod's groups, and leaves the primary one behind.
    let run = room.script("exec setpriv --groups 0,2000 \"$AGENT\" probe --as 1000:1000 --format json /tmp");
    let container = &run.document()["workloads"][0]["containers"][0];
    let expected = serde_json::json!({
        "uid": 1000, "gid": 1000, "groups": [1000, 2000], "capabilities": [],
    });
    assert_eq!(container["identity"], expected);
}
