// SPDX-License-Identifier: Apache-2.0
//! Several facts files as one.

use proptest::prelude::*;
use writeway_facts::{Facts, read, to_yaml};

use crate::arbitrary::facts;

fn merged(texts: &[&str]) -> Facts {
    let mut facts = Facts::default();
    for text in texts {
        facts.merge(read(text).unwrap());
    }
    facts
}

#[test]
fn the_later_file_wins_field_by_field() {
    for (first, second, both) in [
        (
            "images: { a: { user: '1', env: { A: x, B: y }, paths: { /a: {}, /b: { mode: '0700' } } } }",
            "images: { a: { workingDir: /w, env: { A: z }, paths: { /b: { mode: '0755' } } }, b: {} }",
            "images: { a: { user: '1', workingDir: /w, env: { A: z }, paths: { /a: {}, /b: { mode: '0755' } } }, b: {} }",
        ),
        (
            "hostPaths: { /a: { owner: '1:1', mode: '0700' }, /b: {} }",
            "hostPaths: { /a: { mode: '0755' }, /c: { absent: true } }",
            "hostPaths: { /a: { mode: '0755' }, /b: {}, /c: { absent: true } }",
        ),
        (
            "storageClasses: { c: { source: local, mode: '0700', contents: { a: {} } } }",
            "storageClasses: { c: { mode: '0755', contents: { b: {} } } }",
            "storageClasses: { c: { source: local, mode: '0755', contents: { a: {}, b: {} } } }",
        ),
        (
            "claims: { n/c: { owner: '1:1' } }",
            "claims: { n/c: { fsType: ext4 }, n/d: {} }",
            "claims: { n/c: { owner: '1:1', fsType: ext4 }, n/d: {} }",
        ),
        (
            "kubernetes: { version: '1.35', featureGates: { A: true } }",
            "kubernetes: { version: '1.36', featureGates: { B: false } }",
            "kubernetes: { version: '1.36', featureGates: { A: true, B: false } }",
        ),
        (
            "node: { runtime: cri-o, umask: '0027', sysctls: { a: 1, b: 1 } }",
            "node: { runtime: containerd 2, sysctls: { b: 2 } }",
            "node: { runtime: containerd 2, umask: '0027', sysctls: { a: 1, b: 2 } }",
        ),
    ] {
        assert_eq!(merged(&[first, second]), read(both).unwrap(), "{first}\n{second}");
    }
}

#[test]
fn a_complete_list_of_paths_replaces_an_older_one() {
    let facts = merged(&[
        "images: { a: { complete: true, paths: { /gone: {}, /tmp: {} } } }",
        "images: { a: { complete: true, paths: { /tmp: {} } } }",
    ]);
    assert_eq!(
        facts,
        read("images: { a: { complete: true, paths: { /tmp: {} } } }").unwrap()
    );
    let corrected = merged(&[
        "images: { a: { complete: true, paths: { /a: {} } } }",
        "images: { a: { paths: { /b: {} } } }",
    ]);
    assert_eq!(
        corrected,
        read("images: { a: { complete: true, paths: { /a: {}, /b: {} } } }").unwrap()
    );
}

#[test]
fn two_spellings_of_one_image_are_one_image() {
    let facts = merged(&[
        "images: { nginx: { user: a } }",
        "images: { 'docker.io/library/nginx:latest': { user: b } }",
    ]);
    assert_eq!(to_yaml(&facts), "images:\n  nginx:\n    user: b\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn merging_nothing_or_the_same_again_changes_nothing(facts in facts()) {
        let mut merged = facts.clone();
        merged.merge(Facts::default());
        prop_assert_eq!(&merged, &facts);
        merged.merge(facts.clone());
        prop_assert_eq!(&merged, &facts);
        let mut from_nothing = Facts::default();
        from_nothing.merge(facts.clone());
        prop_assert_eq!(from_nothing, facts);
    }
}
