// SPDX-License-Identifier: Apache-2.0
//! Commands that write Secrets through the API: `kubectl`, `curl` to the API server, `writeway-agent keep`.

use std::collections::BTreeSet;

use writeway_manifest::{Container, Place, Workload};
use writeway_shell::{RedirectKind, Word};

use crate::evidence::commands::{Argument, Invocation, Output};
use crate::evidence::http_request::HttpRequest;
use crate::evidence::word_text::{WordText, is_mark};

/// A write of a Secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretWrite {
    /// The Secret's name; `None` when it is not known.
    pub(crate) secret: Option<String>,
    /// Its namespace, when the command names one that is known; else it is taken for the pod's own.
    pub(crate) namespace: Option<String>,
    /// What is done, for a sentence: `kubectl patch`.
    pub(crate) verb: String,
    /// It makes the Secret when there is none.
    pub(crate) creates: bool,
    /// It is certain to overwrite what somebody else has written since the Secret was read: no `resourceVersion` is sent.
    pub(crate) unconditional: bool,
    /// The command.
    pub(crate) place: Place,
}

impl SecretWrite {
    /// Whether it writes the Secret of that name; `namespace` is that of the workload.
    pub(crate) fn writes(&self, namespace: Option<&str>, name: &str) -> bool {
        let own = namespace.unwrap_or("default");
        self.secret.as_deref() == Some(name) && self.namespace.as_deref().is_none_or(|written| written == own)
    }
}

/// Options of kubectl that take the next word, of those that stand in commands about Secrets.
const WITH_VALUE: &[&str] = &[
    "-n",
    "--namespace",
    "-f",
    "--filename",
    "-p",
    "--patch",
    "--patch-file",
    "--type",
    "-o",
    "--output",
    "--context",
    "--kubeconfig",
    "--from-literal",
    "--from-file",
    "--from-env-file",
    "--token",
    "--server",
    "-s",
    "--as",
    "--field-manager",
    "--cert",
    "--key",
    "-l",
    "--selector",
];

/// The writes among the commands of a container.
pub(crate) fn secret_writes(
    found: &[Invocation],
    workload: &Workload,
    container: &Container,
) -> Vec<SecretWrite> {
    let mut writes: Vec<_> = found
        .iter()
        .filter_map(|command| write_of(found, command))
        .collect();
    writes.extend(applied(found));
    writes.extend(agent(workload, container));
    writes
}

fn write_of(found: &[Invocation], command: &Invocation) -> Option<SecretWrite> {
    match command.name.as_str() {
        "kubectl" | "oc" => kubectl(found, command),
        "curl" => curl(command),
        "writeway-agent" => {
            let verb = command.texts().next()?;
            (verb == "keep").then(|| SecretWrite {
                secret: None,
                namespace: None,
                verb: "writeway-agent keep".to_owned(),
                creates: false,
                unconditional: false,
                place: command.place,
            })
        }
        _ => None,
    }
}

/// The agent as the entry point of its own image.
fn agent(workload: &Workload, container: &Container) -> Option<SecretWrite> {
    let image = container.image.as_ref()?;
    let first = container.args.as_ref()?.first()?;
    let is_agent = image.contains("writeway-agent") && container.command.is_none() && first.value == "keep";
    is_agent.then(|| SecretWrite {
        secret: None,
        namespace: None,
        verb: "writeway-agent keep".to_owned(),
        creates: false,
        unconditional: false,
        place: Place {
            file: workload.object.file,
            span: first.span,
        },
    })
}

/// A kubectl command line, taken apart.
pub(crate) struct Kubectl<'a> {
    /// What is no option: the verb first.
    pub(crate) operands: Vec<&'a Argument>,
    namespace: Option<&'a Argument>,
    /// Nothing is sent to be kept.
    pub(crate) dry_run: bool,
}

impl<'a> Kubectl<'a> {
    /// The command line, taken apart.
    pub(crate) fn of(command: &'a Invocation) -> Self {
        let mut found = Self {
            operands: Vec::new(),
            namespace: None,
            dry_run: false,
        };
        let mut arguments = command.arguments.iter();
        while let Some(argument) = arguments.next() {
            // The option is known although its value may not be: `--namespace="$NS"`.
            let start = argument.start.as_str();
            if !start.starts_with('-') || start == "-" {
                found.operands.push(argument);
                continue;
            }
            found.dry_run |= start.starts_with("--dry-run") && !start.ends_with("=none");
            if start.starts_with("--namespace=") || (start.starts_with("-n") && start.len() > 2) {
                found.namespace = Some(argument);
            }
            if WITH_VALUE.contains(&start) {
                let value = arguments.next();
                if matches!(start, "-n" | "--namespace") {
                    found.namespace = value;
                }
            }
        }
        found
    }

    /// The namespace that it names, when that is known.
    pub(crate) fn namespace(&self) -> Option<String> {
        let text = self.namespace?.text.as_deref()?;
        let name = text
            .strip_prefix("--namespace=")
            .or(text.strip_prefix("-n"))
            .unwrap_or(text);
        Some(name.trim_start_matches('=').to_owned())
    }

    /// The Secret that it is about: `secret NAME`, `secret/NAME`, `secret generic NAME`.
    pub(crate) fn secret(&self, verb: &str) -> Option<Option<String>> {
        let kind = self.operands.get(1)?;
        if let Some(name) = ["secret/", "secrets/"]
            .iter()
            .find_map(|prefix| kind.start.strip_prefix(prefix))
        {
            return Some(kind.text.is_some().then(|| name.to_owned()));
        }
        if !matches!(kind.text.as_deref(), Some("secret" | "secrets")) {
            return None;
        }
        let name = self.operands.get(if verb == "create" { 3 } else { 2 })?;
        Some(name.text.clone())
    }
}

fn kubectl(found: &[Invocation], command: &Invocation) -> Option<SecretWrite> {
    let line = Kubectl::of(command);
    let verb = line.operands.first()?.text.as_deref()?;
    if !matches!(verb, "patch" | "create" | "replace" | "edit")
        || (line.dry_run && command.output != Output::Piped)
    {
        return None;
    }
    let secret = line.secret(verb)?;
    Some(SecretWrite {
        secret,
        namespace: line.namespace(),
        verb: format!("{} {verb}", command.name),
        creates: verb == "create",
        unconditional: match verb {
            "patch" => is_patched_blindly(command),
            // What it only prints is applied behind the pipe, whether the Secret is there or not.
            "create" if line.dry_run => {
                let mut piped = found.iter().filter(|other| other.pipeline == command.pipeline);
                piped.any(|other| hands_over(other, &["apply", "replace"]))
            }
            _ => false,
        },
        place: command.place,
    })
}

/// Whether a patch on the command line has no `resourceVersion` in it. One that is made elsewhere may.
fn is_patched_blindly(command: &Invocation) -> bool {
    let words: Vec<_> = command
        .arguments
        .iter()
        .map(|argument| WordText::of(&argument.expanded))
        .collect();
    let patch = words.iter().enumerate().find_map(|(at, word)| match word.text() {
        "-p" | "--patch" => words.get(at + 1).cloned(),
        text => {
            let attached = text.strip_prefix("--patch=").or(text.strip_prefix("-p="))?;
            Some(word.part(attached))
        }
    });
    patch.is_some_and(|patch| is_blind(patch.text()))
}

/// Whether a document, of which more than the values is known, has no `resourceVersion`.
fn is_blind(document: &str) -> bool {
    let document = document.trim_start();
    !document.is_empty()
        && !document.starts_with(['@', '-'])
        && !document.starts_with(is_mark)
        && !document.contains("resourceVersion")
}

/// Whether it is `kubectl` with one of these verbs that reads documents from its standard input.
fn hands_over(command: &Invocation, verbs: &[&str]) -> bool {
    let line = Kubectl::of(command);
    let verb = line.operands.first().and_then(|verb| verb.text.as_deref());
    matches!(command.name.as_str(), "kubectl" | "oc")
        && verb.is_some_and(|verb| verbs.contains(&verb))
        && command.texts().any(|text| text == "-" || text == "-f-")
}

/// What a script hands to `kubectl apply -f -` or its like: documents in it, and Secrets that it read before.
pub(crate) fn applied(found: &[Invocation]) -> Vec<SecretWrite> {
    let mut applying = found.iter().rev();
    let applies = applying.find(|command| hands_over(command, &["apply", "replace", "create"]));
    let Some(applies) = applies else { return Vec::new() };
    let mut writes = Vec::new();
    let mut seen = BTreeSet::new();
    let mut add = |secret: Option<String>, namespace: Option<String>, creates, unconditional| {
        if seen.insert(secret.clone()) {
            writes.push(SecretWrite {
                secret,
                namespace,
                verb: format!("{} apply", applies.name),
                creates,
                unconditional,
                place: applies.place,
            });
        }
    };
    for command in found {
        for redirect in &command.redirects {
            if redirect.kind == RedirectKind::HereDoc
                && let Some(secret) = secret_in(&redirect.target)
            {
                let blind = is_blind(WordText::of(&redirect.target).text());
                let creates_only = Kubectl::of(applies)
                    .operands
                    .first()
                    .is_some_and(|verb| verb.start == "create");
                add(secret, None, true, blind && !creates_only);
            }
        }
        let line = Kubectl::of(command);
        let gets = line
            .operands
            .first()
            .is_some_and(|verb| verb.text.as_deref() == Some("get"));
        if matches!(command.name.as_str(), "kubectl" | "oc")
            && gets
            && command.output == Output::Piped
            && let Some(secret) = line.secret("get")
        {
            add(secret, line.namespace(), false, false);
        }
    }
    writes
}

/// The name of the Secret that a here-document is; its name is `None` when it depends on variables.
fn secret_in(document: &Word) -> Option<Option<String>> {
    let document = WordText::of(document);
    let text = document.text();
    let is_secret = text.lines().any(|line| line.trim() == "kind: Secret");
    is_secret.then(|| {
        let name = text.lines().find_map(|line| line.trim().strip_prefix("name:"))?;
        let name = name.trim().trim_matches(['"', '\'']);
        (!name.contains(is_mark)).then(|| name.to_owned())
    })
}

/// `curl -X PATCH …/api/v1/namespaces/NS/secrets/NAME`.
fn curl(command: &Invocation) -> Option<SecretWrite> {
    let request = HttpRequest::of(command)?;
    if !matches!(request.method.as_str(), "PATCH" | "PUT" | "POST") {
        return None;
    }
    let (_, rest) = request.address().split_once("/api/v1/namespaces/")?;
    let mut parts = rest.split('/');
    let namespace = parts.next()?;
    (parts.next()? == "secrets").then(|| {
        let name = parts
            .next()
            .filter(|name| !name.is_empty() && !name.contains(is_mark));
        SecretWrite {
            secret: name.map(str::to_owned),
            namespace: (!namespace.contains(is_mark)).then(|| namespace.to_owned()),
            creates: request.method == "POST",
            unconditional: request.method != "POST"
                && !request.bodies.is_empty()
                && request.bodies.iter().all(|body| is_blind(body.text())),
            verb: format!("curl -X {}", request.method),
            place: command.place,
        }
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use writeway_manifest::{Inventory, ParsedFile, Which};

    use super::*;
    use crate::evidence::commands::commands;

    /// The writes of a container as `verb namespace/name`; `?` for what is not known.
    fn listed(container: &str) -> Vec<String> {
        let manifest = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n    - name: app\n{container}"
        );
        let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", manifest.as_str())]);
        let workload = &inventory.workloads()[0];
        let container = workload.pod.containers(Which::Main).next().unwrap();
        let writes = secret_writes(&commands(&inventory, workload, container), workload, container);
        let shown = writes.iter().map(|write| {
            let namespace = write.namespace.as_deref().unwrap_or("?");
            format!(
                "{} {namespace}/{}",
                write.verb,
                write.secret.as_deref().unwrap_or("?")
            )
        });
        shown.collect()
    }

    #[test]
    fn the_usual_ways_to_write_a_secret_are_known() {
        let rows: &[(&str, &[&str])] = &[
            ("kubectl patch secret token -p '{}'", &["kubectl patch ?/token"]),
            (
                "kubectl -n prod patch secret/token --type=merge -p x",
                &["kubectl patch prod/token"],
            ),
            (
                "kubectl patch --namespace=prod secrets token",
                &["kubectl patch prod/token"],
            ),
            (
                "N=token; kubectl patch secret \"$N\" -p x",
                &["kubectl patch ?/token"],
            ),
            ("kubectl patch secret \"$N\" -p x", &["kubectl patch ?/?"]),
            (
                "kubectl create secret generic token --from-file=/t",
                &["kubectl create ?/token"],
            ),
            (
                "kubectl create secret generic token --from-file=/t --dry-run=client -o yaml | kubectl apply -f -",
                &["kubectl create ?/token"],
            ),
            (
                "kubectl create secret generic token --dry-run=client -o yaml",
                &[],
            ),
            (
                "kubectl apply -f - <<EOF\nkind: Secret\nmetadata:\n  name: token\nEOF",
                &["kubectl apply ?/token"],
            ),
            (
                "cat <<EOF | kubectl apply -f -\nkind: Secret\nmetadata:\n  name: $NAME\nEOF",
                &["kubectl apply ?/?"],
            ),
            (
                "kubectl get secret token -o json | jq . | kubectl replace -f -",
                &["kubectl apply ?/token"],
            ),
            ("kubectl get secret token -o json", &[]),
            ("kubectl delete secret token", &[]),
            ("kubectl patch deployment token", &[]),
            (
                "curl -X PATCH --data @f https://kubernetes.default/api/v1/namespaces/$NS/secrets/token",
                &["curl -X PATCH ?/token"],
            ),
            (
                "curl -XPOST https://kubernetes.default/api/v1/namespaces/prod/secrets",
                &["curl -X POST prod/?"],
            ),
            (
                "curl https://kubernetes.default/api/v1/namespaces/prod/secrets/token",
                &[],
            ),
            ("writeway-agent keep", &["writeway-agent keep ?/?"]),
            ("writeway-agent seed", &[]),
        ];
        for (script, expected) in rows {
            let script = script.replace('\n', "\n        ");
            let container = format!("      command:\n      - sh\n      - -c\n      - |\n        {script}\n");
            assert_eq!(&listed(&container), expected, "{script}");
        }
    }

    #[test]
    fn the_agent_may_be_the_entry_point_of_its_image() {
        let container = |args| format!("      image: ghcr.io/acme/writeway-agent:1\n      args: {args}\n");
        assert_eq!(
            listed(&container("[keep, --dir, /t]")),
            ["writeway-agent keep ?/?"]
        );
        assert_eq!(listed(&container("[seed]")), [""; 0]);
    }
}
