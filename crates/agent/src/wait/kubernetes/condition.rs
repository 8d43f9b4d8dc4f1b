// SPDX-License-Identifier: Apache-2.0
//! Conditions of an object; all else of it is passed over as it comes in.

use serde::Deserialize;

/// An object of any kind.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Object {
    metadata: Metadata,
    status: Option<Status>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    generation: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Status {
    observed_generation: Option<i64>,
    conditions: Option<Vec<Condition>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Condition {
    r#type: String,
    status: String,
    reason: Option<String>,
    observed_generation: Option<i64>,
}

impl Object {
    /// Whether it has the condition with that status, as `kubectl wait` judges it (kubectl,
    /// pkg/cmd/wait/condition.go): letters' case does not matter, and what a controller said of an older generation does
    /// not count.
    ///
    /// # Errors
    /// Why not: names of conditions and their reasons, which are words of the API.
    pub(super) fn has(&self, name: &str, wanted: &str) -> Result<(), String> {
        let of_status = self.status.as_ref();
        let conditions = of_status
            .and_then(|status| status.conditions.as_deref())
            .unwrap_or_default();
        let Some(condition) = conditions
            .iter()
            .find(|condition| condition.r#type.eq_ignore_ascii_case(name))
        else {
            return Err(format!("it has no condition {name} yet"));
        };
        let observed = condition
            .observed_generation
            .or(of_status.and_then(|status| status.observed_generation));
        if let (Some(observed), Some(generation)) = (observed, self.metadata.generation)
            && observed < generation
        {
            return Err(format!("its condition {name} is not of its latest change"));
        }
        if condition.status.eq_ignore_ascii_case(wanted) {
            return Ok(());
        }
        let status = word(&condition.status).unwrap_or("something else");
        match condition.reason.as_deref().and_then(word) {
            Some(reason) => Err(format!("its condition {name} is {status} ({reason})")),
            None => Err(format!("its condition {name} is {status}")),
        }
    }
}

/// A status or reason, where it is a word as the API has them
/// (apimachinery, pkg/apis/meta/v1/types.go, `Condition`).
fn word(text: &str) -> Option<&str> {
    let of_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_,:".contains(&byte);
    (!text.is_empty() && text.len() <= 64 && text.bytes().all(of_word)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_judged_as_kubectl_does() {
        for (json, answer) in [
            (
                r#"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#,
                Ok(()),
            ),
            (
                r#"{"status":{"conditions":[{"type":"ready","status":"true"}]}}"#,
                Ok(()),
            ),
            (
                r#"{"status":{"conditions":[{"type":"Ready","status":"False","reason":"ContainersNotReady"}]}}"#,
                Err("its condition Ready is False (ContainersNotReady)"),
            ),
            (
                r#"{"status":{"conditions":[{"type":"Ready","status":"x y","reason":"no word"}]}}"#,
                Err("its condition Ready is something else"),
            ),
            (
                r#"{"status":{"conditions":null}}"#,
                Err("it has no condition Ready yet"),
            ),
            (r#"{"status":null}"#, Err("it has no condition Ready yet")),
            (
                r#"{"metadata":{"generation":3},"status":{"observedGeneration":2,"conditions":[{"type":"Ready","status":"True"}]}}"#,
                Err("its condition Ready is not of its latest change"),
            ),
            (
                r#"{"metadata":{"generation":3},"status":{"observedGeneration":3,"conditions":[{"type":"Ready","status":"True"}]}}"#,
                Ok(()),
            ),
            (
                r#"{"metadata":{"generation":3},"status":{"conditions":[{"type":"Ready","status":"True","observedGeneration":2}]}}"#,
                Err("its condition Ready is not of its latest change"),
            ),
        ] {
            let object: Object = serde_json::from_str(json).unwrap();
            assert_eq!(
                object.has("Ready", "True"),
                answer.map_err(str::to_owned),
                "{json}"
            );
        }
    }
}
