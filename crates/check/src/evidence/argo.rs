// SPDX-License-Identifier: Apache-2.0
//! What shows that Argo CD deploys an object.

use writeway_manifest::{Application, ApplicationSource, Declared, Inventory, Metadata, Place};

use crate::Confidence;

/// Where it is shown that Argo CD deploys an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeployedByArgo {
    /// The place in an Application, or on the object itself.
    pub(crate) place: Place,
    /// What is said there.
    pub(crate) label: String,
    /// How sure it is.
    pub(crate) confidence: Confidence,
}

/// Marks that Argo CD leaves on what it applies (docs/user-guide/resource_tracking.md).
const TRACKED: &str = "argocd.argoproj.io/tracking-id";
const INSTANCE: &str = "argocd.argoproj.io/instance";

/// Annotations and labels that charts write for Argo CD begin like this.
const PREFIX: &str = "argocd.argoproj.io/";

/// What shows that Argo CD deploys an object: its mark, an Application whose path the object's file is in, one of the
/// object's chart or release, or an annotation that nobody else reads. The surest first.
pub(crate) fn deployed_by_argo(inventory: &Inventory, object: &Declared<Metadata>) -> Option<DeployedByArgo> {
    let on_object = |place, confidence, label: &str| DeployedByArgo {
        place: Place {
            file: object.object.file,
            span: place,
        },
        label: label.to_owned(),
        confidence,
    };
    let mark = object.annotations.get(TRACKED).or(object.labels.get(INSTANCE));
    if let Some(mark) = mark {
        return Some(on_object(mark.span, Confidence::High, "applied by Argo CD"));
    }
    let applications = inventory.applications().iter();
    let mut found: Vec<_> = applications
        .filter_map(|application| by_application(inventory, object, application))
        .collect();
    let written = object.annotations.iter().find(|(key, _)| key.starts_with(PREFIX));
    found.extend(written.map(|(_, value)| on_object(value.span, Confidence::Medium, "for Argo CD")));
    // Of equals the first.
    found.into_iter().min_by_key(|found| found.confidence)
}

fn by_application(
    inventory: &Inventory,
    object: &Declared<Metadata>,
    application: &Declared<Application>,
) -> Option<DeployedByArgo> {
    application.sources.iter().find_map(|source| {
        let place = |span| Place {
            file: application.object.file,
            span,
        };
        let name = &application.object.name;
        let file = &inventory.file(object.object.file).name;
        if let Some(path) = source.path.as_ref().filter(|path| in_folder(file, path)) {
            return Some(DeployedByArgo {
                place: place(path.span),
                label: format!("Application `{name}` deploys this folder"),
                confidence: Confidence::High,
            });
        }
        let of_chart = |chart: &str| {
            let label = object.labels.get("helm.sh/chart");
            label.is_some_and(|label| is_version_of(label, chart))
        };
        if let Some(chart) = source.chart.as_ref().filter(|chart| of_chart(chart)) {
            return Some(DeployedByArgo {
                place: place(chart.span),
                label: format!("Application `{name}` deploys this chart"),
                confidence: Confidence::High,
            });
        }
        is_release(object, application, source).then(|| DeployedByArgo {
            place: place(source.span),
            label: format!("Application `{name}` deploys this release"),
            confidence: Confidence::Medium,
        })
    })
}

/// Whether a file is in the folder of a repository, wherever that is checked out.
pub(crate) fn in_folder(file: &str, folder: &str) -> bool {
    let parts = |path: &str| -> Vec<String> {
        let parts = path.split('/').filter(|part| !matches!(*part, "" | "."));
        parts.map(str::to_owned).collect()
    };
    let (file, folder) = (parts(file), parts(folder));
    let Some((_, parents)) = file.split_last() else {
        return false;
    };
    !folder.is_empty() && parents.windows(folder.len()).any(|window| window == folder)
}

/// Whether the label `helm.sh/chart`, `NAME-VERSION`, is of that chart.
fn is_version_of(label: &str, chart: &str) -> bool {
    // A chart of an OCI registry is named with its path.
    let chart = chart.rsplit('/').next().unwrap_or(chart);
    let version = label.strip_prefix(chart).and_then(|rest| rest.strip_prefix('-'));
    version.is_some_and(|version| {
        let version = version.strip_prefix('v').unwrap_or(version);
        version.starts_with(|first: char| first.is_ascii_digit())
    })
}

/// Whether the labels that charts are to have name the release that the Application makes of a chart.
fn is_release(
    object: &Declared<Metadata>,
    application: &Declared<Application>,
    source: &ApplicationSource,
) -> bool {
    let label = |key: &str| object.labels.get(key).map(|label| label.value.as_str());
    let release = source
        .release_name
        .as_ref()
        .map_or(application.object.name.as_str(), |name| name.value.as_str());
    let namespace = application.destination_namespace.as_ref();
    let same_namespace = match (namespace, &object.object.namespace) {
        (Some(to), Some(written)) => to.value == *written,
        _ => true,
    };
    (source.helm.is_some() || source.chart.is_some())
        && label("app.kubernetes.io/managed-by") == Some("Helm")
        && label("app.kubernetes.io/instance") == Some(release)
        && same_namespace
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use writeway_manifest::ParsedFile;

    const APPLICATION: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: portal, namespace: argocd}
spec:
";

    /// What shows that Argo CD deploys a ConfigMap with that metadata, in a file of that name.
    fn shown(spec: &str, metadata: &str, file: &str) -> Option<(String, Confidence)> {
        let inventory = Inventory::from_parsed(vec![
            ParsedFile::parse("apps/portal.yaml", format!("{APPLICATION}{spec}")),
            ParsedFile::parse(
                file,
                format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: m, {metadata}}}\n"),
            ),
        ]);
        let object = inventory.objects().last().unwrap();
        let found = deployed_by_argo(&inventory, object)?;
        let text = inventory.file(found.place.file).stream.text();
        Some((text[found.place.span.range()].to_owned(), found.confidence))
    }

    #[test]
    fn an_application_is_joined_by_folder_chart_or_release() {
        use Confidence::{High, Medium};
        let folder = "  source: {repoURL: r, path: charts/portal}\n";
        let chart = "  source: {repoURL: r, chart: portal, targetRevision: 1.0.0}\n";
        let release =
            "  source: {repoURL: r, path: x, helm: {releaseName: web}}\n  destination: {namespace: prod}\n";
        let labels = "labels: {app.kubernetes.io/managed-by: Helm, app.kubernetes.io/instance: web}";
        let in_source = release
            .trim_start()
            .lines()
            .next()
            .unwrap()
            .strip_prefix("source: ");
        let rows = [
            (
                folder,
                "",
                "repo/charts/portal/templates/m.yaml",
                Some(("charts/portal", High)),
            ),
            (folder, "", "charts/portal-db/templates/m.yaml", None),
            (folder, "", "portal/charts/m.yaml", None),
            ("  source: {repoURL: r, path: .}\n", "", "m.yaml", None),
            (
                chart,
                "labels: {helm.sh/chart: portal-1.0.0}",
                "m.yaml",
                Some(("portal", High)),
            ),
            (chart, "labels: {helm.sh/chart: portal-db-1.0.0}", "m.yaml", None),
            (
                release,
                labels,
                "m.yaml",
                in_source.map(|source| (source, Medium)),
            ),
            (release, &format!("namespace: test, {labels}"), "m.yaml", None),
            (
                chart,
                "annotations: {argocd.argoproj.io/tracking-id: 'portal:/ConfigMap:prod/m'}",
                "m.yaml",
                Some(("'portal:/ConfigMap:prod/m'", High)),
            ),
            (
                chart,
                "annotations: {argocd.argoproj.io/sync-wave: '3'}",
                "m.yaml",
                Some(("'3'", Medium)),
            ),
            (chart, "", "m.yaml", None),
        ];
        for (spec, metadata, file, expected) in rows {
            let expected = expected.map(|(text, confidence)| (text.to_owned(), confidence));
            assert_eq!(shown(spec, metadata, file), expected, "{spec} {metadata} {file}");
        }
    }
}
