// SPDX-License-Identifier: Apache-2.0
//! Input that cannot be read: each gives one error with its place, and the rest is read all the same.

use std::fs::File;
use std::io;

use writeway_input::{CollectOptions, InputError, collect_with_stdin};

use crate::tree::{Answer, Tree, pod};

/// Collects a folder in which `good.yaml` stands beside something bad.
fn beside_good(prepare: impl FnOnce(&Tree)) -> Answer {
    let tree = Tree::new([("good.yaml", pod("good").as_str())]);
    prepare(&tree);
    let answer = tree.collect(&[""], &CollectOptions::default());
    assert_eq!(answer.workloads(), ["good"]);
    answer
}

#[test]
fn a_missing_file_is_named() {
    let tree = Tree::new([("good.yaml", pod("good").as_str())]);
    let answer = tree.collect(&["nowhere.yaml", "good.yaml"], &CollectOptions::default());
    assert_eq!(answer.errors, ["nowhere.yaml: no such file or folder"]);
    assert_eq!(answer.workloads(), ["good"]);
}

#[test]
fn an_unreadable_file_says_what_the_system_says() {
    // Reading the first page of a process's memory fails for every user, root included.
    let answer = beside_good(|tree| tree.link("unreadable.yaml", "/proc/self/mem"));
    assert_eq!(
        answer.errors,
        ["unreadable.yaml: Input/output error (os error 5)"]
    );
}

#[test]
fn a_link_to_nowhere_is_an_error_only_where_a_manifest_was_meant() {
    let answer = beside_good(|tree| {
        tree.link("dangling.yaml", "nowhere.yaml");
        tree.link("dangling", "nowhere");
    });
    assert_eq!(answer.errors, ["dangling.yaml: no such file or folder"]);
}

#[test]
fn a_loop_of_folders_is_named_and_left() {
    let answer = beside_good(|tree| {
        tree.write("deep/a.yaml", b"{}");
        tree.link("deep/up", "..");
    });
    assert_eq!(
        answer.errors,
        ["deep/up: symlink loop: it leads back to .; remove the link or exclude it"]
    );
    assert_eq!(answer.files, ["deep/a.yaml", "good.yaml"]);
}

#[test]
fn a_loop_of_files_is_named() {
    let answer = beside_good(|tree| {
        tree.link("a.yaml", "b.yaml");
        tree.link("b.yaml", "a.yaml");
    });
    assert_eq!(answer.errors.len(), 2);
    for (error, name) in answer.errors.iter().zip(["a.yaml", "b.yaml"]) {
        assert!(
            error.starts_with(&format!("{name}: ")) && error.contains("symbolic links"),
            "{error}"
        );
    }
}

#[test]
fn invalid_utf8_has_line_and_column() {
    let answer =
        beside_good(|tree| tree.write("latin1.yaml", "# äö\nname: é\n".replace('é', "?").as_bytes()));
    assert_eq!(answer.errors, [""; 0]);
    let answer = beside_good(|tree| tree.write("latin1.yaml", b"# \xc3\xa4\xc3\xb6\r\n# \xc3\xa4 caf\xe9\n"));
    assert_eq!(
        answer.errors,
        ["latin1.yaml:2:8: not UTF-8; save the file as UTF-8"]
    );
}

#[test]
fn utf16_is_recognised() {
    let utf16: Vec<u8> = std::iter::once(0xfeff)
        .chain("kind: Pod".encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let answer = beside_good(|tree| tree.write("windows.yaml", &utf16));
    assert_eq!(
        answer.errors,
        ["windows.yaml:1:1: not UTF-8 but UTF-16; save the file as UTF-8"]
    );
}

#[test]
fn a_hundred_megabytes_are_refused_unread() {
    let answer = beside_good(|tree| {
        File::create(tree.path("huge.yaml"))
            .and_then(|file| file.set_len(100 << 20))
            .unwrap();
    });
    assert_eq!(
        answer.errors,
        ["huge.yaml: larger than 67108864 bytes; split it, or exclude it if it is no manifest"]
    );
}

#[test]
fn endless_standard_input_is_refused_at_the_limit() {
    let options = CollectOptions {
        max_bytes: 1 << 20,
        ..CollectOptions::default()
    };
    let collected = collect_with_stdin(&["-"], &options, io::repeat(b'x'));
    assert!(
        matches!(&collected.errors[..], [InputError::TooLarge { name, limit: 0x10_0000 }] if name == "-"),
        "{:?}",
        collected.errors
    );
}

#[test]
fn broken_yaml_is_a_problem_with_its_place_not_an_error_of_reading() {
    let answer = beside_good(|tree| tree.write("broken.yaml", b"a: b\n  c: [\n"));
    assert_eq!(answer.errors, [""; 0]);
    let problem = &answer.inventory.problems()[0];
    let place = writeway_manifest::Place {
        file: problem.file,
        span: problem.span,
    };
    assert!(
        answer.inventory.position_text(place).contains("broken.yaml:2:"),
        "{problem:?}"
    );
}

#[test]
fn a_template_is_skipped_whole_without_an_error() {
    let answer = beside_good(|tree| {
        let text = pod("templated").replace("image: app", "image: {{ .Values.image }}");
        tree.write("template.yaml", text.as_bytes());
    });
    assert_eq!(answer.errors, [""; 0]);
    assert_eq!(answer.inventory.problems(), []);
    assert_eq!(answer.inventory.skipped().len(), 1);
}
