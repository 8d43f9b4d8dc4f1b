// SPDX-License-Identifier: Apache-2.0
//! How little it needs, and that it says what was missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::tree::{AGENT, all, all_belong, directory, file, folder, own_by, run, seen, with_capabilities};

/// A volume as init containers find it: closed directories of another user, on which `chown -R` with CAP_CHOWN alone
/// fails.
fn closed(folder: &Path) -> PathBuf {
    let root = directory(folder.join("data"), 999, 0o700);
    let below = directory(root.join("below"), 998, 0o700);
    let lowest = directory(below.join("lowest"), 997, 0o1700);
    for at in [&root, &below, &lowest] {
        file(at.join("file"), 999, 0o600);
    }
    // Listed, but not searched; not even by its owner.
    file(
        directory(root.join("listed"), 998, 0o744).join("file"),
        998,
        0o600,
    );
    file(directory(root.join("shut"), 998, 0o000).join("file"), 998, 0o600);
    root
}

fn shown(root: &Path) -> Vec<(PathBuf, u32)> {
    let all = all(root).into_iter();
    all.map(|(path, seen)| (path, seen.mode)).collect()
}

#[test]
fn chown_alone_hands_over_closed_directories_of_others() {
    for jobs in ["1", "3"] {
        let folder = folder();
        let root = closed(folder.path());
        let before = shown(&root);
        let ended = own_by(
            &mut with_capabilities("+chown"),
            &[&"1000:1000", &root, &"--jobs", &jobs],
        );
        assert_eq!(ended.code, Some(0), "{}", ended.said);
        assert!(
            ended
                .said
                .contains("10 changed, 0 right already, 5 directories taken"),
            "{}",
            ended.said
        );
        all_belong(&root, 1000);
        assert_eq!(shown(&root), before);
        let again = own_by(&mut with_capabilities("+chown"), &[&"1000:1000", &root]);
        assert!(
            again.said.contains("0 changed, 10 right already"),
            "{}",
            again.said
        );
        assert_eq!(shown(&root), before);
        all_belong(&root, 1000);
    }
}

/// Open ones are taken as well, so that others do not change their names: nobody is told.
#[test]
fn what_was_taken_keeps_its_mode() {
    for capabilities in ["+chown", "+chown,+dac_read_search"] {
        let folder = folder();
        let root = directory(folder.path().join("data"), 999, 0o2755);
        for mode in [
            0o500, 0o700, 0o755, 0o1700, 0o2700, 0o2755, 0o4711, 0o7755, 0o775, 0o2777,
        ] {
            let below = directory(root.join(format!("{mode:o}")), 998, mode);
            for name in 0..10 {
                file(below.join(name.to_string()), 998, 0o640);
            }
        }
        let before = shown(&root);
        let ended = own_by(&mut with_capabilities(capabilities), &[&"1000:1000", &root]);
        assert_eq!(ended.code, Some(0), "{}", ended.said);
        assert!(
            ended.said.contains("111 changed, 0 right already"),
            "{}",
            ended.said
        );
        assert_eq!(shown(&root), before);
        all_belong(&root, 1000);
    }
}

/// In a user namespace that knows the owners before, but not the one asked for.
#[test]
fn what_was_taken_and_cannot_be_handed_over_is_given_back() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 999, 0o755);
    let below = directory(root.join("below"), 998, 0o700);
    for name in 0..8 {
        file(below.join(name.to_string()), 998, 0o600);
    }
    let owners = || -> Vec<_> {
        all(&root)
            .into_values()
            .map(|seen| (seen.owner, seen.mode))
            .collect()
    };
    let before = owners();
    let script = format!(
        "mount -t proc proc /proc && mkfifo ready go || exit 9
         unshare --user sh -c 'echo > ready; read -r _ < go; exec {AGENT} own 5000:5000 data' &
         read -r _ < ready
         echo 0 0 2000 > /proc/$!/uid_map && echo 0 0 2000 > /proc/$!/gid_map || exit 9
         echo > go; wait $!"
    );
    let ended = run(Command::new("unshare")
        .args(["--mount", "sh", "-c", &script])
        .current_dir(folder.path()));
    assert_eq!(ended.code, Some(1), "{}", ended.said);
    let why =
        "data/below: Invalid argument (EINVAL): the user or group is not mapped in this user namespace\n";
    assert!(ended.said.contains(why), "{}", ended.said);
    assert_eq!(owners(), before);
}

#[test]
fn with_read_search_no_directory_is_taken() {
    let folder = folder();
    let root = closed(folder.path());
    let mut command = with_capabilities("+chown,+dac_read_search");
    let ended = own_by(&mut command, &[&"1000:1000", &root]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert!(
        ended.said.ends_with("10 changed, 0 right already\n"),
        "{}",
        ended.said
    );
}

#[test]
fn modes_change_with_chown_alone() {
    let folder = folder();
    let root = closed(folder.path());
    let ended = own_by(
        &mut with_capabilities("+chown"),
        &[&"1000:1000", &root, &"--mode", &"u=rwX,g=rX,o="],
    );
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    for (path, seen) in all(&root) {
        let mode = if path.is_dir() { 0o750 } else { 0o640 };
        assert_eq!(
            (seen.owner, seen.mode),
            ((1000, 1000), mode),
            "{}",
            path.display()
        );
    }
}

#[test]
fn what_is_missing_is_said() {
    for (capabilities, options, missing) in [
        (
            "",
            &[][..],
            "CAP_CHOWN (to take it for the time) and CAP_DAC_READ_SEARCH are missing",
        ),
        (
            "+dac_read_search",
            &[],
            "Operation not permitted (EPERM): CAP_CHOWN is missing",
        ),
        ("+chown", &["--group-writable"], "CAP_FSETID is missing"),
    ] {
        let folder = folder();
        let root = closed(folder.path());
        let before = all(&root);
        let mut arguments: Vec<&dyn AsRef<std::ffi::OsStr>> = vec![&"1000:1000", &root];
        arguments.extend(options.iter().map(|option| option as &dyn AsRef<std::ffi::OsStr>));
        let ended = own_by(&mut with_capabilities(capabilities), &arguments);
        assert_eq!(ended.code, Some(1), "{}", ended.said);
        assert!(ended.said.contains(missing), "{capabilities}: {}", ended.said);
        assert_eq!(seen(&root).owner, (999, 999));
        if !capabilities.contains("chown") {
            assert_eq!(all(&root), before);
        }
    }
}

#[test]
fn what_is_right_already_needs_nothing() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 1000, 0o750);
    let inside = file(root.join("file"), 1000, 0o600);
    let as_user = || {
        let mut command = Command::new("setpriv");
        command.args([
            "--no-new-privs",
            "--reuid=1000",
            "--regid=1000",
            "--clear-groups",
            "--bounding-set=-all",
            AGENT,
        ]);
        command
    };
    let right = own_by(&mut as_user(), &[&"1000:1000", &root]);
    assert_eq!(right.code, Some(0), "{}", right.said);
    assert!(
        right.said.contains("0 changed, 2 right already"),
        "{}",
        right.said
    );
    // Its own files' modes, too.
    let modes = own_by(&mut as_user(), &[&"1000:1000", &root, &"--group-writable"]);
    assert_eq!(modes.code, Some(0), "{}", modes.said);
    assert_eq!((seen(&root).mode, seen(&inside).mode), (0o2770, 0o660));
    let other = own_by(&mut as_user(), &[&"1001:1000", &root]);
    assert_eq!(other.code, Some(1));
    assert!(other.said.contains("CAP_CHOWN is missing"), "{}", other.said);
}

/// As `chattr +i` leaves it. Not every file system has it; ext4, xfs, btrfs and tmpfs do.
#[test]
fn what_is_immutable_is_named() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let sealed = [
        file(root.join("sealed"), 0, 0o644),
        directory(root.join("below"), 999, 0o755),
    ];
    for name in 0..10 {
        file(sealed[1].join(name.to_string()), 999, 0o644);
    }
    let flags = |sign: &str| {
        let ended = run(Command::new("chattr").arg(sign).args(&sealed));
        assert_eq!(ended.code, Some(0), "{}", ended.said);
    };
    flags("+i");
    let ended = super::tree::own(&[&"1000:1000", &root]);
    flags("-i");
    assert_eq!(ended.code, Some(1));
    for path in &sealed {
        let line = format!(
            "{}: Operation not permitted (EPERM): it is immutable",
            path.display()
        );
        assert!(ended.said.contains(&line), "{}", ended.said);
    }
    // It cannot be taken, which keeps nobody from what is in it.
    assert!(
        ended.said.contains("10 changed, 0 right already"),
        "{}",
        ended.said
    );
}
