// SPDX-License-Identifier: Apache-2.0
//! What a mode operand makes of a mode.

use super::{ALL, Change, Flavour, Form, ModeSpec, Operator, Permissions, SET_IDS, Who};

/// The outcome of applying a mode operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModeChange {
    /// The mode afterwards, special bits included; the old one if the operand is refused.
    pub mode: u16,
    /// Whether these tools accept the operand at all; otherwise the command fails and changes nothing.
    pub accepted: bool,
}

impl ModeSpec {
    fn accepted_by(&self, flavour: Flavour) -> bool {
        self.only.is_none_or(|only| only == flavour)
    }
}

/// What `chmod` makes of a file of mode `old` (12 bits), if it is allowed to.
#[must_use]
pub fn apply(spec: &ModeSpec, old: u16, is_dir: bool, umask: u16, flavour: Flavour) -> ModeChange {
    if !spec.accepted_by(flavour) {
        return ModeChange {
            mode: old & ALL,
            accepted: false,
        };
    }
    let mode = match flavour {
        Flavour::Coreutils => coreutils(spec, old, is_dir, umask).mode,
        Flavour::Busybox => busybox(spec, old, is_dir, umask),
    };
    ModeChange { mode, accepted: true }
}

/// What coreutils' `chmod` compares its result with when the mode was written like an option (`chmod -w file`):
/// the mode as if the umask held nothing back. It exits with 1 if the new mode has a bit that this one lacks
/// (and the mode is changed nevertheless).
#[must_use]
pub fn naive(spec: &ModeSpec, old: u16, is_dir: bool) -> u16 {
    coreutils(spec, old, is_dir, 0).mode
}

/// The mode of a directory that `mkdir -m` makes, in a parent that passes setgid on or not.
///
/// coreutils keeps an inherited setgid unless the operand mentions it (`g-s`, or five and more octal digits);
/// BusyBox sets the mode as computed and so clears it.
#[must_use]
pub fn make_directory(spec: &ModeSpec, inherits_setgid: bool, umask: u16, flavour: Flavour) -> ModeChange {
    if !spec.accepted_by(flavour) {
        return ModeChange {
            mode: 0,
            accepted: false,
        };
    }
    let mode = match flavour {
        Flavour::Coreutils => {
            let wanted = coreutils(spec, 0o777, true, umask);
            wanted.over(wanted.made(inherits_setgid))
        }
        // Not marked as a directory: `X` depends on the execute bits alone.
        Flavour::Busybox => busybox(spec, 0o777, false, umask),
    };
    ModeChange { mode, accepted: true }
}

/// The mode of a directory that `install -d` makes, or finds with mode `existing`. `spec` is `None` without `-m`.
#[must_use]
pub fn install_directory(
    spec: Option<&ModeSpec>,
    existing: Option<u16>,
    inherits_setgid: bool,
    umask: u16,
    flavour: Flavour,
) -> ModeChange {
    let spec = spec.unwrap_or(&INSTALLED);
    if !spec.accepted_by(flavour) {
        return ModeChange {
            mode: existing.unwrap_or(0),
            accepted: false,
        };
    }
    let mode = match flavour {
        Flavour::Coreutils => {
            let wanted = coreutils(spec, 0, true, 0);
            wanted.over(existing.unwrap_or_else(|| wanted.made(inherits_setgid)))
        }
        Flavour::Busybox => busybox(spec, 0o755, false, umask),
    };
    ModeChange { mode, accepted: true }
}

/// The mode of a file that `install` copies. `spec` is `None` without `-m`.
#[must_use]
pub fn install_file(spec: Option<&ModeSpec>, umask: u16, flavour: Flavour) -> ModeChange {
    let spec = spec.unwrap_or(&INSTALLED);
    match flavour {
        Flavour::Coreutils => apply(spec, 0, false, 0, flavour),
        Flavour::Busybox => apply(spec, 0o755, false, umask, flavour),
    }
}

/// What `install` sets without `-m`: exactly this, setgid cleared.
const INSTALLED: ModeSpec = ModeSpec {
    form: Form::Octal {
        bits: 0o755,
        digits: 5,
    },
    only: None,
};

/// The mask after the shell's builtin `umask` with this operand; letters name what is *not* masked. `None` where
/// dash, bash and BusyBox ash differ: without `u`, `g`, `o` or `a`, with permissions to copy, beyond 777.
#[must_use]
pub fn umask(spec: &ModeSpec, old: u16) -> Option<u16> {
    let changes = match &spec.form {
        Form::Octal { bits, .. } => return (*bits <= 0o777).then_some(*bits),
        Form::Symbolic(changes) => changes,
    };
    let agreed = |change: &Change| {
        let plain = matches!(
            change.permissions,
            Permissions::Letters { bits, execute_if_useful: false } if bits <= 0o777
        );
        plain && !change.who.is_empty()
    };
    let decided = spec.only.is_none() && changes.iter().all(agreed);
    decided.then(|| 0o777 & !coreutils(spec, 0o777 & !old, false, 0).mode)
}

/// A mode, and the bits of it that the operand decides.
struct Wanted {
    mode: u16,
    decided: u16,
}

impl Wanted {
    /// What coreutils leaves after `mkdir(2)` with a umask of 0, before it compares with what was wanted: as long
    /// as special bits are missing, nobody else may write (gnulib `lib/mkdir-p.c`).
    fn made(&self, inherits_setgid: bool) -> u16 {
        let special = self.decided & SET_IDS != 0 || self.mode & 0o1000 != 0;
        let guarded = if special { self.mode & !0o022 } else { self.mode };
        (guarded & 0o1777) | if inherits_setgid { 0o2000 } else { 0 }
    }

    /// The mode that is set on something of mode `present`, if any decided bit differs.
    fn over(&self, present: u16) -> u16 {
        if (present ^ self.mode) & self.decided == 0 {
            return present;
        }
        self.mode | (present & !self.decided)
    }
}

/// gnulib's `mode_adjust`: setuid and setgid of a directory stay unless they are mentioned.
fn coreutils(spec: &ModeSpec, old: u16, is_dir: bool, umask: u16) -> Wanted {
    let mut wanted = Wanted {
        mode: old & ALL,
        decided: 0,
    };
    let kept_unless = |mentioned: u16| if is_dir { SET_IDS & !mentioned } else { 0 };
    match &spec.form {
        Form::Octal { bits, digits } => {
            let kept = if *digits < 5 { kept_unless(*bits) } else { 0 };
            wanted.mode = (wanted.mode & kept) | (bits & !kept);
            wanted.decided = ALL & !kept;
        }
        Form::Symbolic(changes) => {
            for change in changes {
                let affected = match change.permissions {
                    Permissions::Octal(_) => ALL,
                    _ => change.affected(0o1007),
                };
                let mentioned = match change.permissions {
                    Permissions::Octal(_) => ALL,
                    Permissions::Letters { bits, .. } if affected == 0 => bits,
                    Permissions::Letters { bits, .. } => bits & affected,
                    Permissions::CopyOf(_) => 0,
                };
                let kept = kept_unless(mentioned);
                let limit = if affected == 0 { !umask } else { affected };
                let value = change.permissions.of(wanted.mode, is_dir) & limit & !kept & ALL;
                match change.operator {
                    Operator::Add => wanted.mode |= value,
                    Operator::Remove => wanted.mode &= !value,
                    Operator::Set => {
                        let preserved = kept | if affected == 0 { 0 } else { !affected };
                        wanted.mode = (wanted.mode & preserved) | value;
                        wanted.decided |= ALL & !preserved;
                    }
                }
                wanted.decided |= value;
            }
        }
    }
    wanted
}

/// BusyBox's `bb_parse_mode`: what is not named is cleared by `=`, before the right side is looked at.
fn busybox(spec: &ModeSpec, old: u16, is_dir: bool, umask: u16) -> u16 {
    let changes = match &spec.form {
        Form::Octal { bits, .. } => return *bits,
        Form::Symbolic(changes) => changes,
    };
    let mut mode = old & ALL;
    for change in changes {
        // Others have no part in the sticky bit: `o+t` does nothing.
        let affected = change.affected(0o007);
        if change.operator == Operator::Set {
            mode &= if affected == 0 { 0 } else { !affected };
        }
        let limit = if affected == 0 { !umask } else { affected };
        let value = change.permissions.of(mode, is_dir) & limit;
        match change.operator {
            Operator::Add | Operator::Set => mode |= value & ALL,
            Operator::Remove => mode &= !value,
        }
    }
    mode
}

impl Change {
    /// The bits that belong to those named, `others` being what belongs to `o`.
    fn affected(&self, others: u16) -> u16 {
        self.who.iter().fold(0, |bits, who| {
            bits | match who {
                Who::User => 0o4700,
                Who::Group => 0o2070,
                Who::Other => others,
                Who::All => ALL,
            }
        })
    }
}

impl Permissions {
    /// The bits these permissions stand for on a file of mode `mode`, for everyone at once.
    fn of(self, mode: u16, is_dir: bool) -> u16 {
        match self {
            Self::Letters {
                bits,
                execute_if_useful,
            } if execute_if_useful && (is_dir || mode & 0o111 != 0) => bits | 0o111,
            Self::Letters { bits, .. } | Self::Octal(bits) => bits,
            Self::CopyOf(who) => [0o444, 0o222, 0o111]
                .into_iter()
                .filter(|everyone| mode & who & everyone != 0)
                .fold(0, |bits, everyone| bits | everyone),
        }
    }
}
