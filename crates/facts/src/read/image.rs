// SPDX-License-Identifier: Apache-2.0
//! `images`.

use std::collections::BTreeMap;

use writeway_yaml::Node;

use super::Reader;
use super::fields::Section;
use crate::model::{EntryType, GroupEntry, ImageFacts, PathFact, Tools, UserEntry};
use crate::notation::{PATH_TYPES, PathType, TOOLS_KINDS};

pub(super) const IMAGE: Section = Section {
    what: "an image",
    keys: &[
        "complete",
        "user",
        "workingDir",
        "env",
        "users",
        "groups",
        "volumes",
        "paths",
        "tools",
    ],
};
pub(super) const USER: Section = Section {
    what: "a user",
    keys: &["uid", "gid", "home"],
};
pub(super) const GROUP: Section = Section {
    what: "a group",
    keys: &["gid", "members"],
};
pub(super) const PATH: Section = Section {
    what: "a path",
    keys: &["owner", "mode", "type", "to"],
};
pub(super) const TOOLS: Section = Section {
    what: "tools",
    keys: &["kind", "commands"],
};

impl<'t> Reader<'t> {
    pub(super) fn image(&mut self, node: Node<'t>) -> ImageFacts {
        let fields = self.fields(node, &IMAGE);
        ImageFacts {
            complete: fields
                .get("complete")
                .and_then(|node| self.boolean(node))
                .unwrap_or_default(),
            user: fields.get("user").and_then(|node| self.text(node)),
            working_dir: fields.get("workingDir").and_then(|node| self.absolute_path(node)),
            env: fields
                .get("env")
                .map(|node| self.map_of(Some(node), "variables", Self::text)),
            users: fields
                .get("users")
                .map(|node| self.map_of(Some(node), "user names", Self::user)),
            groups: fields
                .get("groups")
                .map(|node| self.map_of(Some(node), "group names", Self::group)),
            volumes: fields
                .get("volumes")
                .map(|node| self.list(node, Self::absolute_path)),
            paths: self.map(
                fields.get("paths"),
                "absolute paths",
                Self::absolute_key,
                Self::path_fact,
            ),
            tools: fields.get("tools").and_then(|node| self.tools(node)),
        }
    }

    fn user(&mut self, node: Node<'t>) -> Option<UserEntry> {
        let fields = self.fields(node, &USER);
        let home = fields.get("home").and_then(|node| self.absolute_path(node));
        let uid = self.required_id(node, fields.get("uid"), "uid");
        let gid = self.required_id(node, fields.get("gid"), "gid");
        Some(UserEntry {
            uid: uid?,
            gid: gid?,
            home,
        })
    }

    fn group(&mut self, node: Node<'t>) -> Option<GroupEntry> {
        let fields = self.fields(node, &GROUP);
        let members = fields
            .get("members")
            .map(|node| self.list(node, Self::text))
            .unwrap_or_default();
        let gid = self.required_id(node, fields.get("gid"), "gid");
        Some(GroupEntry { gid: gid?, members })
    }

    fn required_id(&mut self, owner: Node<'t>, id: Option<Node<'t>>, key: &str) -> Option<u32> {
        if id.is_none() {
            self.error(owner.span(), format!("`{key}` is missing"));
        }
        self.id(id?)
    }

    /// What lies below a directory, by relative path.
    pub(super) fn contents(&mut self, node: Node<'t>) -> BTreeMap<String, PathFact> {
        self.map(Some(node), "relative paths", Self::relative_key, Self::path_fact)
    }

    fn path_fact(&mut self, node: Node<'t>) -> PathFact {
        let fields = self.fields(node, &PATH);
        let (owner, mode) = (fields.get("owner"), fields.get("mode"));
        PathFact {
            owner: owner.and_then(|node| self.notation(node)),
            mode: mode.and_then(|node| self.notation(node)),
            kind: self.entry_type(node, fields.get("type"), fields.get("to")),
        }
    }

    /// `type` and `to` of the path described by `path`.
    pub(super) fn entry_type(
        &mut self,
        path: Node<'t>,
        kind: Option<Node<'t>>,
        to: Option<Node<'t>>,
    ) -> EntryType {
        let kind = match kind {
            Some(node) => self.choice(node, PATH_TYPES),
            None => Some(PathType::Dir),
        };
        if let (Some(PathType::Dir | PathType::File | PathType::Other), Some(to)) = (kind, to) {
            self.error(
                to.span(),
                "only a link leads somewhere: `to` needs `type: link`".to_owned(),
            );
        }
        match kind {
            Some(PathType::Dir) | None => EntryType::Directory,
            Some(PathType::File) => EntryType::File,
            Some(PathType::Other) => EntryType::Other,
            Some(PathType::Link) => {
                let target = to
                    .and_then(|to| self.text(to))
                    .filter(|target| !target.is_empty());
                if target.is_none() {
                    self.error(path.span(), "`to` is missing: a link leads somewhere".to_owned());
                }
                EntryType::Link(target.unwrap_or_default())
            }
        }
    }

    fn tools(&mut self, node: Node<'t>) -> Option<Tools> {
        let fields = self.fields(node, &TOOLS);
        let commands = fields.get("commands").map(|node| self.list(node, Self::text));
        let Some(kind) = fields.get("kind") else {
            self.error(node.span(), "`kind` is missing: whose tools they are".to_owned());
            return None;
        };
        Some(Tools {
            kind: self.choice(kind, TOOLS_KINDS)?,
            commands,
        })
    }
}
