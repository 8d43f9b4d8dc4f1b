// SPDX-License-Identifier: Apache-2.0
//! An object, and what is wanted of it, as written: `//NAMESPACE/KIND/NAME?condition=Ready`.

use std::fmt;

use super::kind::{Content, Kind};

/// What an object has to have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It is there.
    Existence,
    /// It has a condition with that status.
    Condition { name: String, status: String },
    /// It has a key with content, which is written that way.
    Key(String, Content),
}

/// An object, and what is wanted of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    namespace: Option<String>,
    pub(super) kind: Kind,
    name: String,
    pub(super) wanted: Wanted,
}

impl Reference {
    /// Reads what follows `k8s:`. `own_namespace` is asked where none is written and the kind has one.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(text: &str, own_namespace: impl Fn() -> Option<String>) -> Result<Self, String> {
        let (path, query) = match text.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (text, None),
        };
        let parts: Vec<&str> = path.strip_prefix("//").unwrap_or(path).split('/').collect();
        if let Some(part) = parts.iter().find(|part| !is_name(part)) {
            return Err(format!("`{part}` is no name of an object, kind or namespace"));
        }
        let (namespace, kind, name) = match parts.as_slice() {
            [kind, name] => (None, known(kind)?, name),
            [namespace, kind, name] => (Some(*namespace), known(kind)?, name),
            [group, version, plural, name] => (None, other(group, version, plural), name),
            [namespace, group, version, plural, name] => {
                (Some(*namespace), other(group, version, plural), name)
            }
            _ => return Err("write k8s://NAMESPACE/KIND/NAME".to_owned()),
        };
        let namespace = match (&kind, namespace) {
            (Kind::Known(known), Some(_)) if !known.namespaced => {
                return Err(format!(
                    "{} are in no namespace: write k8s://{}/{name}",
                    kind.plural(),
                    kind.plural()
                ));
            }
            (Kind::Known(known), None) if known.namespaced => Some(own_namespace().ok_or_else(|| {
                format!(
                    "the pod's own namespace is not known: write k8s://NAMESPACE/{}/{name}",
                    kind.plural()
                )
            })?),
            (_, namespace) => namespace.map(str::to_owned),
        };
        let wanted = wanted(query, &kind)?;
        Ok(Self {
            namespace,
            kind,
            name: (*name).to_owned(),
            wanted,
        })
    }

    /// The path of the object in the API.
    pub(super) fn path(&self) -> String {
        let (api, plural) = (self.kind.api(), self.kind.plural());
        match &self.namespace {
            Some(namespace) => format!("{api}/namespaces/{namespace}/{plural}/{}", self.name),
            None => format!("{api}/{plural}/{}", self.name),
        }
    }

    /// The object in words: `secrets/token in apps`.
    pub(super) fn object(&self) -> String {
        let object = format!("{}/{}", self.kind.plural(), self.name);
        match &self.namespace {
            Some(namespace) => format!("{object} in {namespace}"),
            None => object,
        }
    }
}

/// As it can be written.
impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("k8s://")?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        if let Kind::Other { group, version, .. } = &self.kind {
            write!(f, "{group}/{version}/")?;
        }
        write!(f, "{}/{}", self.kind.plural(), self.name)?;
        match &self.wanted {
            Wanted::Existence => Ok(()),
            Wanted::Condition { name, status } => write!(f, "?condition={name}={status}"),
            Wanted::Key(key, _) => write!(f, "?key={key}"),
        }
    }
}

fn known(word: &str) -> Result<Kind, String> {
    Kind::of_word(word).ok_or_else(|| {
        format!("`{word}` is no kind that is known by a word: write GROUP/VERSION/PLURAL in its place")
    })
}

fn other(group: &str, version: &str, plural: &str) -> Kind {
    Kind::Other {
        group: group.to_owned(),
        version: version.to_owned(),
        plural: plural.to_owned(),
    }
}

fn wanted(query: Option<&str>, kind: &Kind) -> Result<Wanted, String> {
    let Some(query) = query else {
        return Ok(Wanted::Existence);
    };
    match query.split_once('=') {
        Some(("condition", condition)) => {
            let (name, status) = condition.split_once('=').unwrap_or((condition, "True"));
            // Types of conditions may have a prefix: `example.com/Ready`.
            let right = |part: &str| !part.is_empty() && part.split('/').all(is_name);
            match right(name) && right(status) {
                true => Ok(Wanted::Condition {
                    name: name.to_owned(),
                    status: status.to_owned(),
                }),
                false => Err("write ?condition=TYPE or ?condition=TYPE=STATUS".to_owned()),
            }
        }
        Some(("key", key)) => match kind.content() {
            Some(content) if is_name(key) => Ok(Wanted::Key(key.to_owned(), content)),
            Some(_) => Err("write ?key=KEY".to_owned()),
            None => Err(format!(
                "`?key=` is for a Secret or a ConfigMap: {} have no keys",
                kind.plural()
            )),
        },
        _ => Err("after `?` write condition=TYPE, condition=TYPE=STATUS or key=KEY".to_owned()),
    }
}

/// Whether it can be a part of a path as it is: letters, digits and what names of objects, kinds and keys have. Names of
/// some kinds have colons (Kubernetes, apimachinery/pkg/api/validation/path).
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.len() <= 253
        && text != "."
        && text != ".."
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._:".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Reference, String> {
        Reference::read(text, || Some("own".to_owned()))
    }

    #[test]
    fn a_reference_is_the_path_of_its_object() {
        for (text, path, shown) in [
            (
                "//apps/secret/token",
                "/api/v1/namespaces/apps/secrets/token",
                "k8s://apps/secrets/token",
            ),
            (
                "//pod/web-0",
                "/api/v1/namespaces/own/pods/web-0",
                "k8s://own/pods/web-0",
            ),
            ("//node/worker", "/api/v1/nodes/worker", "k8s://nodes/worker"),
            (
                "//apps/Deploy/web?condition=Available",
                "/apis/apps/v1/namespaces/apps/deployments/web",
                "k8s://apps/deployments/web?condition=Available=True",
            ),
            (
                "//apps/cert-manager.io/v1/certificates/web?condition=Ready=False",
                "/apis/cert-manager.io/v1/namespaces/apps/certificates/web",
                "k8s://apps/cert-manager.io/v1/certificates/web?condition=Ready=False",
            ),
            (
                "//cert-manager.io/v1/clusterissuers/ca",
                "/apis/cert-manager.io/v1/clusterissuers/ca",
                "k8s://cert-manager.io/v1/clusterissuers/ca",
            ),
            (
                "apps/cm/c?key=a.b",
                "/api/v1/namespaces/apps/configmaps/c",
                "k8s://apps/configmaps/c?key=a.b",
            ),
        ] {
            let reference = read(text).unwrap();
            assert_eq!(
                (reference.path().as_str(), reference.to_string().as_str()),
                (path, shown)
            );
            // What is shown can be written.
            assert_eq!(read(shown.strip_prefix("k8s:").unwrap()), Ok(reference));
        }
    }

    #[test]
    fn what_is_no_reference_is_refused() {
        for text in [
            "//",
            "//apps",
            "//apps/secret/",
            "//apps/secret/../x",
            "//apps/secret/a%2fb",
            "//apps/thing/x",
            "//apps/node/worker",
            "//a/b/c/d/e/f",
            "//apps/pod/web?key=token",
            "//apps/secret/x?key=",
            "//apps/secret/x?key=a/b",
            "//apps/pod/web?condition=",
            "//apps/pod/web?condition=Ready=",
            "//apps/pod/web?ready",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(Reference::read("//pod/web", || None).is_err());
    }
}
