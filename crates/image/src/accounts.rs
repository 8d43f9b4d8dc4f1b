// SPDX-License-Identifier: Apache-2.0
//! `/etc/passwd` and `/etc/group`, read as container runtimes read them (moby/sys `user/user.go`): the first entry of
//! a name counts, a damaged line is passed over.

use std::collections::BTreeMap;

use writeway_facts::{GroupEntry, UserEntry};

use crate::notes::Notes;
use crate::paths;

/// The users of `/etc/passwd` by name.
pub(crate) fn users(text: &str, notes: &mut Notes) -> BTreeMap<String, UserEntry> {
    let mut users: BTreeMap<String, UserEntry> = BTreeMap::new();
    let mut primary = BTreeMap::new();
    for fields in lines(text) {
        let (Some(name), Some(uid), Some(gid)) = (name(&fields), number(&fields, 2), number(&fields, 3))
        else {
            notes.add(|| format!("/etc/passwd: the entry {:?} has no name, uid or gid", fields[0]));
            continue;
        };
        if *primary.entry(uid).or_insert(gid) != gid {
            notes.add(|| {
                format!(
                    "/etc/passwd: uid {uid} has several entries with different groups; a runtime takes the first"
                )
            });
        }
        let home = fields.get(5).filter(|home| home.starts_with('/'));
        let home = home.and_then(|home| paths::absolute(home.as_bytes()).ok());
        users
            .entry(name.to_owned())
            .or_insert(UserEntry { uid, gid, home });
    }
    users
}

/// The groups of `/etc/group` by name.
pub(crate) fn groups(text: &str, notes: &mut Notes) -> BTreeMap<String, GroupEntry> {
    let mut groups: BTreeMap<String, GroupEntry> = BTreeMap::new();
    for fields in lines(text) {
        let (Some(name), Some(gid)) = (name(&fields), number(&fields, 2)) else {
            notes.add(|| format!("/etc/group: the entry {:?} has no name or gid", fields[0]));
            continue;
        };
        let members = fields.get(3).copied().unwrap_or_default();
        let members = members
            .split(',')
            .filter(|member| !member.is_empty())
            .map(str::to_owned)
            .collect();
        groups
            .entry(name.to_owned())
            .or_insert(GroupEntry { gid, members });
    }
    groups
}

/// The fields of every line that is not empty; there is always a first one.
fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| line.split(':').collect())
}

fn name<'l>(fields: &[&'l str]) -> Option<&'l str> {
    fields.first().copied().filter(|name| !name.is_empty())
}

fn number(fields: &[&str], index: usize) -> Option<u32> {
    fields.get(index)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_and_damaged_lines_passed_over() {
        let text = "root:x:0:0:root:/root:/bin/sh\n\n app:x:1000:1001::/home//app/:\r\nno-home:x:5:6\n\
                    root:x:7:7::/:\n+::::::\nnobody:x:many:1::/:\n:x:1:1::/:\n# comment\n";
        let mut notes = Notes::default();
        let users = users(text, &mut notes);
        let user = |uid, gid, home: Option<&str>| UserEntry {
            uid,
            gid,
            home: home.map(str::to_owned),
        };
        assert_eq!(
            users,
            BTreeMap::from([
                ("app".to_owned(), user(1000, 1001, Some("/home/app"))),
                ("no-home".to_owned(), user(5, 6, None)),
                ("root".to_owned(), user(0, 0, Some("/root"))),
            ])
        );
        assert_eq!(notes.into_lines().len(), 4);
    }

    #[test]
    fn groups_are_read_with_their_members() {
        let mut notes = Notes::default();
        let groups = groups(
            "root:x:0:\nextra:x:2500:app,other\nempty:x:7\nbroken:x::a\n",
            &mut notes,
        );
        let group = |gid, members: &[&str]| GroupEntry {
            gid,
            members: members.iter().map(|member| (*member).to_owned()).collect(),
        };
        assert_eq!(
            groups,
            BTreeMap::from([
                ("empty".to_owned(), group(7, &[])),
                ("extra".to_owned(), group(2500, &["app", "other"])),
                ("root".to_owned(), group(0, &[])),
            ])
        );
        assert_eq!(notes.into_lines().len(), 1);
    }
}
