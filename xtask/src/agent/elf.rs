// SPDX-License-Identifier: Apache-2.0
//! What an executable needs of the machine that runs it, as its ELF headers say (`elf(5)`).

use anyhow::{Context as _, bail};
use object::LittleEndian;
use object::elf::{DT_NEEDED, EM_AARCH64, EM_X86_64, ET_DYN, FileHeader64, PT_INTERP, SHT_SYMTAB};
use object::read::elf::{Dyn as _, FileHeader as _, ProgramHeader as _, SectionHeader as _};

/// What keeps an executable from running in an image that has nothing else, or makes it larger than it has to be.
///
/// # Errors
/// When it is no ELF file of 64 bits, or is damaged.
pub(super) fn wrong(content: &[u8], machine: &str) -> anyhow::Result<Vec<String>> {
    let header = FileHeader64::<LittleEndian>::parse(content).context("it is no ELF file")?;
    let endian = header.endian()?;
    let expected = match machine {
        "x86_64" => EM_X86_64,
        "aarch64" => EM_AARCH64,
        other => bail!("which number ELF has for {other} is not known here"),
    };
    let mut wrong = Vec::new();
    if header.e_machine(endian) != expected {
        wrong.push(format!("it is not for {machine}"));
    }
    // Loaded at another address each time, which takes no interpreter: the executable relocates itself.
    if header.e_type(endian) != ET_DYN {
        wrong.push("it is not position-independent".to_owned());
    }
    for segment in header.program_headers(endian, content)? {
        if segment.p_type(endian) == PT_INTERP {
            wrong.push("it needs a dynamic linker".to_owned());
        }
        let entries = segment.dynamic(endian, content)?.unwrap_or_default();
        if entries.iter().any(|entry| entry.tag(endian) == DT_NEEDED) {
            wrong.push("it needs shared libraries".to_owned());
        }
    }
    let sections = header.sections(endian, content)?;
    if sections
        .iter()
        .any(|section| section.sh_type(endian) == SHT_SYMTAB)
    {
        wrong.push("it is not stripped".to_owned());
    }
    Ok(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_test_is_dynamic_and_not_stripped() {
        let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let other = if cfg!(target_arch = "x86_64") {
            "aarch64"
        } else {
            "x86_64"
        };
        let said = wrong(&this, other).unwrap().join("; ");
        for expected in [
            &format!("it is not for {other}"),
            "it needs a dynamic linker",
            "it needs shared libraries",
            "it is not stripped",
        ] {
            assert!(said.contains(expected), "{said}");
        }
        assert!(wrong(b"#!/bin/sh\n", other).is_err());
    }
}
