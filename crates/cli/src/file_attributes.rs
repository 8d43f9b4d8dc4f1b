// SPDX-License-Identifier: Apache-2.0
//! What a file has beside its text: owner, mode, access control list, extended attributes.

use std::fs::{File, Metadata};
use std::io;

/// What a new file could not be given.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unkept {
    /// An extended attribute; an access control list is one, too.
    #[error(
        "its attribute `{name}` cannot be kept ({source}); run the command as who may set it, or use --diff"
    )]
    Attribute {
        /// The attribute's name.
        name: String,
        /// What the system said.
        source: io::Error,
    },
    /// Which attributes there are.
    #[error("its extended attributes cannot be listed ({0}); use --diff")]
    List(#[source] io::Error),
    /// The mode.
    #[error("its mode cannot be kept ({0}); use --diff")]
    Mode(#[source] io::Error),
}

/// Gives a new file mode, access control list and extended attributes of an old one, and as far as the system allows it
/// owner and group.
///
/// # Errors
/// What cannot be kept.
pub(crate) fn keep(new: &File, old: &File, like: &Metadata) -> Result<(), Unkept> {
    keep_owner(new, like);
    // Behind the owner, for a change of that takes capabilities, setuid and setgid away.
    keep_attributes(new, old)?;
    // With a list the bits of the group are its mask, which they are of the old file, too (acl(5)).
    new.set_permissions(like.permissions()).map_err(Unkept::Mode)
}

#[cfg(unix)]
fn keep_owner(file: &File, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let kept = fchown(file, Some(like.uid()), Some(like.gid()));
    // Only root can give files away; to a group of theirs others can.
    if kept.is_err() {
        let _ = fchown(file, None, Some(like.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) {}

/// The list that a folder gives to new files in it (acl(5), "object creation and default ACLs").
#[cfg(unix)]
const ACCESS_LIST: &str = "system.posix_acl_access";

/// Attributes that the kernel makes of the content or of the program that writes: those of the old file are wrong for
/// another text (evm(7), ima_policy).
#[cfg(unix)]
const MADE_BY_THE_KERNEL: &[&str] = &["com.apple.provenance", "security.evm", "security.ima"];

#[cfg(unix)]
fn keep_attributes(new: &File, old: &File) -> Result<(), Unkept> {
    use xattr::FileExt as _;

    let names = |file: &File| match file.list_xattr() {
        Ok(names) => Ok(names.collect::<Vec<_>>()),
        // A file system that has none.
        Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(Vec::new()),
        Err(error) => Err(Unkept::List(error)),
    };
    let wanted = names(old)?;
    for name in &wanted {
        let unkept = |source| Unkept::Attribute {
            name: name.to_string_lossy().into_owned(),
            source,
        };
        if MADE_BY_THE_KERNEL.iter().any(|made| name == made) {
            continue;
        }
        // One that is gone by now is nobody's wish any more.
        let Some(value) = old.get_xattr(name).map_err(unkept)? else {
            continue;
        };
        // A label that the new file has by itself need not be set, which is a right of its own.
        if new.get_xattr(name).ok().flatten().as_ref() != Some(&value) {
            new.set_xattr(name, &value).map_err(unkept)?;
        }
    }
    let inherited = names(new)?.iter().any(|name| name == ACCESS_LIST);
    if inherited && !wanted.iter().any(|name| name == ACCESS_LIST) {
        new.remove_xattr(ACCESS_LIST)
            .map_err(|source| Unkept::Attribute {
                name: ACCESS_LIST.to_owned(),
                source,
            })?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn keep_attributes(_: &File, _: &File) -> Result<(), Unkept> {
    Ok(())
}
