// SPDX-License-Identifier: Apache-2.0
//! What commands ask of the API server about Secrets, where every command is known.

use writeway_manifest::Place;
use writeway_shell::{Part, RedirectKind};

use crate::evidence::commands::{Invocation, Output};
use crate::evidence::secret_writes::{Kubectl, applied};

/// Programs and builtins that ask nothing of the API server by themselves. What runs other programs (`eval`, `xargs`,
/// `find`, `source`) is none of them.
const HARMLESS: &[&str] = &[
    ":",
    "[",
    "[[",
    "awk",
    "basename",
    "base64",
    "break",
    "cat",
    "cd",
    "chmod",
    "chown",
    "cmp",
    "continue",
    "cp",
    "cut",
    "date",
    "declare",
    "diff",
    "dirname",
    "echo",
    "egrep",
    "exit",
    "export",
    "expr",
    "false",
    "fgrep",
    "getopts",
    "grep",
    "gunzip",
    "gzip",
    "head",
    "hostname",
    "id",
    "jq",
    "let",
    "ln",
    "local",
    "ls",
    "md5sum",
    "mkdir",
    "mktemp",
    "mv",
    "nc",
    "nslookup",
    "openssl",
    "paste",
    "pg_isready",
    "printf",
    "pwd",
    "read",
    "readonly",
    "return",
    "rev",
    "rm",
    "rmdir",
    "sed",
    "seq",
    "set",
    "sha256sum",
    "shift",
    "sleep",
    "sort",
    "stat",
    "tail",
    "tar",
    "tee",
    "test",
    "touch",
    "tr",
    "true",
    "typeset",
    "umask",
    "uname",
    "uniq",
    "unset",
    "wait",
    "wc",
    "whoami",
    "yq",
];

/// Programs that send requests to where they are told.
const CLIENTS: &[&str] = &["curl", "wget"];

/// What a request to the API server has in it. Gitea has `/api/v1/`, too.
const API_SERVER: &[&str] = &[
    "/api/v1/namespaces",
    "/api/v1/secrets",
    "/apis/",
    "KUBERNETES_",
    "kubernetes.default",
];

/// Where the credential for the API server is read from.
const TOKEN_FOLDER: &str = "kubernetes.io/serviceaccount";

/// Verbs of kubectl that ask nothing about Secrets.
const OTHER_VERBS: &[&str] = &[
    "api-resources",
    "api-versions",
    "auth",
    "cluster-info",
    "completion",
    "config",
    "cp",
    "exec",
    "explain",
    "expose",
    "logs",
    "port-forward",
    "rollout",
    "scale",
    "top",
    "version",
];

/// A request about Secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretRequest {
    /// The verb of the API: `get`, `patch`, `create`.
    pub(crate) verb: &'static str,
    /// The Secret; `None` when the request has no name, as `list` and a POST.
    pub(crate) name: Option<String>,
    /// The namespace that the command names.
    pub(crate) namespace: Option<String>,
    /// What is done, for a sentence: `kubectl patch`.
    pub(crate) what: String,
    /// The command.
    pub(crate) place: Place,
}

/// The requests of a container's commands; `None` where one of them is not known, or the name of a Secret is not.
pub(crate) fn secret_requests(found: &[Invocation]) -> Option<Vec<SecretRequest>> {
    let mut requests = Vec::new();
    let has_token = found.iter().any(|command| mentions(command, TOKEN_FOLDER));
    let asks = |command: &Invocation| has_token || API_SERVER.iter().any(|part| mentions(command, part));
    for command in found {
        let name = command.name.as_str();
        if command.function || HARMLESS.contains(&name) {
            continue;
        }
        match name {
            "kubectl" | "oc" => requests.extend(of_kubectl(command)?),
            // Something is done later, when a signal comes.
            "trap" if command.texts().all(|text| !text.contains("kubectl")) => {}
            _ if CLIENTS.contains(&name) && !asks(command) => {}
            _ => return None,
        }
    }
    requests.extend(of_documents(found)?);
    Some(requests)
}

/// Whether a word of a command has a text in it, or a variable with that in its name.
fn mentions(command: &Invocation, text: &str) -> bool {
    let words = command.arguments.iter().map(|argument| &argument.word);
    words.flat_map(|word| &word.parts).any(|part| match part {
        Part::Literal { text: literal, .. } => literal.contains(text),
        Part::Parameter(parameter) => parameter.name.contains(text),
        _ => false,
    })
}

/// The requests of a command of kubectl (pkg/cmd of k8s.io/kubectl); those for what is in documents left out.
fn of_kubectl(command: &Invocation) -> Option<Vec<SecretRequest>> {
    let line = Kubectl::of(command);
    let verb = line.operands.first()?.text.as_deref()?;
    if OTHER_VERBS.contains(&verb) {
        return Some(Vec::new());
    }
    if reads_documents(command) {
        // Its documents are looked at with the whole script.
        return matches!(verb, "apply" | "create" | "replace").then(Vec::new);
    }
    let kind = line.operands.get(1)?.text.as_deref()?;
    let (kind, _) = kind.split_once('/').unwrap_or((kind, ""));
    if kind.contains(',') || command.texts().any(|text| text.starts_with("--raw")) {
        return None;
    }
    if !matches!(kind.to_ascii_lowercase().as_str(), "secret" | "secrets") {
        return Some(Vec::new());
    }
    let verbs: &[&str] = match verb {
        "get" | "describe" | "wait" => &["get"],
        "patch" | "label" | "annotate" | "edit" => &["get", "patch"],
        "delete" => &["delete"],
        "create" if line.dry_run => &[],
        "create" => &["create"],
        _ => return None,
    };
    let request = |verb, name| SecretRequest {
        verb,
        name,
        namespace: line.namespace(),
        what: format!("{} {}", command.name, line.operands[0].start),
        place: command.place,
    };
    match (verb, line.secret(verb)) {
        ("create", _) => Some(verbs.iter().map(|verb| request(verb, None)).collect()),
        (_, Some(Some(name))) => Some(
            verbs
                .iter()
                .map(|verb| request(verb, Some(name.clone())))
                .collect(),
        ),
        // A name that depends on the run.
        (_, Some(None)) => None,
        ("get", None) => Some(vec![request("list", None)]),
        (_, None) => None,
    }
}

fn reads_documents(command: &Invocation) -> bool {
    let options = ["-f", "--filename", "-k", "--kustomize"];
    command
        .arguments
        .iter()
        .any(|argument| options.iter().any(|option| argument.start.starts_with(option)))
}

/// The requests for the documents that a script hands to `kubectl apply -f -`; `None` where it is not known what they are.
fn of_documents(found: &[Invocation]) -> Option<Vec<SecretRequest>> {
    let is_kubectl = |command: &&Invocation| matches!(command.name.as_str(), "kubectl" | "oc");
    let readers: Vec<_> = found
        .iter()
        .filter(is_kubectl)
        .filter(|command| reads_documents(command))
        .collect();
    if readers.is_empty() {
        return Some(Vec::new());
    }
    // Each has to be fed by one command whose output is known: a here-document, or a Secret that is made or read. What
    // `sed` or `jq` make of it is not known.
    let from_stdin = |reader: &Invocation| reader.texts().any(|text| matches!(text, "-" | "-f-"));
    let is_document = |command: &Invocation| {
        let mut redirects = command.redirects.iter();
        redirects.any(|redirect| redirect.kind == RedirectKind::HereDoc)
    };
    let is_fed = |reader: &Invocation| {
        let others = found
            .iter()
            .filter(|command| command.pipeline == reader.pipeline && !std::ptr::eq(*command, reader));
        let feeds: Vec<_> = others.collect();
        match feeds.as_slice() {
            [] => is_document(reader),
            [feed] => is_kubectl(feed) || (feed.name == "cat" && is_document(feed)),
            _ => false,
        }
    };
    if !readers.iter().all(|reader| from_stdin(reader) && is_fed(reader)) {
        return None;
    }
    let piped = found
        .iter()
        .filter(is_kubectl)
        .filter(|command| command.output == Output::Piped);
    let by_server = readers
        .iter()
        .all(|reader| reader.texts().any(|text| text.starts_with("--server-side")));
    let verb = Kubectl::of(readers[0]).operands.first()?.text.clone()?;
    let mut names = Vec::new();
    for write in applied(found) {
        names.push((write.secret?, write.namespace, write.place));
    }
    for command in piped {
        let line = Kubectl::of(command);
        let made = line.operands.first()?.text.as_deref()? == "create" && line.dry_run;
        if made && let Some(name) = line.secret("create") {
            names.push((name?, line.namespace(), readers[0].place));
        }
    }
    let mut requests = Vec::new();
    for (name, namespace, place) in names {
        let verbs: &[(&str, bool)] = match verb.as_str() {
            // Server-side apply is one PATCH, which is authorised to create by that name.
            "apply" if by_server => &[("patch", true), ("create", true)],
            "apply" => &[("get", true), ("patch", true), ("create", false)],
            "replace" => &[("get", true), ("update", true)],
            _ => &[("create", false)],
        };
        requests.extend(verbs.iter().map(|(verb, named)| SecretRequest {
            verb,
            name: named.then(|| name.clone()),
            namespace: namespace.clone(),
            what: format!("kubectl {}", Kubectl::of(readers[0]).operands[0].start),
            place,
        }));
    }
    Some(requests)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use writeway_manifest::{Inventory, ParsedFile, Which};

    use super::*;
    use crate::evidence::commands::commands;

    /// The requests of a script as `verb namespace/name`, `-` for what is not there; `None` where they are not known.
    fn asked(script: &str) -> Option<Vec<String>> {
        let lines: String = script.lines().map(|line| format!("          {line}\n")).collect();
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - name: app\n      \
             command:\n        - sh\n        - -c\n        - |\n{lines}"
        );
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", manifest)]);
        let workload = &inventory.workloads()[0];
        let container = workload.pod.containers(Which::Main).next().unwrap();
        let requests = secret_requests(&commands(&inventory, workload, container))?;
        let shown = requests.iter().map(|request| {
            let or = |text: &Option<String>| text.as_deref().unwrap_or("-").to_owned();
            format!(
                "{} {}/{}",
                request.verb,
                or(&request.namespace),
                or(&request.name)
            )
        });
        Some(shown.collect())
    }

    #[test]
    fn what_is_asked_about_secrets_is_known_or_not() {
        let made = "kubectl create secret generic t --from-file=f --dry-run=client -o yaml";
        let document = "<<EOF\nkind: Secret\nmetadata:\n  name: t\nEOF";
        let rows: &[(&str, Option<&[&str]>)] = &[
            ("echo a; sleep 1", Some(&[])),
            ("kubectl get secret t", Some(&["get -/t"])),
            (
                "kubectl -n prod get secrets/t -o json | jq .",
                Some(&["get prod/t"]),
            ),
            ("kubectl get secrets", Some(&["list -/-"])),
            ("kubectl patch secret t -p x", Some(&["get -/t", "patch -/t"])),
            ("kubectl delete secret t", Some(&["delete -/t"])),
            (
                "kubectl create secret generic t --from-file=f",
                Some(&["create -/-"]),
            ),
            (made, Some(&[])),
            (
                &format!("{made} | kubectl apply -f -"),
                Some(&["get -/t", "patch -/t", "create -/-"]),
            ),
            (
                &format!("{made} | kubectl apply --server-side -f -"),
                Some(&["patch -/t", "create -/t"]),
            ),
            (
                &format!("kubectl apply -f - {document}"),
                Some(&["get -/t", "patch -/t", "create -/-"]),
            ),
            (
                "kubectl get pods; kubectl rollout restart deployment/web",
                Some(&[]),
            ),
            ("kubectl -n prod wait job/x --for=condition=complete", Some(&[])),
            ("curl -sf https://git.example.com/api/v1/version", Some(&[])),
            ("f() { sleep 1; }; f", Some(&[])),
            // Not known: names, programs, documents, requests by hand.
            ("kubectl get secret \"$NAME\"", None),
            ("kubectl get \"$KIND\" t", None),
            ("kubectl get secret,configmap", None),
            ("kubectl apply -f /manifests", None),
            ("cat f | kubectl apply -f -", None),
            (
                "kubectl get secret a -o yaml | sed s/a/b/ | kubectl apply -f -",
                None,
            ),
            ("kubectl get --raw /api/v1/secrets", None),
            ("/app/migrate", None),
            ("$CMD get secret", None),
            ("echo t | xargs kubectl get secret", None),
            ("eval \"$X\"", None),
            ("coproc kubectl get secrets", None),
            (
                "curl https://kubernetes.default/api/v1/namespaces/prod/secrets/t",
                None,
            ),
            (
                "T=$(cat /var/run/secrets/kubernetes.io/serviceaccount/token); curl -H \"Authorization: Bearer $T\" $URL",
                None,
            ),
            ("trap 'kubectl delete secret t' EXIT", None),
        ];
        for (script, expected) in rows {
            let found = asked(script);
            let found = found
                .as_ref()
                .map(|found| found.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found.as_deref(), *expected, "{script}");
        }
    }
}
