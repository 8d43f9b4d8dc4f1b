// SPDX-License-Identifier: Apache-2.0
//! Folders, globs, `.gitignore` and `--exclude`.

use std::process::Command;

use writeway_input::CollectOptions;

use crate::tree::Tree;

fn default() -> CollectOptions {
    CollectOptions::default()
}

fn tree(paths: &[&str]) -> Tree {
    Tree::new(paths.iter().map(|path| (*path, "{}")))
}

fn excluding(patterns: &[&str]) -> CollectOptions {
    CollectOptions {
        exclude: patterns.iter().map(|pattern| (*pattern).to_owned()).collect(),
        ..default()
    }
}

#[test]
fn folders_give_manifests_by_extension_in_the_order_of_their_names() {
    let tree = tree(&[
        "b.yml",
        "a/z.yaml",
        "a/Y.YAML",
        "c.json",
        "README.md",
        "d.yaml.bak",
        ".hidden.yaml",
        ".git/x.yaml",
    ]);
    assert_eq!(
        tree.collect(&[""], &default()).files,
        ["a/Y.YAML", "a/z.yaml", "b.yml", "c.json"]
    );
}

#[test]
fn a_folder_called_like_a_file_is_walked() {
    let tree = tree(&["x.yaml/inner.yaml"]);
    assert_eq!(tree.collect(&[""], &default()).files, ["x.yaml/inner.yaml"]);
    assert_eq!(tree.collect(&["x.yaml"], &default()).files, ["x.yaml/inner.yaml"]);
}

#[test]
fn linked_files_and_folders_are_read_once() {
    let tree = tree(&["real/a.yaml", "outside/b.yaml", "k8s/c.yaml"]);
    tree.link("k8s/a.yaml", "../real/a.yaml");
    tree.link("k8s/more", "../outside");
    tree.link("k8s/zz.yaml", "c.yaml");
    assert_eq!(
        tree.collect(&["k8s"], &default()).files,
        ["k8s/a.yaml", "k8s/c.yaml", "k8s/more/b.yaml"]
    );
}

#[test]
fn a_folder_without_manifests_is_noted() {
    let tree = tree(&["docs/README.md"]);
    let answer = tree.collect(&["docs"], &default());
    assert_eq!(answer.notes, ["docs: no .yaml, .yml or .json file in it"]);
    assert_eq!(answer.errors, [""; 0]);
}

#[test]
fn gitignore_is_respected_unless_told_otherwise() {
    let tree = tree(&["keep.yaml", "out/drop.yaml", "sub/local.yaml", "sub/keep.yaml"]);
    tree.write(".gitignore", b"out/\n");
    tree.write("sub/.gitignore", b"local.yaml\n");
    assert_eq!(
        tree.collect(&[""], &default()).files,
        ["keep.yaml", "sub/keep.yaml"]
    );
    let all = CollectOptions {
        respect_gitignore: false,
        ..default()
    };
    assert_eq!(
        tree.collect(&[""], &all).files,
        ["keep.yaml", "out/drop.yaml", "sub/keep.yaml", "sub/local.yaml"]
    );
    assert_eq!(
        tree.collect(&["out/drop.yaml"], &default()).files,
        ["out/drop.yaml"],
        "a named file is read all the same"
    );
}

#[test]
fn excludes_match_names_and_paths() {
    let files = [
        "a.yaml",
        "test/b.yaml",
        "app/test/c.yaml",
        "app/d.yaml",
        "app/values.yaml",
    ];
    for (patterns, left) in [
        (&["test"][..], &["a.yaml", "app/d.yaml", "app/values.yaml"][..]),
        (&["values.y*ml", "test/"], &["a.yaml", "app/d.yaml"]),
        (
            &["**/app/test"],
            &["a.yaml", "app/d.yaml", "app/values.yaml", "test/b.yaml"],
        ),
        (&["./app/*.yaml"], &["a.yaml", "app/test/c.yaml", "test/b.yaml"]),
        (&["*.yaml"], &[]),
    ] {
        assert_eq!(
            tree(&files).collect(&[""], &excluding(patterns)).files,
            left,
            "{patterns:?}"
        );
    }
    assert_eq!(
        tree(&files).collect(&["a.yaml"], &excluding(&["*.yaml"])).files,
        ["a.yaml"]
    );
}

#[test]
fn a_broken_exclude_is_an_error_and_the_rest_still_works() {
    let answer = tree(&["a.yaml", "b.yaml"]).collect(&[""], &excluding(&["{a", "b.yaml"]));
    assert_eq!(answer.files, ["a.yaml"]);
    assert_eq!(answer.errors.len(), 1);
    assert!(
        answer.errors[0].starts_with("{a: not a valid glob: "),
        "{}",
        answer.errors[0]
    );
}

#[test]
fn globs_select_files_and_whole_folders() {
    let tree = tree(&[
        "k8s/a.yaml",
        "k8s/b.json",
        "k8s/notes.md",
        "k8s/web/c.yaml",
        "k8s/web/d.tpl",
        "k8s/db/deep/e.yaml",
        "other/f.yaml",
    ]);
    for (glob, files) in [
        ("k8s/*.yaml", &["k8s/a.yaml"][..]),
        (
            "k8s/**/*.yaml",
            &["k8s/a.yaml", "k8s/db/deep/e.yaml", "k8s/web/c.yaml"],
        ),
        (
            "k8s/*",
            &["k8s/a.yaml", "k8s/b.json", "k8s/db/deep/e.yaml", "k8s/web/c.yaml"],
        ),
        ("k8s/{web,db}", &["k8s/db/deep/e.yaml", "k8s/web/c.yaml"]),
        ("k8s/web/*.tpl", &["k8s/web/d.tpl"]),
        ("*/[af].yaml", &["k8s/a.yaml", "other/f.yaml"]),
        ("k8s/?.json", &["k8s/b.json"]),
    ] {
        let answer = tree.collect(&[glob], &default());
        assert_eq!(answer.files, files, "{glob}");
        assert_eq!(answer.errors, [""; 0], "{glob}");
    }
}

#[test]
fn a_glob_looks_no_further_than_it_reaches() {
    let tree = tree(&["a.yaml", "deep/b.yaml"]);
    tree.link("deep/up", "..");
    let answer = tree.collect(&["*.yaml"], &default());
    assert_eq!((answer.files, answer.errors), (vec!["a.yaml".to_owned()], vec![]));
    let answer = tree.collect(&["**/*.yaml"], &default());
    assert_eq!(answer.files, ["a.yaml", "deep/b.yaml"]);
    assert_eq!(answer.errors.len(), 1, "{:?}", answer.errors);
}

#[test]
fn a_glob_without_a_match_is_an_error() {
    let tree = tree(&["a.yaml"]);
    assert_eq!(
        tree.collect(&["*.json"], &default()).errors,
        ["*.json: no file matches"]
    );
    assert_eq!(
        tree.collect(&["nowhere/*.json"], &default()).errors,
        ["nowhere/*.json: no file matches"]
    );
}

#[test]
fn the_order_does_not_depend_on_the_number_of_threads() {
    let paths: Vec<String> = (0..200)
        .map(|number| format!("{:02}/{number:03}.yaml", number % 7))
        .collect();
    let tree = Tree::new(paths.iter().map(|path| (path.as_str(), "{}")));
    let collect = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| tree.collect(&[""], &default()).files)
    };
    let mut sorted = paths.clone();
    sorted.sort();
    assert_eq!(collect(1), sorted);
    assert_eq!(collect(8), sorted);
}

#[test]
fn a_named_pipe_in_a_folder_is_refused_and_not_waited_for() {
    let tree = tree(&["a.yaml"]);
    let made = Command::new("mkfifo")
        .arg(tree.path("pipe.yaml"))
        .status()
        .unwrap();
    assert!(made.success());
    let answer = tree.collect(&[""], &default());
    assert_eq!(answer.files, ["a.yaml"]);
    assert_eq!(
        answer.errors,
        ["pipe.yaml: not a regular file; name it on the command line to read it anyway"]
    );
}
