// SPDX-License-Identifier: Apache-2.0
//! The entries of a mapping with merge keys and duplicates applied, as go-yaml v2 fills its map.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::arena::{Arena, Shape};

/// Indices of key and value of each entry that is left, at the place where its name first came up.
///
/// go-yaml v2 (`decode.go`, `mapping` and `merge`) writes entry by entry into one map: a merge key acts where it
/// stands, so it also replaces keys that were written before it; of a list of mappings the first one wins.
pub(crate) fn entries(arena: &Arena, text: &str, mapping: u32) -> Vec<(u32, u32)> {
    let mut layers = Layers {
        arena,
        text,
        entries: Vec::new(),
        places: HashMap::new(),
    };
    layers.add(mapping);
    layers.entries
}

struct Layers<'t> {
    arena: &'t Arena,
    text: &'t str,
    entries: Vec<(u32, u32)>,
    places: HashMap<Cow<'t, str>, usize>,
}

impl Layers<'_> {
    /// Recursion is bounded: what is merged lies below its mapping, and the builder bounds depth through aliases.
    fn add(&mut self, mapping: u32) {
        for (key, value) in self.arena.pairs(mapping) {
            if self.arena.is_merge_key(self.text, key) {
                self.merge(self.arena.target(value));
            } else {
                self.put(key, value);
            }
        }
    }

    fn merge(&mut self, source: u32) {
        if self.arena.record(source).shape == Shape::Mapping {
            self.add(source);
            return;
        }
        let sources: Vec<u32> = self.arena.items(source).collect();
        for source in sources.into_iter().rev() {
            self.add(self.arena.target(source));
        }
    }

    fn put(&mut self, key: u32, value: u32) {
        let place = *self
            .places
            .entry(self.arena.key_name(self.text, key))
            .or_insert(self.entries.len());
        match self.entries.get_mut(place) {
            Some(entry) => *entry = (key, value),
            None => self.entries.push((key, value)),
        }
    }
}
