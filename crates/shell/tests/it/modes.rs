// SPDX-License-Identifier: Apache-2.0
//! What tools make of mode operands. Every row was measured with coreutils 9.1 and BusyBox 1.35 on Linux, as root.
//!
//! Where the two differ: gnulib keeps setuid and setgid of a directory unless they are mentioned (coreutils manual,
//! "Directory Setuid and Setgid"); BusyBox clears first and copies then, gives others no part in the sticky bit, and
//! lets empty clauses pass (`libbb/parse_mode.c`).

use writeway_shell::mode::{
    Flavour, ModeChange, ModeSpec, apply, install_directory, install_file, make_directory, naive, umask,
};

const DIR: bool = true;
const FILE: bool = false;

#[expect(clippy::panic, reason = "the test itself names a wrong operand")]
fn spec(text: &str) -> ModeSpec {
    text.parse().unwrap_or_else(|error| panic!("{error}"))
}

fn accepted(change: ModeChange) -> Option<u16> {
    change.accepted.then_some(change.mode)
}

/// Operand, old mode, kind, umask; new mode by BusyBox and by coreutils, `None` if refused.
type ChmodRow = (&'static str, u16, bool, u16, Option<u16>, Option<u16>);

const CHMOD: &[ChmodRow] = &[
    ("0750", 0o2777, DIR, 0o022, Some(0o0750), Some(0o2750)),
    ("750", 0o6777, DIR, 0o022, Some(0o0750), Some(0o6750)),
    ("2750", 0o4777, DIR, 0o022, Some(0o2750), Some(0o6750)),
    ("00750", 0o6777, DIR, 0o022, Some(0o0750), Some(0o0750)),
    ("0", 0o7777, DIR, 0o022, Some(0o0000), Some(0o6000)),
    ("1777", 0o2755, DIR, 0o022, Some(0o1777), Some(0o3777)),
    ("0750", 0o6755, FILE, 0o022, Some(0o0750), Some(0o0750)),
    ("7777", 0o0000, FILE, 0o022, Some(0o7777), Some(0o7777)),
    ("u=rwx", 0o6700, DIR, 0o022, Some(0o2700), Some(0o6700)),
    ("u=rwx,go=", 0o2777, DIR, 0o022, Some(0o0700), Some(0o2700)),
    ("a=rwx", 0o6000, DIR, 0o022, Some(0o0777), Some(0o6777)),
    ("ug=rwxs", 0o0000, DIR, 0o022, Some(0o6770), Some(0o6770)),
    ("g-s", 0o2755, DIR, 0o022, Some(0o0755), Some(0o0755)),
    ("u-s", 0o6755, DIR, 0o022, Some(0o2755), Some(0o2755)),
    ("a-s", 0o6755, DIR, 0o022, Some(0o0755), Some(0o0755)),
    ("=rx", 0o6777, DIR, 0o022, Some(0o0555), Some(0o6555)),
    ("=", 0o7777, DIR, 0o022, Some(0o0000), Some(0o6000)),
    ("u=", 0o6777, DIR, 0o022, Some(0o2077), Some(0o6077)),
    ("u=rwx", 0o4600, FILE, 0o022, Some(0o0700), Some(0o0700)),
    ("=rw", 0o6755, FILE, 0o022, Some(0o0644), Some(0o0644)),
    ("g+s", 0o0755, DIR, 0o022, Some(0o2755), Some(0o2755)),
    ("+s", 0o0755, DIR, 0o022, Some(0o6755), Some(0o6755)),
    ("o+s", 0o0755, DIR, 0o022, Some(0o0755), Some(0o0755)),
    ("+t", 0o0777, DIR, 0o022, Some(0o1777), Some(0o1777)),
    ("o+t", 0o0777, DIR, 0o022, Some(0o0777), Some(0o1777)),
    ("u+t", 0o0777, DIR, 0o022, Some(0o0777), Some(0o0777)),
    ("a+t", 0o0777, DIR, 0o022, Some(0o1777), Some(0o1777)),
    ("o=", 0o1777, DIR, 0o022, Some(0o1770), Some(0o0770)),
    ("o=rwx", 0o1777, DIR, 0o022, Some(0o1777), Some(0o0777)),
    ("+x", 0o0644, FILE, 0o027, Some(0o0754), Some(0o0754)),
    ("a+x", 0o0644, FILE, 0o027, Some(0o0755), Some(0o0755)),
    ("+w", 0o0444, FILE, 0o022, Some(0o0644), Some(0o0644)),
    ("-w", 0o0666, FILE, 0o022, Some(0o0466), Some(0o0466)),
    ("=rwx", 0o0000, FILE, 0o077, Some(0o0700), Some(0o0700)),
    ("a+rwX", 0o0600, FILE, 0o022, Some(0o0666), Some(0o0666)),
    ("a+rwX", 0o0700, FILE, 0o022, Some(0o0777), Some(0o0777)),
    ("a+rwX", 0o0600, DIR, 0o022, Some(0o0777), Some(0o0777)),
    ("g+X", 0o0610, FILE, 0o022, Some(0o0610), Some(0o0610)),
    ("u=rwX", 0o0100, FILE, 0o022, Some(0o0600), Some(0o0700)),
    ("u=rwX", 0o0110, FILE, 0o022, Some(0o0710), Some(0o0710)),
    ("u-x,g+X", 0o0700, FILE, 0o022, Some(0o0600), Some(0o0600)),
    ("g=u", 0o0740, FILE, 0o022, Some(0o0770), Some(0o0770)),
    ("g=g", 0o0750, FILE, 0o022, Some(0o0700), Some(0o0750)),
    ("a=g", 0o0750, FILE, 0o022, Some(0o0000), Some(0o0555)),
    ("go=u-w", 0o0700, FILE, 0o022, Some(0o0755), Some(0o0755)),
    ("o-g", 0o0775, FILE, 0o022, Some(0o0770), Some(0o0770)),
    ("+u", 0o0700, FILE, 0o022, Some(0o0755), Some(0o0755)),
    ("u=o", 0o4704, DIR, 0o022, Some(0o0404), Some(0o4404)),
    ("u+r-w", 0o0200, FILE, 0o022, Some(0o0400), Some(0o0400)),
    ("u+r-w=x", 0o0600, FILE, 0o022, Some(0o0100), Some(0o0100)),
    ("go-w,u+x,g+s", 0o0666, FILE, 0o022, Some(0o2744), Some(0o2744)),
    ("u=rwx,g=rx,o=", 0o0777, FILE, 0o022, Some(0o0750), Some(0o0750)),
    ("ug+rw", 0o0000, FILE, 0o022, Some(0o0660), Some(0o0660)),
    ("", 0o0640, FILE, 0o022, Some(0o0640), None),
    (",u+x", 0o0640, FILE, 0o022, Some(0o0740), None),
    ("u+x,", 0o0640, FILE, 0o022, Some(0o0740), None),
    ("=755", 0o2777, DIR, 0o022, None, Some(0o0755)),
    ("+111", 0o0640, FILE, 0o077, None, Some(0o0751)),
    ("u+", 0o0640, FILE, 0o022, Some(0o0640), Some(0o0640)),
];

/// Operand, whether the parent passes setgid on, umask; mode by BusyBox and by coreutils.
const MKDIR: &[(&str, bool, u16, u16, u16)] = &[
    ("0755", false, 0o022, 0o0755, 0o0755),
    ("0755", true, 0o022, 0o0755, 0o2755),
    ("0755", false, 0o077, 0o0755, 0o0755),
    ("2770", false, 0o022, 0o2770, 0o2770),
    ("2770", true, 0o022, 0o2770, 0o2770),
    ("00755", true, 0o022, 0o0755, 0o0755),
    ("1777", true, 0o022, 0o1777, 0o3777),
    ("1777", false, 0o077, 0o1777, 0o1777),
    ("u=rwx,go=", true, 0o022, 0o0700, 0o2700),
    ("u=rwx,go=", false, 0o022, 0o0700, 0o0700),
    ("g-w", false, 0o0, 0o0757, 0o0757),
    ("go-rwx", true, 0o022, 0o0700, 0o2700),
    ("+t", false, 0o022, 0o1777, 0o1755),
    ("a+t", false, 0o022, 0o1777, 0o1755),
    ("g+s", false, 0o022, 0o2777, 0o2777),
    ("g-s", true, 0o022, 0o0777, 0o0777),
    ("u+w", false, 0o077, 0o0777, 0o0777),
    ("=", true, 0o022, 0o0000, 0o2000),
    ("a=rX", false, 0o022, 0o0444, 0o0555),
];

/// Operand of `-m`, mode before if it exists, whether the parent passes setgid on; mode by coreutils, umask 077.
const INSTALL_DIRECTORY: &[(Option<&str>, Option<u16>, bool, u16)] = &[
    (None, None, false, 0o0755),
    (None, None, true, 0o0755),
    (None, Some(0o2777), false, 0o0755),
    (Some("0700"), None, false, 0o0700),
    (Some("0700"), None, true, 0o2700),
    (Some("0700"), Some(0o2777), false, 0o2700),
    (Some("1777"), None, false, 0o1777),
    (Some("2770"), None, false, 0o2770),
    (Some("u=rwx"), None, true, 0o2700),
    (Some("u=rwx,g=rx"), Some(0o6777), false, 0o6757),
    (Some("a+rx"), Some(0o0700), false, 0o0755),
    (Some("00755"), Some(0o2777), false, 0o0755),
];

#[test]
fn chmod_as_measured() {
    for &(text, old, is_dir, umask, busybox, coreutils) in CHMOD {
        let case = format!("chmod {text:?} on {old:04o}, directory: {is_dir}, umask {umask:03o}");
        let by = |flavour| accepted(apply(&spec(text), old, is_dir, umask, flavour));
        assert_eq!(by(Flavour::Busybox), busybox, "BusyBox: {case}");
        assert_eq!(by(Flavour::Coreutils), coreutils, "coreutils: {case}");
    }
}

#[test]
fn mkdir_as_measured() {
    for &(text, inherits, umask, busybox, coreutils) in MKDIR {
        let case = format!("mkdir -m {text:?}, setgid parent: {inherits}, umask {umask:03o}");
        let by = |flavour| accepted(make_directory(&spec(text), inherits, umask, flavour));
        assert_eq!(by(Flavour::Busybox), Some(busybox), "BusyBox: {case}");
        assert_eq!(by(Flavour::Coreutils), Some(coreutils), "coreutils: {case}");
    }
}

#[test]
fn install_of_directories_as_measured() {
    for &(text, existing, inherits, expected) in INSTALL_DIRECTORY {
        let spec = text.map(spec);
        let change = install_directory(spec.as_ref(), existing, inherits, 0o077, Flavour::Coreutils);
        assert_eq!(
            accepted(change),
            Some(expected),
            "install -d -m {text:?} over {existing:?}, setgid parent: {inherits}"
        );
    }
}

/// BusyBox `coreutils/install.c`: starts from 0755 and always sets the mode.
#[test]
fn busybox_install_starts_from_0755() {
    let directory = |text: Option<&str>| {
        let spec = text.map(spec);
        accepted(install_directory(
            spec.as_ref(),
            None,
            true,
            0o022,
            Flavour::Busybox,
        ))
    };
    assert_eq!(directory(None), Some(0o755));
    assert_eq!(directory(Some("g+w")), Some(0o775));
    assert_eq!(directory(Some("1777")), Some(0o1777));
    let file = |text: Option<&str>, flavour| accepted(install_file(text.map(spec).as_ref(), 0o077, flavour));
    for flavour in [Flavour::Busybox, Flavour::Coreutils] {
        assert_eq!(file(None, flavour), Some(0o755));
        assert_eq!(file(Some("0640"), flavour), Some(0o640));
    }
    assert_eq!(file(Some("u+r"), Flavour::Busybox), Some(0o755));
    assert_eq!(file(Some("u+r"), Flavour::Coreutils), Some(0o400));
}

#[test]
fn refused_operands_leave_the_mode() {
    let change = apply(&spec("=755"), 0o640, FILE, 0, Flavour::Busybox);
    assert_eq!(
        change,
        ModeChange {
            mode: 0o640,
            accepted: false
        }
    );
}

#[test]
fn what_neither_tool_accepts_is_no_mode() {
    for text in [
        "8",
        "078",
        "10000",
        "rwx",
        "u",
        "u+z",
        "u+rz",
        "g=uo",
        "u+755",
        "=755,u+x,",
        "0755 ",
        "+755x",
        "u+x x",
        "é",
    ] {
        let error = text.parse::<ModeSpec>().expect_err(text);
        assert_eq!(error.0, text);
    }
    assert_eq!(
        "rwx".parse::<ModeSpec>().expect_err("no operator").to_string(),
        "invalid mode `rwx`: use octal digits up to 7777 or clauses such as `u+rwx,go=rX`"
    );
}

/// `umask 022; chmod -w f` on 0666 gives 0466 and exit status 1: write permissions that were not removed.
#[test]
fn coreutils_complains_when_the_umask_held_something_back() {
    let surprised = |text: &str, old: u16, umask: u16| {
        let new = apply(&spec(text), old, FILE, umask, Flavour::Coreutils).mode;
        new & !naive(&spec(text), old, FILE) != 0
    };
    assert!(surprised("-w", 0o666, 0o022));
    assert!(!surprised("-w", 0o644, 0o022));
    assert!(!surprised("-w", 0o666, 0));
}

/// dash 0.5.12, bash 5.2 and BusyBox ash 1.35 were asked.
#[test]
fn umask_operands_on_which_shells_agree() {
    let table = [
        ("027", 0o022, Some(0o027)),
        ("00022", 0o077, Some(0o022)),
        ("u=rwx,g=rx,o=", 0o077, Some(0o027)),
        ("g-w", 0o000, Some(0o020)),
        ("a=rx", 0o077, Some(0o222)),
        ("u=,g+w", 0o077, Some(0o757)),
        ("+r", 0o077, None),
        ("o=g", 0o077, None),
        ("7777", 0o022, None),
    ];
    for (text, old, expected) in table {
        assert_eq!(umask(&spec(text), old), expected, "umask {old:03o}; umask {text}");
    }
}
