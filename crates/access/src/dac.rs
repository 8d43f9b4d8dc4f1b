// SPDX-License-Identifier: Apache-2.0
//! Discretionary access control: what the kernel's permission check answers (generic_permission in fs/namei.c).
//!
//! Exactly one class of mode bits is consulted: the owner's if the uid matches, else the group's if one of the groups
//! matches, else the others'. There is no falling through to a later class. Capabilities come last.

use crate::process::Process;
use crate::value::{Mode, Reason, STICKY, Value};
use crate::world::{Inode, Reach};
use crate::{Capability, Tri};

/// What is asked for, as bits of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    /// Search a directory or run a file.
    Execute,
    /// Change a directory's entries or a file's contents.
    Write,
    /// List a directory or read a file.
    Read,
}

impl Want {
    fn bit(self) -> u16 {
        match self {
            Self::Read => 0o4,
            Self::Write => 0o2,
            Self::Execute => 0o1,
        }
    }

    fn letter(self) -> char {
        match self {
            Self::Read => 'r',
            Self::Write => 'w',
            Self::Execute => 'x',
        }
    }
}

/// An answer and the sentence that explains it.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    pub(crate) answer: Tri,
    pub(crate) why: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Owner,
    Group,
    Other,
}

impl Class {
    fn shift(self) -> u16 {
        match self {
            Self::Owner => 6,
            Self::Group => 3,
            Self::Other => 0,
        }
    }
}

/// Whether the process may do it to the inode.
pub(crate) fn permits(process: &Process, inode: &Inode, want: Want) -> Decision {
    let by_mode = permits_by_mode(process, inode, want);
    if is_squashed(process, inode) {
        return permits_nobody(inode, want);
    }
    if by_mode.answer == Tri::Yes {
        return by_mode;
    }
    let Some(capability) = overriding(process, inode, want) else {
        return by_mode;
    };
    match process.has(capability) {
        Tri::No => by_mode,
        _ if inode.reach == Reach::Unmapped => Decision {
            why: format!(
                "{}; {capability} does not reach an owner outside of the user namespace",
                by_mode.why
            ),
            ..by_mode
        },
        Tri::Yes => Decision {
            answer: Tri::Yes,
            why: format!("CAP_{capability} bypasses mode {}", inode.mode),
        },
        Tri::Unknown => Decision {
            answer: Tri::Unknown,
            why: format!("{}, unless CAP_{capability} is there", by_mode.why),
        },
    }
}

/// Whether the mode bits alone let the process do it, beyond doubt. No sentence is made, for most lookups need none.
pub(crate) fn plainly_permits(process: &Process, inode: &Inode, want: Want) -> bool {
    let (classes, _) = possible_classes(process, inode);
    let allows = |class: &Class| inode.mode.has(want.bit() << class.shift()) == Some(true);
    !is_squashed(process, inode) && classes.iter().all(allows)
}

/// Whether an NFS server may take the process for somebody else: it does with root unless told otherwise.
pub(crate) fn is_squashed(process: &Process, inode: &Inode) -> bool {
    inode.reach == Reach::Server && process.uid.known().is_none_or(|uid| uid == 0)
}

/// What a server certainly lets root do, whoever it takes it for: what everyone may.
fn permits_nobody(inode: &Inode, want: Want) -> Decision {
    let bit = want.bit();
    let everyone = bit << 6 | bit << 3 | bit;
    if inode.mode.has(everyone) == Some(true) {
        return Decision {
            answer: Tri::Yes,
            why: format!("mode {} gives everyone `{}`", inode.mode, want.letter()),
        };
    }
    Decision {
        answer: Tri::Unknown,
        why: format!(
            "mode {} {}:{}: the NFS server decides whether root is root there; most take it for nobody",
            inode.mode, inode.uid, inode.gid
        ),
    }
}

/// The capability that would grant it, if any does.
fn overriding(process: &Process, inode: &Inode, want: Want) -> Option<Capability> {
    if want == Want::Execute && !inode.is_directory() && inode.mode.has(0o111) != Some(true) {
        // A file nobody may run is run by nobody, whatever the capabilities.
        let any = [0o100, 0o010, 0o001]
            .iter()
            .any(|bit| inode.mode.has(*bit) == Some(true));
        if !any {
            return None;
        }
    }
    let reads = want == Want::Read || (want == Want::Execute && inode.is_directory());
    if reads
        && process.has(Capability::DAC_OVERRIDE) == Tri::No
        && process.has(Capability::DAC_READ_SEARCH) == Tri::Yes
    {
        return Some(Capability::DAC_READ_SEARCH);
    }
    Some(Capability::DAC_OVERRIDE)
}

/// What the mode bits alone answer, capabilities left out.
pub(crate) fn permits_by_mode(process: &Process, inode: &Inode, want: Want) -> Decision {
    let (classes, unsure) = possible_classes(process, inode);
    let bits = |class: Class| inode.mode.has(want.bit() << class.shift());
    let answers: Vec<Option<bool>> = classes.iter().map(|class| bits(*class)).collect();
    let answer = if answers.iter().all(|answer| *answer == Some(true)) {
        Tri::Yes
    } else if answers.iter().all(|answer| *answer == Some(false)) {
        Tri::No
    } else {
        Tri::Unknown
    };
    Decision {
        answer,
        why: explain(process, inode, want, &classes, answer, unsure.as_ref()),
    }
}

/// The classes that may be the one consulted, and why there is more than one.
fn possible_classes(process: &Process, inode: &Inode) -> (Vec<Class>, Option<Reason>) {
    let owner = match (&process.uid, &inode.uid) {
        (Value::Known(process), Value::Known(owner)) => Tri::from(process == owner),
        _ => Tri::Unknown,
    };
    if owner == Tri::Yes {
        return (vec![Class::Owner], None);
    }
    let group = match &inode.gid {
        Value::Known(gid) => process.in_group(*gid),
        Value::Unknown(_) => Tri::Unknown,
    };
    let mut classes = Vec::new();
    let mut unsure = None;
    if owner == Tri::Unknown {
        classes.push(Class::Owner);
        unsure = Some(match (&process.uid, &inode.uid) {
            (Value::Unknown(reason), _) | (_, Value::Unknown(reason)) => reason.clone(),
            _ => "the owner is not known".into(),
        });
    }
    if group != Tri::No {
        classes.push(Class::Group);
    }
    if group != Tri::Yes {
        classes.push(Class::Other);
    }
    if group == Tri::Unknown && unsure.is_none() {
        unsure = Some(match &inode.gid {
            Value::Unknown(reason) => reason.clone(),
            Value::Known(_) => process.group_reason(),
        });
    }
    (classes, unsure)
}

fn explain(
    process: &Process,
    inode: &Inode,
    want: Want,
    classes: &[Class],
    answer: Tri,
    unsure: Option<&Reason>,
) -> String {
    let owner = format!("{}:{}", inode.uid, inode.gid);
    let verb = match answer {
        Tri::Yes => "gives",
        Tri::No => "does not give",
        Tri::Unknown => "may or may not give",
    };
    let who = match classes {
        [Class::Owner] => format!("its owner (uid {})", process.uid),
        [Class::Group] => format!("its group (uid {} is in group {})", process.uid, inode.gid),
        [Class::Other] => format!(
            "others (uid {} is neither its owner nor in its group)",
            process.uid
        ),
        _ => format!("uid {}", process.uid),
    };
    let letter = want.letter();
    let sentence = format!("mode {} {owner} {verb} {who} `{letter}`", inode.mode);
    match (answer, unsure) {
        (Tri::Unknown, Some(reason)) => format!("{sentence}: {reason}"),
        (Tri::Unknown, None) => format!("{sentence}: {}", inode.mode.reason()),
        _ => sentence,
    }
}

/// Whether the process counts as the owner of the inode for the calls that ask for one (inode_owner_or_capable in
/// fs/inode.c).
pub(crate) fn owns(process: &Process, inode: &Inode) -> Tri {
    if is_squashed(process, inode) {
        return Tri::Unknown;
    }
    let owner = match (&process.uid, &inode.uid) {
        (Value::Known(process), Value::Known(owner)) => Tri::from(process == owner),
        _ => Tri::Unknown,
    };
    match (
        owner,
        if inode.reach == Reach::Unmapped {
            Tri::No
        } else {
            process.has(Capability::FOWNER)
        },
    ) {
        (Tri::Yes, _) | (_, Tri::Yes) => Tri::Yes,
        (Tri::No, Tri::No) => Tri::No,
        _ => Tri::Unknown,
    }
}

/// Whether a sticky directory keeps the process from removing or renaming the entry (may_delete in fs/namei.c).
pub(crate) fn sticky_forbids(process: &Process, directory: &Inode, entry: Option<&Inode>) -> Tri {
    if directory.mode.has(STICKY) == Some(false) {
        return Tri::No;
    }
    let owner = |inode: &Inode| match (&process.uid, &inode.uid) {
        (Value::Known(process), Value::Known(owner)) => Tri::from(process == owner),
        _ => Tri::Unknown,
    };
    let of_entry = entry.map_or(Tri::Unknown, owner);
    let capable = if is_squashed(process, directory) {
        Tri::Unknown
    } else if entry.is_some_and(|entry| entry.reach == Reach::Unmapped) {
        Tri::No
    } else {
        process.has(Capability::FOWNER)
    };
    let exempt = [of_entry, owner(directory), capable];
    if exempt.contains(&Tri::Yes) {
        Tri::No
    } else if exempt.contains(&Tri::Unknown) || directory.mode.has(STICKY).is_none() {
        Tri::Unknown
    } else {
        Tri::Yes
    }
}

/// The mode a new entry gets from what was asked for.
pub(crate) fn masked(requested: u16, umask: u16) -> Mode {
    Mode::new(requested & !umask)
}
