// SPDX-License-Identifier: Apache-2.0
//! Which commands an image has, and who made them.

use std::collections::BTreeSet;

use writeway_facts::{EntryType, Tools, ToolsKind};

use crate::notes::Notes;
use crate::paths;
use crate::rootfs::Rootfs;

/// What runtimes set when the image sets no `PATH` (containerd `pkg/oci/spec_opts.go`).
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// The standard tools that init containers use, in the order in which they are asked whose they are.
const STANDARD: [&str; 9] = [
    "chmod", "chown", "mkdir", "cp", "chgrp", "touch", "ln", "cat", "sh",
];

/// The tools found in the directories of `path`; `None` when they are of a make whose behaviour is not known.
pub(crate) fn find(rootfs: &Rootfs, path: Option<&str>, notes: &mut Notes) -> Option<Tools> {
    let directories: Vec<String> = path
        .unwrap_or(DEFAULT_PATH)
        .split(':')
        .filter(|directory| directory.starts_with('/'))
        .filter_map(|directory| rootfs.follow(directory).map(|(resolved, _)| resolved))
        .collect();
    let mut commands = BTreeSet::new();
    for directory in &directories {
        let names = rootfs
            .names_in(directory)
            .filter(|name| executable(rootfs, directory, name).is_some());
        commands.extend(names.map(str::to_owned));
    }
    let program = STANDARD
        .iter()
        .filter(|tool| commands.contains(**tool))
        .find_map(|tool| {
            directories
                .iter()
                .find_map(|directory| executable(rootfs, directory, tool))
        });
    let kind = match program {
        None => ToolsKind::None,
        Some(program) => maker(rootfs, &directories, &program).or_else(|| {
            notes
                .add(|| format!("the standard tools are {program:?}, which is not known: tools are unknown"));
            None
        })?,
    };
    Some(Tools {
        kind,
        commands: Some(commands.into_iter().collect()),
    })
}

/// Whose the program at a resolved path is, if known.
fn maker(rootfs: &Rootfs, directories: &[String], program: &str) -> Option<ToolsKind> {
    let name = program.rsplit('/').next().unwrap_or(program);
    if name.starts_with("busybox") || is_busybox_link(rootfs, directories, program) {
        return Some(ToolsKind::Busybox);
    }
    // Other all-in-one programs behave in their own ways. Ubuntu keeps its Rust coreutils below /usr/lib/cargo.
    let foreign = name.starts_with("toybox") || program.starts_with("/usr/lib/cargo/");
    (!foreign).then_some(ToolsKind::Coreutils)
}

/// BusyBox' own image has hard links: every applet is the file that is also called `busybox`.
fn is_busybox_link(rootfs: &Rootfs, directories: &[String], program: &str) -> bool {
    let content = |path: &str| rootfs.follow(path).map(|(_, entry)| entry.content);
    directories
        .iter()
        .filter_map(|directory| executable(rootfs, directory, "busybox"))
        .any(|busybox| content(&busybox) == content(program))
}

/// The resolved path of `directory/name` if that is an executable file.
fn executable(rootfs: &Rootfs, directory: &str, name: &str) -> Option<String> {
    let (resolved, entry) = rootfs.follow(&paths::join(directory, name))?;
    let runs = entry.fact.kind == EntryType::File && entry.fact.mode.is_some_and(|mode| mode.0 & 0o111 != 0);
    runs.then_some(resolved)
}
