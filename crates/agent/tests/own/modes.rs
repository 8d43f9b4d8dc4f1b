// SPDX-License-Identifier: Apache-2.0
//! What becomes of modes.

use std::process::Command;

use super::tree::{all, directory, file, folder, own, own_by, run, seen, with_capabilities};

/// pkg/volume/volume_linux.go: changeFilePermission, with the results that were measured on a node.
#[test]
fn group_writable_widens_as_kubelet_does_for_fs_group() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let table = [
        (true, 0o755, 0o2775),
        (true, 0o700, 0o2770),
        (true, 0o777, 0o2777),
        (true, 0o1777, 0o3777),
        (false, 0o644, 0o664),
        (false, 0o600, 0o660),
        (false, 0o400, 0o660),
        (false, 0o755, 0o775),
    ];
    for (index, (is_directory, before, _)) in table.iter().enumerate() {
        let path = root.join(index.to_string());
        if *is_directory {
            directory(path, 0, *before)
        } else {
            file(path, 0, *before)
        };
    }
    let ended = own(&[&"1000:2000", &root, &"--group-writable"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    for (index, (_, before, after)) in table.iter().enumerate() {
        let found = seen(root.join(index.to_string()));
        assert_eq!((found.owner, found.mode), ((1000, 2000), *after), "of {before:o}");
    }
}

/// The same tree twice: one for coreutils, one for the agent.
#[test]
fn modes_are_what_chown_and_chmod_make_of_them() {
    for mode in [
        "u=rwX,go=",
        "go-w",
        "0750",
        "700",
        "a+X",
        "g=u,o=",
        "u+w,g+rX-w,o=g",
        "=",
        "+x",
    ] {
        let folder = folder();
        let roots = ["theirs", "ours"].map(|name| {
            let root = directory(folder.path().join(name), 3, 0o755);
            for (index, mode) in [0, 0o400, 0o644, 0o711, 0o770, 0o666, 0o2755, 0o2750, 0o1777]
                .into_iter()
                .enumerate()
            {
                file(root.join(format!("file-{index}")), 3, mode & 0o1777);
                directory(root.join(format!("directory-{index}")), 3, mode);
            }
            root
        });
        let [theirs, ours] = &roots;
        let script = "umask 0 && chown -R 1000:1000 \"$1\" && chmod -R -- \"$2\" \"$1\"";
        let coreutils = run(Command::new("sh")
            .args(["-c", script, "sh"])
            .arg(theirs)
            .arg(mode));
        assert_eq!(coreutils.code, Some(0), "{mode}: {}", coreutils.said);
        // Each way to change the mode of another's file: as the owner for the time, or by CAP_FOWNER.
        let capabilities = ["+chown,+fsetid", "+chown,+fowner,+fsetid"][mode.len() % 2];
        let ended = own_by(
            &mut with_capabilities(capabilities),
            &[&"1000:1000", ours, &format!("--mode={mode}")],
        );
        assert_eq!(ended.code, Some(0), "{mode}: {}", ended.said);
        let shown = |root: &std::path::Path| -> Vec<_> {
            let all = all(root).into_iter();
            all.map(|(path, seen)| {
                (
                    path.strip_prefix(root).unwrap().to_owned(),
                    seen.owner,
                    format!("{:o}", seen.mode),
                )
            })
            .collect()
        };
        assert_eq!(shown(ours), shown(theirs), "{mode}");
    }
}

#[test]
fn a_file_never_gets_setuid_or_setgid() {
    let folder = folder();
    let root = directory(folder.path().join("data"), 0, 0o755);
    let [plain, setuid, right] = [(0, 0o755), (0, 0o6755), (1000, 0o6755)]
        .map(|(owner, mode)| file(root.join(format!("{owner}-{mode:o}")), owner, mode));
    let ended = own(&[&"1000:1000", &root, &"--mode", &"u+s,g+ws"]);
    assert_eq!(ended.code, Some(0), "{}", ended.said);
    assert_eq!(seen(&plain).mode, 0o775);
    assert_eq!(seen(&setuid).mode, 0o775);
    // It had them, and keeps them with its owner.
    assert_eq!(seen(&right).mode, 0o6775);
    assert_eq!(seen(&root).mode, 0o6775);
    let before = all(&root);
    own(&[&"1000:1000", &root, &"--mode", &"u+s,g+ws"]);
    assert_eq!(all(&root), before);
}
