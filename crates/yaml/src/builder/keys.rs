// SPDX-License-Identifier: Apache-2.0
//! What Kubernetes demands of the keys of a mapping: names, merge keys with mappings behind them, no duplicates.

use std::borrow::Cow;
use std::collections::HashMap;

use super::tree::Tree;
use crate::arena::{CONVERTED_KEY, LAYERED, Shape};
use crate::error::{Duplicate, Error, ErrorKind};
use crate::scalar::{self, Scalar, Tag};

/// Up to this many keys, comparing each with each is faster than hashing.
const PAIRWISE: usize = 8;

impl Tree<'_> {
    /// Checks the keys of a complete mapping and marks what lookups have to know about them.
    pub(super) fn check_keys(&mut self, mapping: u32) -> Result<(), Error> {
        let mut names = std::mem::take(&mut self.names);
        names.clear();
        let mut key = mapping + 1;
        while key < self.arena.next(mapping) {
            let value = self.arena.next(key);
            if self.arena.is_merge_key(self.text, key) {
                self.check_merge(value)?;
                self.mark(mapping, LAYERED);
            } else {
                if self.converts(key)? {
                    self.mark(key, CONVERTED_KEY);
                }
                names.push(key);
            }
            key = self.arena.next(value);
        }
        for (first, second) in self.find_duplicates(&names) {
            self.mark(mapping, LAYERED);
            self.duplicates.push(Duplicate {
                key: self.arena.key_name(self.text, second).into_owned(),
                first: self.arena.record(first).span(),
                second: self.arena.record(second).span(),
            });
        }
        self.names = names;
        Ok(())
    }

    /// Whether the JSON name of a key is another text than its content.
    fn converts(&self, key: u32) -> Result<bool, Error> {
        let record = self.arena.record(self.arena.target(key));
        let refuse = |what: &str| {
            let message = format!(
                "Kubernetes needs a text as key, this one is {what}; put it in quotes (a template such as `{{{{ … }}}}` \
                 has to be rendered first)"
            );
            Err(Error::new(
                self.arena.record(key).span(),
                ErrorKind::InvalidKey,
                message,
            ))
        };
        match record.shape {
            Shape::Mapping => return refuse("a mapping"),
            Shape::Sequence => return refuse("a list"),
            _ => {}
        }
        let content = self.arena.content(self.text, record);
        let plain = record.shape == Shape::Plain;
        if record.tag == Tag::None && !(plain && scalar::may_convert(content.as_bytes().first())) {
            return Ok(false);
        }
        match scalar::resolve(content, plain, record.tag) {
            Ok(Scalar::Null) => refuse("null"),
            Ok(Scalar::Uint(_)) => refuse("a number above 9223372036854775807"),
            Ok(name) => Ok(name.into_key() != content),
            Err(_) => Ok(false),
        }
    }

    /// go-yaml v2 (`decode.go`, `merge`) takes a mapping, an alias of one, or a list of these.
    fn check_merge(&self, value: u32) -> Result<(), Error> {
        let is_mapping = |index| self.arena.record(self.arena.target(index)).shape == Shape::Mapping;
        // An alias of a list is refused there too, so the list is looked for without following.
        let fits = is_mapping(value)
            || (self.arena.record(value).shape == Shape::Sequence && self.arena.items(value).all(is_mapping));
        if fits {
            return Ok(());
        }
        let message = "the merge key `<<` needs a mapping or a list of mappings as its value".to_owned();
        Err(Error::new(
            self.arena.record(value).span(),
            ErrorKind::InvalidMerge,
            message,
        ))
    }

    /// Each repeated key with the one before it, in the order of the text.
    fn find_duplicates(&self, keys: &[u32]) -> Vec<(u32, u32)> {
        let mut repeated = Vec::new();
        if keys.len() <= PAIRWISE {
            for (count, &key) in keys.iter().enumerate() {
                let name = self.arena.key_name(self.text, key);
                let earlier = keys.iter().take(count).rev();
                if let Some(&first) = earlier
                    .into_iter()
                    .find(|&&other| self.arena.key_name(self.text, other) == name)
                {
                    repeated.push((first, key));
                }
            }
            return repeated;
        }
        let mut seen: HashMap<Cow<'_, str>, u32> = HashMap::with_capacity(keys.len());
        for &key in keys {
            if let Some(first) = seen.insert(self.arena.key_name(self.text, key), key) {
                repeated.push((first, key));
            }
        }
        repeated
    }

    fn mark(&mut self, index: u32, flag: u8) {
        if let Some(record) = self.arena.records.get_mut(index as usize) {
            record.flags |= flag;
        }
    }
}
