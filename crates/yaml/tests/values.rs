// SPDX-License-Identifier: Apache-2.0
//! What documents mean: lookups, merge keys, duplicates, aliases.
#![expect(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use writeway_yaml::{Kind, Node, Scalar, Stream};

fn root(stream: &Stream) -> Node<'_> {
    assert_eq!(stream.errors(), &[]);
    stream.documents().next().expect("one document").root()
}

#[test]
fn values_are_found_by_name_and_position() {
    let stream = Stream::parse("a: 1\nb:\n- x\n- {c: [y, no]}\n");
    let root = root(&stream);
    assert_eq!(root.kind(), Kind::Mapping);
    assert_eq!(root.get("a").and_then(Node::as_i64), Some(1));
    let items: Vec<_> = root.get("b").expect("b").items().collect();
    assert_eq!(items[0].as_str(), Some("x"));
    let c: Vec<_> = items[1]
        .get("c")
        .expect("c")
        .items()
        .filter_map(Node::scalar)
        .collect();
    assert_eq!(c, [Scalar::Bool(true), Scalar::Bool(false)]);
}
