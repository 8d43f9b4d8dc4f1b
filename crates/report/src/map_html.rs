// SPDX-License-Identifier: Apache-2.0
//! The write map as a page for a browser.

use std::io::{self, Write};

use writeway_access::PodMap;
use writeway_manifest::{Inventory, Workload};

use crate::page::data::PageData;
use crate::page::write_page;
use crate::{Program, counted};

/// Writes the page, which names the programs that rendered some of the inputs, if any.
///
/// # Errors
/// When the writer fails.
pub fn write_map_html<'a>(
    out: &mut dyn Write,
    inventory: &'a Inventory,
    renderers: &[Program],
    maps: impl Iterator<Item = (&'a Workload, PodMap)>,
) -> io::Result<()> {
    let mut data = PageData::new("Write map", inventory, false);
    for (workload, map) in maps {
        data.add_workload(workload, &map);
    }
    data.line = format!(
        "{} in {}",
        counted(data.subjects.len(), "workload"),
        counted(inventory.files().len(), "file")
    );
    data.add_renderers(renderers);
    write_page(out, &data)
}
