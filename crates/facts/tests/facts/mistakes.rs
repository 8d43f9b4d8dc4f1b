// SPDX-License-Identifier: Apache-2.0
//! Each mistake is told with its place, what is wrong and what is allowed.

use std::collections::BTreeSet;

use proptest::prelude::*;
use writeway_facts::read;

use crate::reading::EVERYTHING;

#[test]
fn every_mistake_says_where_what_and_what_to_do() {
    for (text, message) in [
        // Keys.
        (
            "images:\n  a: { workingdir: / }",
            "2:8: unknown key `workingdir` in an image: did you mean `workingDir`? (allowed: complete, user, workingDir, env, users, groups, volumes, paths, tools)",
        ),
        (
            "image: {}",
            "1:1: unknown key `image` in a facts file: did you mean `images`? (allowed: images, hostPaths, storageClasses, claims, kubernetes, node)",
        ),
        (
            "node: { cpu: 4 }",
            "1:9: unknown key `cpu` in the node (`node`): it means nothing there (allowed: runtime, kernel, umask, sysctls)",
        ),
        (
            "node:\n  kernel: a\n  kernel: b",
            "3:3: the key `kernel` stands here a second time, first at 2:3",
        ),
        // Shapes.
        ("[]", "1:1: expected a facts file, a mapping, found a list"),
        ("facts", "1:1: expected a facts file, a mapping, found `facts`"),
        (
            "images: [a]",
            "1:9: expected a mapping of image references, found a list",
        ),
        (
            "images: { a: { paths: /tmp } }",
            "1:23: expected a mapping of absolute paths, found `/tmp`",
        ),
        (
            "images: { a: { volumes: /data } }",
            "1:25: expected a list, found `/data`",
        ),
        (
            "images: { a: { volumes: [~] } }",
            "1:26: expected text, found nothing",
        ),
        (
            "images: { a: { user: {} } }",
            "1:22: expected text, found a mapping",
        ),
        (
            "images: { a: { complete: maybe } }",
            "1:26: expected true or false, found `maybe`",
        ),
        (
            "images: { a: { complete: 'true' } }",
            "1:26: expected true or false, found `true`",
        ),
        ("images: { '': {} }", "1:11: a name cannot be empty"),
        // Owners, modes, ids.
        (
            "hostPaths: { /x: { owner: root } }",
            "1:27: expected an owner \"UID:GID\" in numbers, e.g. \"1000:1000\", found `root`",
        ),
        (
            "hostPaths: { /x: { mode: '0888' } }",
            "1:26: expected a mode of octal digits up to 7777, e.g. \"0755\" or \"1777\", found `0888`",
        ),
        (
            "hostPaths: { /x: { mode: 0o755 } }",
            "1:26: expected a mode of octal digits up to 7777, e.g. \"0755\" or \"1777\", found `0o755`",
        ),
        (
            "node: { umask: '1022' }",
            "1:16: expected a umask up to 0777, found `1022`",
        ),
        (
            "images: { a: { users: { u: { uid: 1 } } } }",
            "1:28: `gid` is missing",
        ),
        (
            "images: { a: { users: { u: { uid: -1, gid: 0 } } } }",
            "1:35: expected an id from 0 to 4294967295, found `-1`",
        ),
        (
            "images: { a: { groups: { g: { gid: 4294967296 } } } }",
            "1:36: expected an id from 0 to 4294967295, found `4294967296`",
        ),
        (
            "node: { sysctls: { a: b } }",
            "1:23: expected a whole number, found `b`",
        ),
        // Paths.
        (
            "hostPaths: { srv: {} }",
            "1:14: the path `srv` must be absolute, starting with `/`",
        ),
        (
            "images: { a: { paths: { /tmp/: {} } } }",
            "1:25: the path `/tmp/` must be clean: no empty component, `.` or `..`, and no `/` at the end",
        ),
        (
            "claims: { n/c: { contents: { /a: {} } } }",
            "1:30: the path `/a` must be clean: no empty component, `.` or `..`, and no `/` at the end",
        ),
        (
            "images: { a: { workingDir: /a/../b } }",
            "1:28: the path `/a/../b` must be clean: no empty component, `.` or `..`, and no `/` at the end",
        ),
        (
            "claims: { c: {} }",
            "1:11: expected a claim NAMESPACE/NAME, found `c`",
        ),
        // Choices.
        (
            "images: { a: { paths: { /x: { type: direktory } } } }",
            "1:37: expected one of dir, file, link, other, found `direktory`",
        ),
        (
            "storageClasses: { c: { source: hostpath } }",
            "1:32: expected one of hostPath, local, nfs, iscsi, fc, csi, flexVolume, found `hostpath`; did you mean `hostPath`?",
        ),
        (
            "storageClasses: { c: { fsGroupPolicy: Always } }",
            "1:39: expected one of None, File, ReadWriteOnceWithFSType, found `Always`",
        ),
        (
            "storageClasses: { c: { hostPathType: Dir } }",
            "1:38: expected one of \"\", DirectoryOrCreate, Directory, FileOrCreate, File, Socket, CharDevice, BlockDevice, found `Dir`",
        ),
        (
            "images: { a: { tools: { kind: gnu } } }",
            "1:31: expected one of busybox, coreutils, none, found `gnu`",
        ),
        (
            "images: { a: { tools: { commands: [] } } }",
            "1:23: `kind` is missing: whose tools they are",
        ),
        // What goes together.
        (
            "hostPaths: { /x: { type: link } }",
            "1:18: `to` is missing: a link leads somewhere",
        ),
        (
            "hostPaths: { /x: { to: /y } }",
            "1:24: only a link leads somewhere: `to` needs `type: link`",
        ),
        (
            "hostPaths: { /x: { absent: true, mode: '0755' } }",
            "1:40: what is absent has no `mode`",
        ),
        (
            "hostPaths: { /x: { type: file, contents: {} } }",
            "1:42: only a directory has `contents`",
        ),
        // The cluster.
        (
            "kubernetes: { version: latest }",
            "1:24: expected a Kubernetes version, e.g. \"1.36\" or \"v1.36.2\", found `latest`",
        ),
        (
            "kubernetes: { featureGates: { A: 1 } }",
            "1:34: expected true or false, found `1`",
        ),
        // Documents.
        (
            "node: {}\n---\nnode: {}\n",
            "2:1: a second document; a facts file has one, write the facts of both into it",
        ),
    ] {
        let errors = read(text).expect_err(text);
        assert_eq!(errors.to_string(), message, "{text}");
    }
}

#[test]
fn all_mistakes_are_told_in_order_and_with_the_file() {
    let text = "images:\n  a: { usr: x, complete: 1 }\nnode: { umask: 9 }\nhost: {}\n";
    let errors = read(text).unwrap_err();
    let places: Vec<(u32, u32)> = errors
        .iter()
        .map(|error| (error.position.line, error.position.column))
        .collect();
    assert_eq!(places, [(2, 8), (2, 26), (3, 16), (4, 1)]);
    let told = errors.in_file("facts.yaml");
    assert!(told.lines().all(|line| line.starts_with("facts.yaml:")), "{told}");
}

#[test]
fn text_that_is_no_yaml_is_told_with_its_place() {
    let errors = read("images:\n  a: [\n").unwrap_err();
    assert!(errors.iter().all(|error| error.position.line >= 2), "{errors}");
    assert!(read("images: {\0}").is_err());
    assert!(read("images: *nobody").is_err());
}

#[test]
fn a_mistake_that_an_alias_repeats_is_told_once() {
    let text = "hostPaths:\n  /a: &x { owner: me }\n  /b: *x\n";
    assert_eq!(read(text).unwrap_err().iter().count(), 1);
}

#[test]
fn mistakes_are_bounded_in_number_and_length() {
    let many: String = (0..5000).map(|number| format!("k{number}: x\n")).collect();
    let errors = read(&many).unwrap_err();
    assert_eq!(errors.iter().count(), 1000);
    assert!(
        errors
            .to_string()
            .ends_with("reading ends here, there are too many mistakes")
    );
    let long = format!("{}: 1", "k".repeat(500_000));
    assert!(read(&long).unwrap_err().to_string().len() < 400);
    let controls = read("\"a\\e[31m\\n\": 1").unwrap_err().to_string();
    assert!(
        controls.starts_with("1:1: unknown key `a\\u{1b}[31m\\n` in"),
        "{controls}"
    );
}

#[test]
fn hostile_text_is_refused_in_bounded_time() {
    for text in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
        assert!(read(&text).is_err());
    }
    let mut laughs = "a0: &a0 [x, x]\n".to_owned();
    for level in 1..60 {
        laughs.push_str(&format!("a{level}: &a{level} [*a{0}, *a{0}, *a{0}]\n", level - 1));
    }
    assert!(read(&laughs).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,200}") {
        let _ = read(&text);
    }

    #[test]
    fn no_damage_to_a_facts_file_makes_the_reader_panic(
        at in 0..EVERYTHING.len(),
        length in 0..20_usize,
        with in "[\\PC\n\t]{0,8}",
    ) {
        let end = (at + length).min(EVERYTHING.len());
        let mut text = EVERYTHING.to_owned();
        if text.is_char_boundary(at) && text.is_char_boundary(end) {
            text.replace_range(at..end, &with);
        }
        if let Err(errors) = read(&text) {
            // Every mistake has a place inside the text, and no two are the same.
            let lines = text.lines().count() as u32 + 1;
            prop_assert!(errors.iter().all(|error| (1..=lines).contains(&error.position.line)));
            prop_assert_eq!(errors.iter().collect::<BTreeSet<_>>().len(), errors.iter().count());
        }
    }
}
