// SPDX-License-Identifier: Apache-2.0
//! Files that are written whole or not at all.

use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use tempfile::Builder;

/// Puts what `write` writes into a file. What was there stays, unless all of it could be written; then the new file
/// takes its place and its permissions. What is no regular file, such as a pipe or `/dev/stderr`, is written to.
///
/// # Errors
/// When the file cannot be made or written, or `write` fails.
pub(crate) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let permissions = match fs::metadata(path) {
        Ok(there) if there.is_file() => Some(there.permissions()),
        Ok(_) => return finish(File::options().write(true).open(path)?, write).map(drop),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    // Of a link it is the file at its end that is replaced.
    let target = match permissions {
        Some(_) => fs::canonicalize(path)?,
        None => path.to_owned(),
    };
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = Builder::new();
    builder.prefix(".writeway-");
    if let (None, Some(usual)) = (&permissions, usual_permissions()) {
        builder.permissions(usual);
    }
    let (file, temporary) = builder
        .tempfile_in(folder.unwrap_or(Path::new(".")))?
        .into_parts();
    let file = finish(file, write)?;
    if let Some(permissions) = permissions {
        file.set_permissions(permissions)?;
    }
    temporary.persist(&target)?;
    Ok(())
}

fn finish(file: File, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<File> {
    let mut out = BufWriter::new(file);
    write(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)
}

/// What the shell's `>` gives a new file; the umask takes from it.
#[cfg(unix)]
fn usual_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(Permissions::from_mode(0o666))
}

/// As the system decides.
#[cfg(not(unix))]
fn usual_permissions() -> Option<Permissions> {
    None
}
