// SPDX-License-Identifier: Apache-2.0
//! Parts of a pod as text.

use serde_json::json;
use writeway_generate::Rendered;
use writeway_report::printable;
use writeway_yaml::Value;

use super::Generated;

/// Lists to be pasted, each below a comment that says where it belongs.
pub(super) fn yaml(generated: &Generated) -> String {
    let rendered = &generated.rendered;
    let (spec, container) = match &generated.found {
        Some(found) => (
            format!("# In `{}` of {}", found.pod_path, found.workload),
            format!("# In container `{}`", found.container),
        ),
        None => (
            "# In the pod's spec (`spec.template.spec` of a Deployment)".to_owned(),
            "# In the container that uses it".to_owned(),
        ),
    };
    let in_place = match &generated.replaced {
        Some((volume, path)) => format!(", in place of its mount of volume `{volume}` at {path}"),
        None => String::new(),
    };
    [
        (
            format!("{spec}, in front of containers that need it:"),
            "initContainers",
            &rendered.init_containers,
        ),
        (format!("{spec}:"), "volumes", &rendered.volumes),
        (
            format!("{container}{in_place}:"),
            "volumeMounts",
            &rendered.volume_mounts,
        ),
    ]
    .into_iter()
    .filter(|(_, _, parts)| !parts.is_empty())
    .map(|(comment, name, parts)| {
        let list = Value::map([(name, Value::List(parts.clone()))]);
        format!("{}\n{}", printable(&comment), list.to_yaml())
    })
    .collect()
}

/// One object with all lists, empty ones too.
pub(super) fn json(rendered: &Rendered) -> anyhow::Result<String> {
    let parts = rendered.to_json();
    let lists = json!({
        "initContainers": parts.init_containers,
        "volumes": parts.volumes,
        "volumeMounts": parts.volume_mounts,
    });
    Ok(serde_json::to_string_pretty(&lists)? + "\n")
}
