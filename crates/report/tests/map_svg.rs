// SPDX-License-Identifier: Apache-2.0
//! The write map as an SVG picture.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::checked::hostile_texts;
use quick_xml::Reader;
use quick_xml::events::Event;
use writeway_access::{Context, PodMap};
use writeway_check::{map_all, write_verdict};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile, Workload};
use writeway_report::write_map_svg;

fn draw<'a>(inventory: &'a Inventory, maps: impl Iterator<Item = (&'a Workload, PodMap)>) -> String {
    let mut out = Vec::new();
    write_map_svg(&mut out, inventory, maps).unwrap();
    String::from_utf8(out).unwrap()
}

/// A pod that says of itself what is drawn, and its picture.
fn drawn(text: &str) -> String {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", text)]);
    let context = Context {
        inventory: &inventory,
        facts: &Facts::default(),
        extra_paths: &[],
    };
    draw(&inventory, map_all(&context))
}

/// The texts of an element, wherever it is; fails when the document is not well-formed.
fn texts(svg: &str, element: &str) -> Vec<String> {
    let mut reader = Reader::from_str(svg);
    let (mut found, mut inside, mut text) = (Vec::new(), false, String::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) if start.name().as_ref() == element => inside = true,
            Event::End(end) if end.name().as_ref() == element => {
                inside = false;
                found.push(std::mem::take(&mut text));
            }
            Event::Text(part) if inside => text.push_str(&part),
            Event::GeneralRef(entity) if inside => {
                text.push_str(&format!("&{};", &*entity));
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[test]
fn each_path_of_each_container_has_a_cell_with_its_answer_and_derivation() {
    let inventory = common::inventory();
    let map = common::map();
    let svg = draw(&inventory, [(&inventory.workloads()[0], map.clone())].into_iter());
    let shown = texts(&svg, "text");
    assert_eq!(shown[0], "Pod shop/web  pod.yaml:4");
    for container in &map.containers {
        assert!(shown.contains(&container.name), "{shown:?}");
    }
    let paths: Vec<_> = map
        .containers
        .iter()
        .flat_map(|container| &container.paths)
        .collect();
    assert_eq!(svg.matches("<rect class=\"cell ").count(), paths.len());
    let titles = texts(&svg, "title");
    for path in paths {
        for step in &write_verdict(path).why {
            assert!(
                titles.iter().any(|title| title.contains(step)),
                "{step}: {titles:?}"
            );
        }
    }
    let told = &texts(&svg, "desc")[0];
    assert!(told.starts_with("Pod shop/web  pod.yaml:4. "), "{told}");
}

#[test]
fn a_pod_that_does_not_start_says_why() {
    let inventory = common::inventory();
    let map = common::not_starting();
    let svg = draw(&inventory, [(&inventory.workloads()[0], map.clone())].into_iter());
    let shown = texts(&svg, "text");
    assert!(shown.contains(&"does not start".to_owned()), "{shown:?}");
    for reason in map.starts.why() {
        assert!(shown.contains(&reason.to_owned()), "{reason}: {shown:?}");
    }
    assert_eq!(svg.matches("class=\"cell ").count(), 0);
}

#[test]
fn workloads_stand_one_below_the_other() {
    let pod = |name: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{containers: [{{name: app, image: a}}]}}\n"
        )
    };
    let height = |svg: &str| -> u32 {
        let (_, rest) = svg.split_once("height=\"").unwrap();
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let (one, two) = (drawn(&pod("a")), drawn(&(pod("a") + "---\n" + &pod("b"))));
    assert!(height(&two) > height(&one) + 100);
    assert_eq!(two.matches("class=\"heading\"").count(), 2);
    let none = drawn("kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\n");
    assert_eq!(texts(&none, "desc"), ["No workloads."]);
}

/// Names in the picture are text, and text that XML can have.
#[test]
fn hostile_names_stay_text() {
    for text in hostile_texts() {
        let name = serde_json::to_string(&text).unwrap();
        let svg = drawn(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers: [{{name: {name}, image: a, volumeMounts: \
             [{{name: a, mountPath: {name}}}]}}]\n  volumes: [{{name: a, emptyDir: {{}}}}]\n"
        ));
        assert!(
            !texts(&svg, "text").is_empty() && !svg.contains("<script"),
            "{svg}"
        );
        let bad =
            |it: char| it.is_control() && it != '\n' || matches!(it, '\u{fffe}' | '\u{ffff}' | '\u{202e}');
        assert!(!svg.contains(bad), "{text:?}");
    }
}
