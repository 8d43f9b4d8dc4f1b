// SPDX-License-Identifier: Apache-2.0
//! Named files, standard input, and what a file may look like.

use std::io;

use writeway_input::{CollectOptions, collect_with_stdin};

use crate::tree::{Tree, pod};

fn default() -> CollectOptions {
    CollectOptions::default()
}

#[test]
fn a_named_file_is_read_whatever_its_extension() {
    let tree = Tree::new([("pod.txt", pod("a").as_str())]);
    let answer = tree.collect(&["pod.txt"], &default());
    assert_eq!(answer.workloads(), ["a"]);
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
}

#[test]
fn files_keep_the_order_of_the_command_line() {
    let (a, b) = (pod("a"), pod("b"));
    let tree = Tree::new([("a.yaml", a.as_str()), ("b.yaml", b.as_str())]);
    assert_eq!(
        tree.collect(&["b.yaml", "a.yaml"], &default()).files,
        ["b.yaml", "a.yaml"]
    );
}

#[test]
fn a_file_named_twice_is_read_once_under_its_first_name() {
    let tree = Tree::new([("k8s/a.yaml", pod("a").as_str())]);
    tree.link("link.yaml", "k8s/a.yaml");
    let answer = tree.collect(&["link.yaml", "k8s/../k8s/a.yaml", "k8s"], &default());
    assert_eq!(answer.files, ["link.yaml"]);
}

#[test]
fn a_file_whose_name_looks_like_a_glob_is_that_file() {
    let tree = Tree::new([("a[1].yaml", pod("a").as_str()), ("a1.yaml", pod("b").as_str())]);
    assert_eq!(tree.collect(&["a[1].yaml"], &default()).workloads(), ["a"]);
}

#[test]
fn standard_input_has_its_place_and_its_name() {
    let tree = Tree::new([("a.yaml", pod("a").as_str()), ("b.yaml", pod("b").as_str())]);
    let paths = [tree.path("a.yaml"), "-".into(), tree.path("b.yaml"), "-".into()];
    for (given, shown) in [
        (None, "-"),
        (Some("k8s/from-editor.yaml"), "k8s/from-editor.yaml"),
    ] {
        let options = CollectOptions {
            stdin_filename: given.map(str::to_owned),
            ..default()
        };
        let answer = tree.answer(collect_with_stdin(&paths, &options, pod("stdin").as_bytes()));
        assert_eq!(answer.files, ["a.yaml", shown, "b.yaml"]);
        assert_eq!(answer.workloads(), ["a", "b", "stdin"]);
    }
}

#[test]
fn standard_input_is_left_alone_when_it_is_not_named() {
    struct Untouchable;
    impl io::Read for Untouchable {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("standard input was read"))
        }
    }
    let tree = Tree::new([("a.yaml", pod("a").as_str())]);
    let collected = collect_with_stdin(&[tree.path("a.yaml")], &default(), Untouchable);
    assert!(collected.errors.is_empty());
}

#[test]
fn byte_order_mark_and_crlf_make_no_difference() {
    let text = pod("a");
    let tree = Tree::new([
        ("bom.yaml", format!("\u{feff}{text}").as_str()),
        ("lf.yaml", text.as_str()),
    ]);
    tree.write("crlf.yaml", text.replace('\n', "\r\n").as_bytes());
    let answer = tree.collect(&["bom.yaml", "crlf.yaml", "lf.yaml"], &default());
    assert_eq!(answer.workloads(), ["a", "a", "a"]);
    let images: Vec<_> = answer
        .inventory
        .workloads()
        .iter()
        .map(|workload| {
            workload
                .pod
                .containers(writeway_manifest::Which::Main)
                .next()
                .unwrap()
        })
        .map(|container| container.image.as_ref().unwrap().value.as_str())
        .collect();
    assert_eq!(images, ["app"; 3]);
}

#[test]
fn a_stream_of_lists_json_and_strangers_keeps_every_object() {
    let text = format!(
        "# only a comment\n---\n{}---\n{{\"apiVersion\": \"v1\", \"kind\": \"List\", \"items\": [\n\t{{\"apiVersion\": \"v1\", \
         \"kind\": \"Pod\", \"metadata\": {{\"name\": \"json\"}}, \"spec\": {{\"containers\": [{{\"name\": \"c\"}}]}}}}]}}\n\
         ---\nreplicas: 1\n",
        pod("yaml")
    );
    let tree = Tree::new([("all.yaml", text.as_str())]);
    let answer = tree.collect(&["all.yaml"], &default());
    assert_eq!(answer.workloads(), ["json", "yaml"]);
    assert_eq!(answer.inventory.problems(), []);
    assert_eq!(
        answer.inventory.skipped().len(),
        1,
        "the values have no kind: {:?}",
        answer.inventory.skipped()
    );
}
