// SPDX-License-Identifier: Apache-2.0
//! Inputs made to fill the memory or the stack.

use std::fmt::Write;

use proptest::prelude::*;
use writeway_manifest::{Inventory, ParsedFile};

use crate::reading::{pod, problems, read};

#[test]
fn aliases_of_a_long_text_do_not_fill_the_memory() {
    // Few enough for the tree, which bounds what aliases expand to; a copy for each would still take 94 MB.
    let image = "x".repeat(1 << 20);
    let mut containers = format!("containers:\n- &c {{name: a, image: {image}}}\n");
    containers.push_str(&"- *c\n".repeat(90));
    let inventory = read(&pod(&containers));
    let problems = problems(&inventory);
    assert!(
        problems[0].ends_with("aliases repeat too much text; write it once"),
        "{}",
        problems[0]
    );
    assert!(
        problems.len() < 3,
        "one place is reported once: {}",
        problems.len()
    );
}

#[test]
fn long_keys_are_cut_in_paths_and_messages() {
    let key = "k".repeat(1 << 20);
    let text = pod(&format!(
        "containers: []\n? {key}\n: 1\nnodeSelector:\n  ? {key}\n  : 1\n"
    ));
    let inventory = read(&text);
    assert!(problems(&inventory)[0].len() < 300);
    assert!(inventory.unknown_fields()[0].path.len() < 300);
}

#[test]
fn an_endless_name_is_refused() {
    let name = "n".repeat(1 << 20);
    let inventory = read(&format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  ? name\n  : {name}\nspec: {{containers: []}}\n"
    ));
    assert_eq!(
        problems(&inventory),
        ["error 4:3: `metadata` has a `name` of more than 253 bytes"]
    );
    assert_eq!(inventory.workloads()[0].object.name, "");
}

#[test]
fn a_deep_custom_resource_is_searched_to_a_bound() {
    let mut text = "apiVersion: example.com/v1\nkind: Deep\nspec: ".to_owned();
    text.push_str(&"{a: ".repeat(200));
    text.push_str("{spec: {containers: [{name: a}]}}");
    text.push_str(&"}".repeat(200));
    let inventory = read(&text);
    assert_eq!((inventory.workloads().len(), inventory.others().len()), (0, 1));
}

#[test]
fn the_deepest_documents_are_read_on_a_small_stack() {
    let shapes = [
        ("{a: ", "}"),
        ("[", "]"),
        ("[{a: ", "}]"),
        ("- ", ""),
        ("? ", ""),
        ("{spec: {containers: [{name: a}]}, a: ", "}"),
        ("{apiVersion: v1, kind: List, items: [", "]}"),
    ];
    let read_all = move || {
        for (open, close) in shapes {
            for depth in [120, 200, 250, 50_000] {
                let deep = format!("{}x{}", open.repeat(depth), close.repeat(depth));
                for head in [
                    "a.b/v1\nkind: Deep\nspec:\n ",
                    "v1\nkind: Pod\nspec: {containers: []}\nx:\n ",
                ] {
                    read(&format!("apiVersion: {head}{deep}\n"));
                }
                read(&deep);
            }
        }
    };
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    thread.spawn(read_all).unwrap().join().unwrap();
}

#[test]
fn lists_in_lists_are_unfolded_to_a_bound() {
    let mut text = String::new();
    text.push_str(&"{apiVersion: v1, kind: List, items: [".repeat(60));
    text.push_str("{apiVersion: v1, kind: Pod, spec: {containers: []}}");
    text.push_str(&"]}".repeat(60));
    let inventory = read(&text);
    assert_eq!((inventory.workloads().len(), inventory.others().len()), (0, 1));
}

#[test]
fn many_unknown_fields_and_duplicates_stay_quick() {
    let mut spec = "containers: []\n".to_owned();
    for number in 0..20_000 {
        writeln!(spec, "f{number}: 1\nf{number}: 2").unwrap();
    }
    let inventory = read(&pod(&spec));
    assert_eq!(
        (inventory.unknown_fields().len(), inventory.problems().len()),
        (20_000, 20_000)
    );
}

/// Words that a manifest is made of, and some that break one.
fn fragments() -> impl Strategy<Value = String> {
    let words = [
        "apiVersion: v1\n",
        "kind: Pod\n",
        "kind: List\n",
        "items:\n",
        "spec:\n",
        "  containers:\n",
        "  - name: a\n",
        "- ",
        "    image: x\n",
        "metadata: {name: a}\n",
        "volumes: [{name: v, emptyDir: {}}]\n",
        "---\n",
        "&a ",
        "*a ",
        "<<: *a\n",
        "{",
        "}",
        "[",
        "]",
        ": ",
        ",",
        "{{ .Values.x }}",
        "{%",
        "\"",
        "'",
        "#",
        "|\n",
        "\t",
        "\u{feff}",
        "\r\n",
        "0400",
        "null",
        "!!binary ",
        "\0",
        "é",
        "  ",
        "\n",
        "apiVersion: a.b/v1\n",
        "template:\n",
    ];
    proptest::collection::vec(proptest::sample::select(words.to_vec()), 0..60)
        .prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic_and_every_place_lies_in_the_text(text in fragments()) {
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("x", text.as_str())]);
        let spans = inventory.problems().iter().map(|problem| problem.span)
            .chain(inventory.unknown_fields().iter().map(|field| field.span))
            .chain(inventory.skipped().iter().map(|skipped| skipped.place.span))
            .chain(inventory.others().iter().flat_map(|object| [object.span, object.name_span]))
            .chain(inventory.workloads().iter().flat_map(|workload| [workload.object.span, workload.pod.span]));
        for span in spans {
            prop_assert!(text.get(span.range()).is_some(), "{span:?} in {text:?}");
        }
    }
}
