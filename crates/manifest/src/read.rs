// SPDX-License-Identifier: Apache-2.0
//! Typed values out of the spanned tree, as the API server's decoder takes them.
//!
//! `null` is absent, field names are case-sensitive, and a value of another type is a [`Problem`] and then absent
//! (sigs.k8s.io/json, `UnmarshalStrict`).

mod container;
mod contents;
mod fields;
mod flux;
mod job;
mod known;
mod limits;
mod maker;
mod object;
mod pod;
mod rbac;
mod release;
mod security;
mod storage;
mod volume;

use std::borrow::Cow;

use writeway_yaml::{Kind, Node, Scalar, Span, Style};

use crate::{FileId, Problem, Severity, Spanned, UnknownField};

pub(crate) use contents::{config_map, namespace, secret, service_account};
pub(crate) use fields::Fields;
pub(crate) use flux::{git_repository, image_update_automation};
pub(crate) use job::job_spec;
pub(crate) use limits::limit_range;
pub(crate) use maker::secret_maker;
pub(crate) use object::{ItemType, metadata, object_ref, pod_annotations};
pub(crate) use pod::pod_spec;
pub(crate) use rbac::{rbac_role, role_binding};
pub(crate) use release::{application, helm_release};
pub(crate) use storage::{claim, claim_templates, csi_driver, persistent_volume, storage_class};

/// Bytes of one name in a path or message. Names longer than this are nobody's but an attacker's.
const MAX_NAME: usize = 128;

/// How much of the text may be copied into the model: each scalar is copied at most this often, and aliases may
/// repeat this much beside.
const COPIES: usize = 4;
const MAX_REPEATED: usize = 16 << 20;

/// What a file's reading collects.
#[derive(Debug)]
pub(crate) struct Reader {
    /// Path of the value being read, for messages.
    path: String,
    /// How bad a value of the wrong type is. In a custom resource the schema is not ours to know.
    pub(crate) severity: Severity,
    /// Whether unknown fields are collected.
    pub(crate) strict: bool,
    /// Bytes that may still be copied into the model, so that aliases of a long text cannot fill the memory.
    copies_left: usize,
    /// Values that the API server refuses.
    pub(crate) problems: Vec<Problem>,
    /// Those of them that are left out of the model.
    pub(crate) unread: Vec<Span>,
    /// Fields that no type has.
    pub(crate) unknown_fields: Vec<UnknownField>,
}

impl Reader {
    /// For a text of so many bytes.
    pub(crate) fn new(text: usize) -> Self {
        Self {
            path: String::new(),
            severity: Severity::Error,
            strict: true,
            copies_left: text.saturating_mul(COPIES).saturating_add(MAX_REPEATED),
            problems: Vec::new(),
            unread: Vec::new(),
            unknown_fields: Vec::new(),
        }
    }

    /// Brings what was found into the order of the text, once for each place: aliases lead to one place many times,
    /// and some fields are read twice.
    pub(crate) fn finish(&mut self) {
        self.problems
            .sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
        self.problems
            .dedup_by_key(|problem| (problem.span, problem.severity));
        self.unknown_fields
            .sort_by(|a, b| (a.span, &a.path).cmp(&(b.span, &b.path)));
        self.unknown_fields.dedup_by_key(|field| field.span);
    }

    /// The fields of a mapping at a path. An empty table of known fields means that none is unknown.
    pub(crate) fn mapping<'t, T>(
        &mut self,
        node: Node<'t>,
        path: &str,
        known: &[&str],
        read: impl FnOnce(&mut Fields<'_, 't>) -> T,
    ) -> Option<T> {
        self.at(path, |reader| {
            if node.kind() != Kind::Mapping {
                if !node.is_null() {
                    reader.wrong_type(node, "a mapping");
                }
                return None;
            }
            reader.collect_unknown(node, known);
            Some(read(&mut Fields { reader, node }))
        })
    }

    fn collect_unknown(&mut self, node: Node<'_>, known: &[&str]) {
        if !self.strict || known.is_empty() {
            return;
        }
        for (key, value) in node.entries() {
            let name = key.key_text();
            if !known.contains(&name.as_ref()) {
                self.unknown(&name, key, value);
            }
        }
    }

    fn unknown(&mut self, name: &str, key: Node<'_>, value: Node<'_>) {
        let path = self.at(name, |reader| reader.path.clone());
        self.unknown_fields.push(UnknownField {
            file: FileId::default(),
            span: key.span(),
            value: value.span(),
            path,
        });
    }

    /// What belongs to a pod or a container, but stands in a mapping above the pod.
    pub(crate) fn collect_above_pod(&mut self, node: Node<'_>, path: &str) {
        let names = known::POD_SECURITY_CONTEXT.iter().chain(known::SECURITY_CONTEXT);
        for name in names.copied().chain(["securityContext"]) {
            if let Some((key, value)) = node.get_entry(name) {
                self.at(path, |reader| reader.unknown(name, key, value));
            }
        }
    }

    /// Runs with a further segment on the path.
    fn at<T>(&mut self, segment: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.path.len();
        if before > 0 && !segment.is_empty() && !segment.starts_with('[') {
            self.path.push('.');
        }
        self.path.push_str(&shorten(segment));
        let value = read(self);
        self.path.truncate(before);
        value
    }

    /// The mappings on the way from a node down a path, the node itself first; none when one is missing or no mapping.
    pub(crate) fn descend<'t>(&mut self, node: Node<'t>, path: &[&str]) -> Option<Vec<Node<'t>>> {
        let mut way = vec![node];
        for (depth, segment) in path.iter().enumerate() {
            let next = way.last()?.get(segment)?;
            self.mapping(next, &path[..=depth].join("."), &[], |_| ())?;
            way.push(next);
        }
        Some(way)
    }

    fn wrong_type(&mut self, node: Node<'_>, wanted: &str) {
        let found = match (node.kind(), node.scalar()) {
            (Kind::Mapping, _) => "a mapping",
            (Kind::Sequence, _) => "a list",
            (Kind::Scalar, Some(Scalar::Str(_))) => "a string",
            (Kind::Scalar, Some(Scalar::Bool(_))) => "a boolean",
            (Kind::Scalar, Some(Scalar::Int(_) | Scalar::Uint(_) | Scalar::Float(_))) => "a number",
            (Kind::Scalar, Some(Scalar::Null) | None) => "null",
        };
        let advice = match (found, wanted) {
            ("a boolean" | "a number", "a string") => "; put it in quotes",
            ("a string", "a boolean" | "an integer") if quoted_by_mistake(node) => "; remove the quotes",
            _ => "",
        };
        self.leave_out(node.span(), &format!("must be {wanted}, not {found}{advice}"));
    }

    /// Reports a value that is no value of its type, and so is not in the model.
    fn leave_out(&mut self, span: Span, message: &str) {
        self.unread.push(span);
        self.refuse(span, message);
    }

    /// Reports something about the value being read that the API server refuses.
    fn refuse(&mut self, span: Span, message: &str) {
        self.problem(span, format!("`{}` {message}", self.path));
    }

    fn problem(&mut self, span: Span, message: String) {
        let severity = self.severity;
        self.problems.push(Problem {
            file: FileId::default(),
            span,
            severity,
            message,
            also: None,
        });
    }

    fn string(&mut self, node: Node<'_>) -> Option<Spanned<String>> {
        match node.scalar() {
            Some(Scalar::Null) => None,
            Some(Scalar::Str(text)) => Some(Spanned::new(self.copy(text, node.span())?, node.span())),
            _ => {
                self.wrong_type(node, "a string");
                None
            }
        }
    }

    /// A text of the file as part of the model, as long as aliases do not repeat too much of it.
    fn copy(&mut self, text: Cow<'_, str>, span: Span) -> Option<String> {
        match self.copies_left.checked_sub(text.len()) {
            Some(left) => {
                self.copies_left = left;
                Some(text.into_owned())
            }
            None => {
                self.unread.push(span);
                self.problem(span, "aliases repeat too much text; write it once".to_owned());
                None
            }
        }
    }

    fn bool(&mut self, node: Node<'_>) -> Option<Spanned<bool>> {
        match node.scalar() {
            Some(Scalar::Null) => None,
            Some(Scalar::Bool(value)) => Some(Spanned::new(value, node.span())),
            _ => {
                self.wrong_type(node, "a boolean");
                None
            }
        }
    }

    /// An integer of so many bits. A float without a fraction counts: sigs.k8s.io/yaml hands it on as JSON without
    /// one (`1e3` as `1000`), because encoding/json writes float64 below 1e21 in plain digits.
    fn int(&mut self, node: Node<'_>, bits: u32) -> Option<Spanned<i64>> {
        let value = match node.scalar() {
            Some(Scalar::Null) => return None,
            Some(Scalar::Int(value)) => i128::from(value),
            Some(Scalar::Uint(value)) => i128::from(value),
            // Saturates at the ends of i128, far outside of what is accepted below.
            Some(Scalar::Float(value)) if value.fract() == 0.0 => value as i128,
            Some(Scalar::Float(_)) => {
                self.leave_out(node.span(), "must be an integer, not a fraction");
                return None;
            }
            _ => {
                self.wrong_type(node, "an integer");
                return None;
            }
        };
        let limit = 1_i128 << (bits - 1);
        match i64::try_from(value) {
            Ok(value) if (-limit..limit).contains(&i128::from(value)) => {
                Some(Spanned::new(value, node.span()))
            }
            _ => {
                self.leave_out(node.span(), &format!("does not fit into {bits} bits"));
                None
            }
        }
    }

    /// The items of a list, `null` among them.
    fn items<'t, T>(
        &mut self,
        node: Node<'t>,
        mut read: impl FnMut(&mut Self, Node<'t>) -> Option<T>,
    ) -> Option<Vec<T>> {
        if node.kind() != Kind::Sequence {
            self.wrong_type(node, "a list");
            return None;
        }
        let items = node.items().enumerate();
        let read =
            items.filter_map(|(index, item)| self.at(&format!("[{index}]"), |reader| read(reader, item)));
        Some(read.collect())
    }
}

/// A name, cut when it is absurdly long.
pub(crate) fn shorten(name: &str) -> Cow<'_, str> {
    if name.len() <= MAX_NAME {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("{}…", &name[..name.floor_char_boundary(MAX_NAME)]))
}

/// Whether a quoted string would be a number or a boolean without its quotes.
fn quoted_by_mistake(node: Node<'_>) -> bool {
    let content = node.content().unwrap_or_default();
    let quoted = matches!(node.style(), Some(Style::SingleQuoted | Style::DoubleQuoted));
    quoted && (content.parse::<i64>().is_ok() || matches!(content, "true" | "false"))
}
