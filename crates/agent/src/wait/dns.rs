// SPDX-License-Identifier: Apache-2.0
//! `dns://NAME`: the name has an address.

use std::time::Instant;

use crate::exit::Failure;

use super::lookup::Lookups;
use super::setup::Setup;
use super::target::{self, Probe};

struct Dns {
    name: String,
    lookups: Lookups,
}

pub(super) fn read(text: &str, setup: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    let name = text.strip_prefix("//").unwrap_or(text);
    if !target::is_host(name) || name.contains(':') {
        return Err(Failure::usage("a target `dns:` cannot be read: write dns://NAME"));
    }
    Ok(Box::new(Dns {
        name: name.to_owned(),
        lookups: setup.lookups(),
    }))
}

impl Probe for Dns {
    fn shown(&self) -> String {
        format!("dns://{}", self.name)
    }

    fn look(&mut self, until: Instant) -> Result<(), String> {
        self.lookups.addresses(&self.name, until).map(drop)
    }
}
