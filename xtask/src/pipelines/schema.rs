// SPDX-License-Identifier: Apache-2.0
//! What GitHub and GitLab take, by the schemas that their editors use.

use std::fs;

use anyhow::Context as _;
use serde_json::Value;

use crate::tools::Tool;
use crate::verdict::Verdict;

/// The documents of a YAML file.
///
/// # Errors
/// When it is no YAML.
pub(super) fn documents(text: &str) -> anyhow::Result<Vec<Value>> {
    serde_saphyr::from_multiple(text).context("no YAML")
}

/// Expects of a document that it is valid.
///
/// # Errors
/// When the schema cannot be had.
pub(super) fn validate(
    verdict: &mut Verdict,
    schema: &Tool,
    name: &str,
    document: &Value,
) -> anyhow::Result<()> {
    let schema: Value = serde_json::from_str(&fs::read_to_string(schema.path()?)?)?;
    let validator = jsonschema::validator_for(&schema)?;
    let errors: Vec<_> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    verdict.expect(errors.is_empty(), &format!("{name} is valid"), &errors);
    Ok(())
}
