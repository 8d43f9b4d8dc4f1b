// SPDX-License-Identifier: Apache-2.0
//! Reads the kinds of Flux. Their schemas are not ours to judge: what has another form than expected is absent.

use writeway_yaml::{Node, Scalar};

use super::maker::{descend, text};
use crate::{GitReference, GitRepository, ImageUpdateAutomation};

/// A GitRepository without `spec.url` is none.
pub(crate) fn git_repository(node: Node<'_>) -> Option<GitRepository> {
    let spec = node.get("spec")?;
    Some(GitRepository {
        url: text(spec, "url")?,
        secret: descend(spec, &["secretRef"]).and_then(|secret| text(secret, "name")),
        provider: text(spec, "provider").filter(|provider| provider.value != "generic"),
        reference: spec.get("ref").map(reference),
        suspended: flag(spec, "suspend"),
    })
}

/// An automation whose source is no GitRepository, or has no name, is none.
pub(crate) fn image_update_automation(node: Node<'_>) -> Option<ImageUpdateAutomation> {
    let spec = node.get("spec")?;
    // v1alpha1 has checkout and push one level higher.
    let git = spec.get("git").unwrap_or(spec);
    let checkout = git.get("checkout");
    let source = spec
        .get("sourceRef")
        .or_else(|| checkout?.get("gitRepositoryRef"))?;
    if text(source, "kind").is_some_and(|kind| kind.value != "GitRepository") {
        return None;
    }
    let old = checkout.and_then(|checkout| text(checkout, "branch"));
    let branch = || GitReference {
        branch: old,
        fixed: None,
    };
    Some(ImageUpdateAutomation {
        source: text(source, "name")?,
        source_namespace: text(source, "namespace"),
        checkout: checkout.map(|checkout| checkout.get("ref").map_or_else(branch, reference)),
        push_branch: git.get("push").and_then(|push| text(push, "branch")),
        suspended: flag(spec, "suspend"),
    })
}

fn reference(node: Node<'_>) -> GitReference {
    // The order in which source-controller looks: gitrepository_types.go, GitRepositoryRef.
    let fixed = ["commit", "name", "semver", "tag"]
        .into_iter()
        .find_map(|field| Some((field.to_owned(), text(node, field)?)));
    GitReference {
        branch: text(node, "branch").filter(|branch| !branch.is_empty()),
        fixed,
    }
}

fn flag(node: Node<'_>, field: &str) -> bool {
    matches!(
        node.get(field).and_then(|value| value.scalar()),
        Some(Scalar::Bool(true))
    )
}
