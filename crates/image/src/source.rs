// SPDX-License-Identifier: Apache-2.0
//! The files of a saved image by name, whether they lie in a folder or in a tar archive.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use crate::archive::{Member, Members, Skip, Stream};
use crate::budget::{Budget, LimitReached};
use crate::compression::{Compression, decompress};
use crate::error::{Problem, Result};
use crate::options::Limits;
use crate::paths;

/// How many links between members are followed; old `docker save` links a repeated layer to its first copy.
const LINKS_MAX: usize = 8;

/// A folder or archive with the files of saved images.
pub(crate) struct Source<'b> {
    path: PathBuf,
    budget: &'b Budget,
    form: Form,
}

enum Form {
    Folder,
    /// Members by clean absolute name; offsets count in the plain archive.
    Archive {
        compression: Compression,
        places: BTreeMap<String, Place>,
    },
}

#[derive(Debug)]
enum Place {
    Data { offset: u64, size: u64 },
    Link(String),
}

/// An open file of a [`Source`].
pub(crate) struct Part<'s> {
    pub(crate) reader: Box<dyn Read + 's>,
    /// Its size in bytes.
    pub(crate) size: u64,
}

impl<'b> Source<'b> {
    /// Opens a folder, or an archive and lists its members.
    pub(crate) fn open(path: &Path, limits: &Limits, budget: &'b Budget) -> Result<Self> {
        let unreadable = |cause| Problem::Unreadable {
            part: "it".to_owned(),
            cause,
        };
        let metadata = fs::metadata(path).map_err(unreadable)?;
        let form = if metadata.is_dir() {
            Form::Folder
        } else if metadata.is_file() {
            let file = File::open(path).map_err(unreadable)?;
            list(file, limits, budget).map_err(|error| match Problem::reading("the archive", error) {
                Problem::Malformed { why, .. } => Problem::NotAnImage { why },
                other => other,
            })?
        } else {
            return Err(Problem::NotAnImage {
                why: "it is neither a file nor a folder".to_owned(),
            });
        };
        Ok(Self {
            path: path.to_path_buf(),
            budget,
            form,
        })
    }

    /// Whether there is a file called `name`.
    pub(crate) fn has(&self, name: &str) -> bool {
        match &self.form {
            Form::Folder => self.file(name).is_some_and(|file| file.is_file()),
            Form::Archive { places, .. } => find(places, name).is_some(),
        }
    }

    /// Opens the file `name`, which `named_by` speaks of.
    pub(crate) fn part(&self, name: &str, named_by: &str) -> Result<Part<'_>> {
        let missing = || Problem::Missing {
            part: name.to_owned(),
            named_by: named_by.to_owned(),
        };
        let reading = |error| Problem::reading(name, error);
        match &self.form {
            Form::Folder => {
                let file = self
                    .file(name)
                    .filter(|file| file.is_file())
                    .ok_or_else(missing)?;
                let file = File::open(file).map_err(reading)?;
                let size = file.metadata().map_err(reading)?.len();
                Ok(Part {
                    reader: Box::new(file),
                    size,
                })
            }
            Form::Archive { compression, places } => {
                let (offset, size) = find(places, name).ok_or_else(missing)?;
                let reader = self.at(*compression, offset).map_err(reading)?;
                // An archive that shrinks meanwhile must not pass for a short file.
                Ok(Part {
                    reader: Box::new(Whole { reader, left: size }),
                    size,
                })
            }
        }
    }

    /// The content of the small file `name`.
    pub(crate) fn content(&self, name: &str, named_by: &str, limit: u64) -> Result<Vec<u8>> {
        let part = self.part(name, named_by)?;
        if part.size > limit {
            return Err(Problem::TooLarge {
                part: name.to_owned(),
                limit: format!("{limit} bytes"),
            });
        }
        let mut content = Vec::new();
        // A file may grow, and a folder's files may be special; the bound holds anyhow.
        let mut bounded = part.reader.take(limit);
        bounded
            .read_to_end(&mut content)
            .map_err(|error| Problem::reading(name, error))?;
        Ok(content)
    }

    /// The name to show for the whole.
    pub(crate) fn file_name(&self) -> String {
        let path = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        let name = self.path.file_name().or_else(|| path.file_name());
        name.map_or_else(|| "image".to_owned(), |name| name.to_string_lossy().into_owned())
    }

    /// The file of a folder that `name` means, unless it leads out of the folder.
    fn file(&self, name: &str) -> Option<PathBuf> {
        let name = paths::absolute(name.as_bytes()).ok()?;
        Some(self.path.join(name.trim_start_matches('/')))
    }

    fn at(&self, compression: Compression, offset: u64) -> io::Result<Box<dyn Read + '_>> {
        let mut file = File::open(&self.path)?;
        if compression == Compression::None {
            file.seek(SeekFrom::Start(offset))?;
            return Ok(Box::new(file));
        }
        // Going back in a compressed archive means starting again: slower, but nothing is unpacked anywhere.
        let mut plain = Stream(self.budget.meter(decompress(file)?.1));
        plain.skip(offset)?;
        Ok(Box::new(plain))
    }
}

/// Lists the members of an archive.
fn list(mut file: File, limits: &Limits, budget: &Budget) -> io::Result<Form> {
    let (compression, plain) = decompress(&mut file)?;
    let places = if compression == Compression::None {
        drop(plain);
        file.rewind()?;
        places(file, limits)?
    } else {
        places(Stream(BufReader::new(budget.meter(plain))), limits)?
    };
    Ok(Form::Archive { compression, places })
}

fn places(archive: impl Skip, limits: &Limits) -> io::Result<BTreeMap<String, Place>> {
    let mut members = Members::new(archive);
    let mut places = BTreeMap::new();
    let mut name_bytes = 0;
    while let Some(member) = members.next()? {
        name_bytes += (member.name.len() + member.target.len()) as u64;
        if u64::from(member.number) >= limits.entries || name_bytes > limits.name_bytes {
            return Err(LimitReached(format!("{} members", limits.entries)).into());
        }
        let Ok(name) = paths::absolute(&member.name) else {
            continue;
        };
        if let Some(place) = place(&name, &member) {
            places.insert(name, place);
        }
    }
    Ok(places)
}

fn place(name: &str, member: &Member) -> Option<Place> {
    let target = || str::from_utf8(&member.target).ok();
    let link = match member.kind {
        tar::EntryType::Regular | tar::EntryType::Continuous => {
            return Some(Place::Data {
                offset: member.offset,
                size: member.size,
            });
        }
        tar::EntryType::Link => target()?.to_owned(),
        tar::EntryType::Symlink => paths::join(paths::split(name)?.0, target()?),
        _ => return None,
    };
    paths::absolute(link.as_bytes()).ok().map(Place::Link)
}

fn find(places: &BTreeMap<String, Place>, name: &str) -> Option<(u64, u64)> {
    let mut name = paths::absolute(name.as_bytes()).ok()?;
    for _ in 0..LINKS_MAX {
        match places.get(&name)? {
            Place::Data { offset, size } => return Some((*offset, *size)),
            Place::Link(target) => name.clone_from(target),
        }
    }
    None
}

/// Exactly the next `left` bytes of a reader; fewer are an error.
struct Whole<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.reader.by_ref().take(self.left).read(buffer)?;
        if bytes == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= bytes as u64;
        Ok(bytes)
    }
}
