// SPDX-License-Identifier: Apache-2.0
//! H3.6: on Docker Desktop's file sharing, success proves nothing, and the probe says so.

use std::fs;

use super::room::{Room, path_of};

/// A mount whose line in the kernel's table is made to say what it says on a Mac.
#[test]
fn h3_6_a_fakeowner_mount_is_named_and_its_owners_are_not_believed() {
    let room = Room::new();
    fs::create_dir(room.at("src")).unwrap();
    let src = room.at("src").display().to_string();
    let script = |line: &str| {
        format!(
            "mount -t tmpfs -o mode=0755,uid=1000 shared src\n\
             sed 's|tmpfs shared .*|{line}|' /proc/self/mountinfo >table\n\
             grep -q fakeowner table\n\
             mount --bind table /proc/$$/mountinfo\n\
             exec \"$AGENT\" probe --as 1000:1000 --format json --require create:{src} {src} /tmp"
        )
    };
    for line in [
        "fakeowner /run/host_mark/Users rw,fakeowner",
        "virtiofs mac rw,fakeowner",
    ] {
        let run = room.script(&script(line));
        // It can be written: that is so. That it proves nothing is said, too.
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.contains("warning"), "{}", run.stderr);
        assert!(
            run.stderr.contains("`fakeowner`") && run.stderr.contains(&src),
            "{}",
            run.stderr
        );
        assert!(run.stderr.contains("proves nothing"), "{}", run.stderr);
        let document = run.document();
        let entry = path_of(&document, &src);
        assert_eq!(entry["create"]["verdict"], "yes");
        assert_eq!(entry["probed"]["fakeOwner"], true);
        for field in ["mode", "uid", "gid"] {
            assert!(entry[field].is_null(), "{field} is made up there: {entry}");
        }
        let other = path_of(&document, "/tmp");
        assert_eq!(other["probed"]["fakeOwner"], false);
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
    }
}
