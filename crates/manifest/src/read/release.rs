// SPDX-License-Identifier: Apache-2.0
//! Reads the custom resources that deploy charts.

use writeway_yaml::Node;

use super::{Fields, Reader};
use crate::{Application, ApplicationSource, HelmAction, HelmRelease};

pub(crate) fn helm_release(reader: &mut Reader, node: Node<'_>) -> Option<HelmRelease> {
    reader.mapping(node, "", &[], |object| {
        let span = object.span();
        let spec = object.object("spec", &[], |spec| HelmRelease {
            span,
            release_name: spec.string("releaseName"),
            target_namespace: spec.string("targetNamespace"),
            timeout: spec.duration("timeout"),
            interval: spec.duration("interval"),
            install: spec.object("install", &[], action).unwrap_or_default(),
            upgrade: spec.object("upgrade", &[], action).unwrap_or_default(),
        });
        spec.unwrap_or(HelmRelease {
            span,
            ..HelmRelease::default()
        })
    })
}

fn action(fields: &mut Fields<'_, '_>) -> HelmAction {
    HelmAction {
        timeout: fields.duration("timeout"),
        retries: fields
            .object("remediation", &[], |remediation| remediation.int64("retries"))
            .flatten(),
        disable_wait: fields.bool("disableWait"),
        disable_hooks: fields.bool("disableHooks"),
    }
}

pub(crate) fn application(reader: &mut Reader, node: Node<'_>) -> Option<Application> {
    reader.mapping(node, "", &[], |object| {
        let span = object.span();
        let spec = object.object("spec", &[], |spec| {
            let sources = spec.objects("sources", &[], source).unwrap_or_default();
            let automated = spec.object("syncPolicy", &[], |policy| {
                policy.get("automated").map(|node| node.span())
            });
            Application {
                span,
                sources: spec
                    .object("source", &[], source)
                    .into_iter()
                    .chain(sources)
                    .collect(),
                destination_namespace: spec
                    .object("destination", &[], |destination| destination.string("namespace"))
                    .flatten(),
                automated: automated.flatten(),
            }
        });
        spec.unwrap_or(Application {
            span,
            ..Application::default()
        })
    })
}

fn source(fields: &mut Fields<'_, '_>) -> ApplicationSource {
    ApplicationSource {
        span: fields.span(),
        repo_url: fields.string("repoURL"),
        path: fields.string("path"),
        chart: fields.string("chart"),
        helm: fields.get("helm").map(|node| node.span()),
        release_name: fields
            .object("helm", &[], |helm| helm.string("releaseName"))
            .flatten(),
    }
}
