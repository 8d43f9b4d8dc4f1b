// SPDX-License-Identifier: Apache-2.0
//! The ids in an init container that gives the volume to somebody else, corrected to those of the container that writes.
//!
//! Only where one word of its command is the owner: `UID:GID`, as `chown` and the agent's `own` take it, by itself or once
//! in the text of a script.

use writeway_manifest::{Container, Spanned, Which};
use writeway_yaml::{Operation, Path, Value};

use crate::volume_need::VolumeNeed;
use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "chown-target",
    costs: "nothing: the init container is there already",
    limits: "owners that are names or variables, and scripts that name the owner twice, stay as they are",
    propose,
};

fn propose(case: &Case<'_>) -> Answer {
    if case.finding.rule.code != "WW207" {
        return Answer::NotMine;
    }
    let Some(at) = VolumeNeed::of(case) else {
        return Answer::NotMine;
    };
    let identity = &at.map.identity;
    let (Some(uid), Some(gid)) = (identity.uid, identity.gid) else {
        return Answer::cannot("nobody says which uid and gid the volume has to be given to");
    };
    let mut inits = case.workload.pod.containers(Which::Init).filter(|init| {
        let mut mounts = init.mounts.iter();
        mounts.any(|mount| *mount.name == *at.mount.name)
    });
    let target = format!("{uid}:{gid}");
    let Some((init, place, text)) = inits.find_map(|init| corrected(case, init, &target)) else {
        return Answer::cannot("no init container names the owner as `UID:GID` just once");
    };
    let Some(edits) = case.edits() else {
        return Answer::not_reachable();
    };
    let title = format!("let init container `{}` give the volume to {target}", *init.name);
    let edits = edits.edit(place, Operation::Set(Value::from(text.as_str())));
    Answer::Try(
        Proposal::safe(title, edits.into_list())
            .but("it may be the container's user that is wrong, not the owner"),
    )
}

/// The word of a container's command in which the owner is another, and what becomes of it.
fn corrected<'a>(
    case: &Case<'a>,
    init: &'a Container,
    target: &str,
) -> Option<(&'a Container, Path, String)> {
    let words = |list: &'a Option<Vec<Spanned<String>>>| list.iter().flatten();
    let mut found = words(&init.command).chain(words(&init.args)).filter_map(|word| {
        let text = with_owner(word, target)?;
        Some((word, text))
    });
    let (word, text) = found.next()?;
    if found.next().is_some() {
        return None;
    }
    Some((init, case.draft.path_to(word.span)?, text))
}

/// A text in which one word is an owner, with this one in its place.
fn with_owner(text: &str, target: &str) -> Option<String> {
    let mut owners = text.split_ascii_whitespace().filter(|word| is_owner(word));
    let owner = owners.next()?;
    if owners.next().is_some() || owner == target {
        return None;
    }
    // The same digits may stand in a longer word before it.
    let (start, _) = text.match_indices(owner).find(|(start, _)| {
        let is_edge = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_whitespace);
        let bytes = text.as_bytes();
        is_edge(start.checked_sub(1).and_then(|before| bytes.get(before)))
            && is_edge(bytes.get(start + owner.len()))
    })?;
    let (before, rest) = text.split_at_checked(start)?;
    Some(format!("{before}{target}{}", rest.strip_prefix(owner)?))
}

/// Whether a word is a uid and a gid.
fn is_owner(word: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    word.split_once(':')
        .is_some_and(|(user, group)| number(user) && number(group))
}

#[cfg(test)]
mod tests {
    use super::with_owner;

    #[test]
    fn one_owner_in_a_text_is_replaced() {
        for (text, expected) in [
            ("999:999", Some("1000:1000")),
            (
                "chown -R 999:999 /data && ls",
                Some("chown -R 1000:1000 /data && ls"),
            ),
            ("chown -R  999:999\t/data\n", Some("chown -R  1000:1000\t/data\n")),
            ("chown 1000:1000 /data", None),
            ("chown 999:999 /a; chown 998:998 /b", None),
            ("chown app:app /data", None),
            ("chown 999 /data", None),
            ("at 12:30:00", None),
            ("", None),
        ] {
            assert_eq!(with_owner(text, "1000:1000").as_deref(), expected, "{text}");
        }
    }
}
