// SPDX-License-Identifier: Apache-2.0
//! Random edits of random YAML: what comes out is what an independent model says, and nothing else has changed.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

#[path = "support/blocks.rs"]
mod blocks;
#[path = "support/pieces.rs"]
mod pieces;
#[path = "support/random_edit.rs"]
mod random_edit;
#[path = "support/random_value.rs"]
mod random_value;

use std::collections::BTreeMap;

use blocks::{Block, Layout, blocks, layouts};
use pieces::{PIECES, mutilated};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use random_value::Random;
use writeway_yaml::{Edit, Edited, Operation, Reason, Stream, Value};

/// Texts, and edits of each.
const TEXTS: u32 = 5_000;
const EDITS_OF_A_TEXT: usize = 22;

/// What has come of the edits.
#[derive(Debug, Default)]
struct Tally {
    tried: usize,
    made: usize,
    /// Of those made, how many a reader that is not ours has confirmed.
    confirmed: usize,
    refused: BTreeMap<String, usize>,
    /// Refused for want of skill, not for what the document is.
    unable: usize,
}

/// One text with one to three documents in it.
#[derive(Debug, Clone)]
struct Sample {
    text: String,
    document: usize,
    seed: u64,
}

fn samples() -> impl Strategy<Value = Sample> {
    let documents = vec((blocks(true), layouts()), 1..3);
    (documents, 0_u8..32, any::<u64>()).prop_map(|(documents, shape, seed)| {
        let count = documents.len();
        let texts =
            documents
                .iter()
                .enumerate()
                .map(|(index, (block, layout)): (usize, &(Block, Layout))| {
                    let last = index + 1 == count;
                    let layout = Layout {
                        final_break: layout.final_break || !last,
                        ..*layout
                    };
                    let marker = if index > 0 || shape & 1 == 0 { "---\n" } else { "" };
                    format!("{marker}{}", layout.text(block))
                });
        let mut text: String = texts.collect();
        if shape & 2 == 0 && text.ends_with('\n') {
            text.push_str("...\n");
        }
        if shape & 4 == 0 {
            text.insert_str(0, "# leading\n");
        }
        if shape & 24 == 0 {
            text.insert(0, '\u{feff}');
        }
        if shape & 24 == 8 {
            text = text.replace('\n', "\r\n");
        }
        Sample {
            text,
            document: usize::from(shape) % count,
            seed,
        }
    })
}

fn read(stream: &Stream) -> Vec<Value> {
    stream
        .documents()
        .map(|document| Value::read(document.root()).unwrap_or(Value::Null))
        .collect()
}

/// A document as a reader that is not ours sees it; `None` if it reads YAML in another way.
fn read_elsewhere(text: &str) -> Option<serde_json::Value> {
    let options = serde_saphyr::options! { legacy_octal_numbers: true };
    serde_saphyr::from_str_with_options(text, options).ok()
}

fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(value) => (*value).into(),
        Value::Float(value) => (*value).into(),
        Value::Str(value) => value.as_str().into(),
        Value::List(items) => items.iter().map(to_json).collect(),
        Value::Map(entries) => entries
            .iter()
            .map(|(key, value)| (key.clone(), to_json(value)))
            .collect(),
    }
}

/// Checks that the changes turn the old text into the new one.
fn check_bytes(old: &Stream, edited: &Edited) {
    let mut rebuilt = String::new();
    let mut behind = 0;
    for change in &edited.changes {
        let range = change.span.range();
        assert!(range.start >= behind, "{:?}", edited.changes);
        rebuilt.push_str(&old.text()[behind..range.start]);
        rebuilt.push_str(&change.text);
        behind = range.end;
    }
    rebuilt.push_str(&old.text()[behind..]);
    assert_eq!(rebuilt, edited.text(), "{:?}", edited.changes);
    // What is handed on is what anybody reads there.
    let (handed_on, read) = (&edited.stream, Stream::parse(edited.text()));
    assert_eq!(handed_on.errors(), read.errors());
    let roots = |stream: &Stream| -> Vec<_> {
        stream
            .documents()
            .map(|document| format!("{document:?}"))
            .collect()
    };
    assert_eq!(roots(handed_on), roots(&read));
}

fn comments(stream: &Stream) -> Vec<String> {
    let spans = stream.comments();
    spans
        .iter()
        .map(|span| stream.text()[span.range()].to_owned())
        .collect()
}

/// Checks that every comment outside of what had to go is there.
fn check_comments(old: &Stream, edited: &Edited, new: &Stream, edit: &Edit, context: &str) {
    if !old.errors().is_empty() {
        // Behind a broken document nobody can tell what is a comment.
        return;
    }
    let kept = old.comments().into_iter().filter(|comment| {
        let gone = edited
            .changes
            .iter()
            .any(|change| change.span.start < comment.end && comment.start < change.span.end);
        if gone {
            let replaces = !matches!(edit.operation, Operation::Insert(_));
            assert!(replaces, "an insertion takes a comment away\n{context}");
        }
        !gone
    });
    let kept: Vec<String> = kept.map(|span| old.text()[span.range()].to_owned()).collect();
    assert_eq!(comments(new), kept, "{context}");
}

fn try_edit(sample: &Sample, old: &Stream, edit: &Edit, tally: &mut Tally) {
    tally.tried += 1;
    let document = old.documents().nth(sample.document).expect("a document");
    let context = format!("{edit:?}\n{:?}\n{}", sample.text, sample.text);
    let edited = match document.edit(std::slice::from_ref(edit)) {
        Ok(edited) => edited,
        Err(refusal) => {
            let name = format!("{:?}", refusal.reason);
            if matches!(refusal.reason, Reason::Layout(_) | Reason::Unproved(_)) {
                tally.unable += 1;
            }
            *tally.refused.entry(name).or_default() += 1;
            return;
        }
    };
    tally.made += 1;
    let mut expected = read(old);
    random_edit::apply(&mut expected[sample.document], edit);
    let new = Stream::parse(edited.text());
    let messages = |stream: &Stream| {
        stream
            .errors()
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(messages(&new), messages(old), "{context}");
    if old.text().contains("<<") {
        // The order of a mapping with merge keys is not that of its text.
        let unordered = |values: &[Value]| values.iter().map(to_json).collect::<Vec<_>>();
        assert_eq!(
            unordered(&read(&new)),
            unordered(&expected),
            "{context}\n{}",
            edited.text()
        );
    } else {
        assert_eq!(read(&new), expected, "{context}\n{}", edited.text());
    }
    check_bytes(old, &edited);
    check_comments(old, &edited, &new, edit, &context);
    if tally.made.is_multiple_of(4) && expected.len() == 1 {
        let before = read_elsewhere(&sample.text);
        if before.is_some_and(|before| before == to_json(&read(old)[0])) {
            let after = read_elsewhere(edited.text());
            assert_eq!(after, Some(to_json(&expected[0])), "{context}\n{}", edited.text());
            tally.confirmed += 1;
        }
    }
}

#[test]
fn a_hundred_thousand_random_edits_do_what_they_say_and_nothing_else() {
    let mut runner = TestRunner::new(Config {
        cases: TEXTS,
        failure_persistence: None,
        ..Config::default()
    });
    let tally = std::cell::RefCell::new(Tally::default());
    let result = runner.run(&samples(), |sample| {
        let old = Stream::parse(sample.text.as_str());
        if !old.errors().is_empty() {
            return Err(TestCaseError::fail(format!(
                "{:?}\n{}",
                old.errors(),
                sample.text
            )));
        }
        let mut random = Random(sample.seed);
        let values = read(&old);
        if sample.document >= values.len() {
            return Ok(());
        }
        for _ in 0..EDITS_OF_A_TEXT {
            let edit = random_edit::edit(&mut random, &values[sample.document]);
            if edit.path.0.is_empty() {
                continue;
            }
            try_edit(&sample, &old, &edit, &mut tally.borrow_mut());
        }
        Ok(())
    });
    let tally = tally.into_inner();
    println!("{tally:#?}");
    if let Err(error) = result {
        panic!("{error}");
    }
    assert!(tally.tried >= 100_000);
    assert!(tally.made * 100 >= tally.tried * 90, "too many are refused");
    assert!(
        tally.unable * 100 <= tally.tried,
        "too many are refused for want of skill"
    );
    assert!(tally.confirmed >= 3_000, "too few are confirmed");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_of_mutilated_texts_do_what_they_say_or_are_refused(sample in samples(), place in any::<Index>(), piece in select(PIECES)) {
        check_all(Sample { text: mutilated(sample.text, place, piece), ..sample });
    }

    #[test]
    fn edits_of_any_soup_of_tokens_do_what_they_say_or_are_refused(soup in vec(select(PIECES), 0..24), seed in any::<u64>()) {
        check_all(Sample { text: soup.concat(), document: 0, seed });
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_batch_is_its_edits_one_after_the_other(sample in samples()) {
        let mut random = Random(sample.seed);
        let old = Stream::parse(sample.text.as_str());
        let (mut text, mut batch) = (sample.text.clone(), Vec::new());
        for _ in 0..6 {
            let stream = Stream::parse(text.as_str());
            let Some(document) = stream.documents().nth(sample.document) else { break };
            let value = Value::read(document.root()).expect("numbers that fit");
            let edit = random_edit::edit(&mut random, &value);
            if let Ok(edited) = document.edit(std::slice::from_ref(&edit)) {
                text = edited.text().to_owned();
                batch.push(edit);
            }
        }
        if let Some(document) = old.documents().nth(sample.document) {
            let edited = document.edit(&batch).expect("each was possible");
            let one_by_one = Stream::parse(text.as_str());
            let context = format!("{batch:?}\n{}\n{}\n{text}", sample.text, edited.text());
            // The quotes of what is new may be others: they are those that most of the text has.
            prop_assert_eq!(read(&edited.stream), read(&one_by_one), "{}", &context);
            prop_assert_eq!(comments(&edited.stream), comments(&one_by_one), "{}", &context);
            let mut expected = read(&old);
            for edit in &batch {
                random_edit::apply(&mut expected[sample.document], edit);
            }
            let unordered = |values: &[Value]| values.iter().map(to_json).collect::<Vec<_>>();
            prop_assert_eq!(unordered(&read(&edited.stream)), unordered(&expected), "{}", &context);
            check_bytes(&old, &edited);
        }
    }
}

/// Tries some edits of every document of a text that may be broken.
fn check_all(mut sample: Sample) {
    let old = Stream::parse(sample.text.as_str());
    let mut random = Random(sample.seed);
    for document in 0..old.documents().count() {
        sample.document = document;
        let Some(value) = old
            .documents()
            .nth(document)
            .and_then(|document| Value::read(document.root()))
        else {
            continue;
        };
        for _ in 0..4 {
            let edit = random_edit::edit(&mut random, &value);
            if !edit.path.0.is_empty() {
                try_edit(&sample, &old, &edit, &mut Tally::default());
            }
        }
    }
}
