// SPDX-License-Identifier: Apache-2.0
//! The format of facts files for editors.

/// The JSON Schema (draft 2020-12) of a facts file, as `writeway schema facts` prints it.
pub const SCHEMA: &str = include_str!("../schema/facts.schema.json");

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::read::SECTIONS;

    /// The properties of every object of the schema that does not take other keys.
    fn closed_objects(schema: &Value, found: &mut BTreeSet<BTreeSet<String>>) {
        match schema {
            Value::Object(members) => {
                if members.get("additionalProperties") == Some(&Value::Bool(false)) {
                    let properties = members["properties"]
                        .as_object()
                        .expect("a closed object has properties");
                    found.insert(properties.keys().cloned().collect());
                }
                members.values().for_each(|member| closed_objects(member, found));
            }
            Value::Array(items) => items.iter().for_each(|item| closed_objects(item, found)),
            _ => {}
        }
    }

    #[test]
    fn the_schema_has_the_keys_that_the_reader_takes() {
        let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        let mut described = BTreeSet::new();
        closed_objects(&schema, &mut described);
        let read: BTreeSet<BTreeSet<String>> = SECTIONS
            .iter()
            .map(|section| section.keys.iter().map(|key| (*key).to_owned()).collect())
            .collect();
        assert_eq!(described, read);
    }
}
