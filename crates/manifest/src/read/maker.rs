// SPDX-License-Identifier: Apache-2.0
//! Reads the custom resources whose controllers make Secrets. Their schemas are not ours to judge: what has another
//! form than expected is no maker.

use writeway_yaml::{Node, Scalar, Span};

use crate::{ObjectRef, SecretMaker, Spanned, Upkeep};

/// Annotations of a SealedSecret's template that let the controller patch a Secret of somebody else and leave the rest
/// of it (sealed-secrets README, "Patching existing secrets"; pkg/controller/controller.go, unseal).
const SEALED_PATCH: &str = "sealedsecrets.bitnami.com/patch";

/// The maker that an object is, if its kind is one of those known here.
pub(crate) fn secret_maker(node: Node<'_>, object: &ObjectRef) -> Option<SecretMaker> {
    let spec = || node.get("spec");
    match (object.group(), object.kind.as_str()) {
        ("bitnami.com", "SealedSecret") => {
            let annotations = descend(node, &["spec", "template", "metadata", "annotations"]);
            let patch = annotations.and_then(|annotations| text(annotations, SEALED_PATCH));
            let upkeep = if patch.is_some_and(|patch| *patch == "true") {
                Upkeep::Merges
            } else {
                Upkeep::Restores
            };
            own_name(object, upkeep)
        }
        ("external-secrets.io", "ExternalSecret") => external_secret(spec()?, object),
        ("cert-manager.io", "Certificate") => named(text(spec()?, "secretName")?, Upkeep::Follows),
        (
            "secrets.hashicorp.com",
            "VaultStaticSecret" | "VaultDynamicSecret" | "VaultPKISecret" | "HCPVaultSecretsApp",
        ) => named(text(spec()?.get("destination")?, "name")?, Upkeep::Follows),
        _ => None,
    }
}

/// `spec.target.name`, else the object's own name; refreshed unless told otherwise (external-secrets
/// apis/externalsecrets/v1/externalsecret_types.go; docs, "Lifecycle").
fn external_secret(spec: Node<'_>, object: &ObjectRef) -> Option<SecretMaker> {
    let target = spec.get("target");
    let policy = target.and_then(|target| text(target, "creationPolicy"));
    let refresh = text(spec, "refreshPolicy").map(|policy| policy.value);
    let never = text(spec, "refreshInterval").is_some_and(|interval| interval.starts_with('0'));
    let upkeep = match (policy.as_ref().map(|policy| policy.as_str()), refresh.as_deref()) {
        (Some("None"), _) => return None,
        (Some("Merge"), _) => Upkeep::Merges,
        (_, Some("CreatedOnce")) => Upkeep::None,
        (_, Some("OnChange")) => Upkeep::Restores,
        (_, None | Some("Periodic")) if never => Upkeep::None,
        _ => Upkeep::Follows,
    };
    match target.and_then(|target| text(target, "name")) {
        Some(name) => named(name, upkeep),
        None => own_name(object, upkeep),
    }
}

fn own_name(object: &ObjectRef, upkeep: Upkeep) -> Option<SecretMaker> {
    named(Spanned::new(object.name.clone(), object.name_span), upkeep)
}

fn named(secret: Spanned<String>, upkeep: Upkeep) -> Option<SecretMaker> {
    (!secret.is_empty()).then_some(SecretMaker { secret, upkeep })
}

pub(super) fn descend<'t>(node: Node<'t>, path: &[&str]) -> Option<Node<'t>> {
    path.iter().try_fold(node, |node, segment| node.get(segment))
}

/// A string that is no longer than a name may be.
pub(super) fn text(node: Node<'_>, field: &str) -> Option<Spanned<String>> {
    let value = node.get(field)?;
    let span: Span = value.span();
    match value.scalar()? {
        Scalar::Str(text) if text.len() <= super::object::MAX_NAME => {
            Some(Spanned::new(text.into_owned(), span))
        }
        _ => None,
    }
}
