// SPDX-License-Identifier: Apache-2.0
//! Random layers against a naive model of overlayfs: a tree of nodes, merged by recursion.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use writeway_facts::PathFact;

use crate::build::{Image, Layer, Pack, dir, file, link};

/// One member of a random layer.
#[derive(Debug, Clone)]
enum Step {
    Dir(Vec<&'static str>, u16),
    File(Vec<&'static str>, u16),
    Link(Vec<&'static str>),
    Hard(Vec<&'static str>, Vec<&'static str>),
    Whiteout(Vec<&'static str>),
    Opaque(Vec<&'static str>),
}

/// A node of the model; a directory that nobody described has no fact.
#[derive(Debug, Clone)]
enum Node {
    Leaf(PathFact),
    Dir {
        fact: Option<PathFact>,
        children: BTreeMap<String, Self>,
        opaque: bool,
        deleted: BTreeSet<String>,
    },
}

impl Node {
    fn undescribed() -> Self {
        Self::Dir {
            fact: None,
            children: BTreeMap::new(),
            opaque: false,
            deleted: BTreeSet::new(),
        }
    }

    /// The directory at `path`, made if need be; `None` if a leaf is in the way.
    fn directory(&mut self, path: &[&str]) -> Option<&mut Self> {
        match (path.split_first(), self) {
            (_, Self::Leaf(_)) => None,
            (None, directory) => Some(directory),
            (Some((first, rest)), Self::Dir { children, .. }) => children
                .entry((*first).to_owned())
                .or_insert_with(Self::undescribed)
                .directory(rest),
        }
    }

    fn find(&self, path: &[&str]) -> Option<&Self> {
        match (path.split_first(), self) {
            (None, _) => Some(self),
            (Some((first, rest)), Self::Dir { children, .. }) => children.get(*first)?.find(rest),
            (Some(_), Self::Leaf(_)) => None,
        }
    }

    /// What overlayfs shows of `self` above `lower`.
    fn over(self, lower: Option<Self>) -> Self {
        let Self::Dir {
            fact,
            children,
            opaque,
            deleted,
        } = self
        else {
            return self;
        };
        let (lower_fact, mut below) = match lower {
            Some(Self::Dir { fact, children, .. }) => (fact, children),
            Some(Self::Leaf(_)) | None => (None, BTreeMap::new()),
        };
        if opaque {
            below.clear();
        }
        for name in deleted {
            below.remove(&name);
        }
        for (name, child) in children {
            let merged = child.over(below.remove(&name));
            below.insert(name, merged);
        }
        Self::Dir {
            fact: fact.or(lower_fact).or_else(|| Some(dir((0, 0), 0o755))),
            children: below,
            opaque: false,
            deleted: BTreeSet::new(),
        }
    }

    fn list(&self, path: &str, into: &mut BTreeMap<String, PathFact>) {
        let name = if path.is_empty() { "/" } else { path };
        match self {
            Self::Leaf(fact) => {
                into.insert(name.to_owned(), fact.clone());
            }
            Self::Dir { fact, children, .. } => {
                into.insert(
                    name.to_owned(),
                    fact.clone().unwrap_or_else(|| dir((0, 0), 0o755)),
                );
                for (name, child) in children {
                    child.list(&format!("{path}/{name}"), into);
                }
            }
        }
    }
}

/// The layer's own tree.
fn unpack(steps: &[Step]) -> Node {
    let mut root = Node::undescribed();
    for step in steps {
        let (path, leaf) = match step {
            Step::Dir(path, mode) => {
                if let Some(parent) = root.directory(&path[..path.len() - 1])
                    && let Node::Dir { children, .. } = parent
                {
                    let described = Some(dir((0, 0), *mode));
                    match children
                        .entry(path[path.len() - 1].to_owned())
                        .or_insert_with(Node::undescribed)
                    {
                        Node::Dir { fact, .. } => *fact = described,
                        leaf @ Node::Leaf(_) => {
                            *leaf = Node::undescribed();
                            if let Node::Dir { fact, .. } = leaf {
                                *fact = described;
                            }
                        }
                    }
                }
                continue;
            }
            Step::Whiteout(path) => {
                if let Some(Node::Dir { deleted, .. }) = root.directory(&path[..path.len() - 1]) {
                    deleted.insert(path[path.len() - 1].to_owned());
                }
                continue;
            }
            Step::Opaque(path) => {
                if let Some(Node::Dir { opaque, .. }) = root.directory(path) {
                    *opaque = true;
                }
                continue;
            }
            Step::File(path, mode) => (path, file((1, 1), *mode)),
            Step::Link(path) => (path, link("/nowhere")),
            Step::Hard(path, target) => match root.find(target) {
                Some(Node::Leaf(fact)) if path != target => (path, fact.clone()),
                _ => {
                    // The parents are made before the link turns out to be impossible.
                    let _ = root.directory(&path[..path.len() - 1]);
                    continue;
                }
            },
        };
        if let Some(Node::Dir { children, .. }) = root.directory(&path[..path.len() - 1]) {
            children.insert(path[path.len() - 1].to_owned(), Node::Leaf(leaf));
        }
    }
    root
}

/// The layer's archive. A hard link's header repeats what its target's says.
fn archive(steps: &[Step]) -> Layer {
    steps.iter().fold(Layer::new(), |layer, step| match step {
        Step::Dir(path, mode) => layer.dir(&path.join("/"), (0, 0), u32::from(*mode)),
        Step::File(path, mode) => {
            layer.file(&format!("./{}", path.join("/")), (1, 1), u32::from(*mode), b"x")
        }
        Step::Link(path) => layer.symlink(&path.join("/"), "/nowhere"),
        Step::Hard(path, target) => layer.hard_link(&path.join("/"), &target.join("/"), (1, 1), 0o644),
        Step::Whiteout(path) => {
            let (name, parents) = path.split_last().unwrap();
            let whiteout = format!(".wh.{name}");
            layer.empty(&[parents, &[&whiteout]].concat().join("/"))
        }
        Step::Opaque(path) => layer.empty(&[path.as_slice(), &[".wh..wh..opq"]].concat().join("/")),
    })
}

/// Links have names of their own and nothing below them, so that the model needs no look-up through links.
fn step() -> impl Strategy<Value = Step> {
    let name = || prop::sample::select(vec!["a", "b", "c"]);
    let path = move || vec(name(), 1..4);
    let linked = move || {
        (vec(name(), 0..3), prop::sample::select(vec!["l", "m"])).prop_map(|(mut path, name)| {
            path.push(name);
            path
        })
    };
    let mode = || prop::sample::select(vec![0o700, 0o755, 0o1777, 0o2775]);
    prop_oneof![
        3 => (path(), mode()).prop_map(|(path, mode)| Step::Dir(path, mode)),
        4 => (path(), mode()).prop_map(|(path, mode)| Step::File(path, mode)),
        1 => linked().prop_map(Step::Link),
        1 => (path(), path()).prop_map(|(path, target)| Step::Hard(path, target)),
        2 => path().prop_map(Step::Whiteout),
        1 => vec(name(), 0..3).prop_map(Step::Opaque),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn layers_stack_as_overlayfs_stacks_them(
        stack in vec(vec(step(), 0..8), 1..5),
        pack in prop::sample::select(vec![Pack::Plain, Pack::Gzip, Pack::Zstd]),
    ) {
        // Links to a lower layer's file are tested by hand: overlay snapshotters refuse them.
        let stack: Vec<Vec<Step>> = stack.into_iter().map(|steps| without_links_below(&steps)).collect();
        let model = stack.iter().fold(Node::undescribed(), |lower, steps| unpack(steps).over(Some(lower)));
        let mut expected = BTreeMap::new();
        model.list("", &mut expected);
        let image = Image::of(stack.iter().map(|steps| archive(steps))).packed(pack).read();
        prop_assert_eq!(image.facts.paths, expected);
    }
}

/// Drops hard links whose target the layer does not have when they come.
fn without_links_below(steps: &[Step]) -> Vec<Step> {
    let mut kept = Vec::new();
    for step in steps {
        match step {
            Step::Hard(_, target) if unpack(&kept).find(target).is_none() => {}
            _ => kept.push(step.clone()),
        }
    }
    kept
}
