// SPDX-License-Identifier: Apache-2.0
//! Flux's kinds, in every version of their APIs.

use crate::reading::{problems, read};

#[test]
fn an_automation_is_read_in_every_version_of_its_api() {
    let rows = [
        (
            "v1",
            "{sourceRef: {kind: GitRepository, name: fleet, namespace: flux-system}, \
             git: {checkout: {ref: {branch: main}}, push: {branch: images}}}",
            (Some("flux-system"), Some(Some("main")), Some("images"), false),
        ),
        (
            "v1beta1",
            "{sourceRef: {name: fleet}, git: {checkout: {ref: {tag: v1}}}, suspend: true}",
            (None, Some(None), None, true),
        ),
        (
            "v1beta2",
            "{sourceRef: {name: fleet}, git: {}}",
            (None, None, None, false),
        ),
        (
            "v1alpha1",
            "{checkout: {gitRepositoryRef: {name: fleet}, branch: main}, push: {branch: images}}",
            (None, Some(Some("main")), Some("images"), false),
        ),
    ];
    for (version, spec, expected) in rows {
        let text = format!(
            "apiVersion: image.toolkit.fluxcd.io/{version}\nkind: ImageUpdateAutomation\n\
             metadata: {{name: it}}\nspec: {spec}\n"
        );
        let inventory = read(&text);
        assert_eq!(problems(&inventory), [""; 0]);
        let it = &inventory.image_automations()[0];
        assert_eq!(it.source.value, "fleet");
        let branch = |spanned: &Option<writeway_manifest::Spanned<String>>| {
            spanned.as_ref().map(|spanned| spanned.value.clone())
        };
        let (namespace, checkout, push, suspended) = expected;
        assert_eq!(branch(&it.source_namespace).as_deref(), namespace, "{version}");
        let found = it.checkout.as_ref().map(|checkout| branch(&checkout.branch));
        assert_eq!(
            found,
            checkout.map(|branch| branch.map(str::to_owned)),
            "{version}"
        );
        assert_eq!(branch(&it.push_branch).as_deref(), push, "{version}");
        assert_eq!(it.suspended, suspended, "{version}");
    }
}

#[test]
fn a_repository_tells_its_credential_its_provider_and_what_is_checked_out() {
    let rows = [
        ("{url: 'https://h/r'}", (None, None, None, None)),
        (
            "{url: 'ssh://git@h/r', secretRef: {name: key}, ref: {branch: main}}",
            (Some("key"), None, Some("main"), None),
        ),
        (
            "{url: 'https://h/r', provider: azure, ref: {semver: '>=1', tag: v1}}",
            (None, Some("azure"), None, Some("semver")),
        ),
        (
            "{url: 'https://h/r', provider: generic}",
            (None, None, None, None),
        ),
    ];
    for (spec, (secret, provider, branch, fixed)) in rows {
        let text = format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: fleet}}\nspec: {spec}\n"
        );
        let inventory = read(&text);
        let found = inventory.git_repositories("default", "fleet").next().unwrap();
        let value = |spanned: Option<&writeway_manifest::Spanned<String>>| spanned.map(|it| it.value.clone());
        assert_eq!(value(found.secret.as_ref()).as_deref(), secret, "{spec}");
        assert_eq!(value(found.provider.as_ref()).as_deref(), provider, "{spec}");
        let reference = found.reference.clone().unwrap_or_default();
        assert_eq!(value(reference.branch.as_ref()).as_deref(), branch, "{spec}");
        assert_eq!(
            reference.fixed.map(|(field, _)| field).as_deref(),
            fixed,
            "{spec}"
        );
    }
}

#[test]
fn what_has_another_form_is_an_object_of_no_known_kind() {
    for (group, kind, spec) in [
        ("source.toolkit.fluxcd.io/v1", "GitRepository", "{}"),
        ("image.toolkit.fluxcd.io/v1", "ImageUpdateAutomation", "{git: {}}"),
        (
            "image.toolkit.fluxcd.io/v1",
            "ImageUpdateAutomation",
            "{sourceRef: {kind: Bucket, name: b}}",
        ),
    ] {
        let text = format!("apiVersion: {group}\nkind: {kind}\nmetadata: {{name: it}}\nspec: {spec}\n");
        let inventory = read(&text);
        assert_eq!(
            (problems(&inventory).len(), inventory.others().len()),
            (0, 1),
            "{kind} {spec}"
        );
        assert!(inventory.image_automations().is_empty());
    }
}
