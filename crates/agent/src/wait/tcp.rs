// SPDX-License-Identifier: Apache-2.0
//! `tcp://HOST:PORT`: a connection is accepted.

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::errno;
use crate::exit::Failure;

use super::lookup::Lookups;
use super::setup::Setup;
use super::target::{self, Probe};

struct Tcp {
    host: String,
    port: u16,
    lookups: Lookups,
}

pub(super) fn read(text: &str, setup: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    let address = text.strip_prefix("//").unwrap_or(text);
    let (host, port) = target::host_and_port(address)
        .map_err(|why| Failure::usage(format_args!("a target `tcp:` cannot be read: {why}")))?;
    Ok(Box::new(Tcp {
        host: host.to_owned(),
        port,
        lookups: setup.lookups(),
    }))
}

impl Probe for Tcp {
    fn shown(&self) -> String {
        match self.host.contains(':') {
            true => format!("tcp://[{}]:{}", self.host, self.port),
            false => format!("tcp://{}:{}", self.host, self.port),
        }
    }

    fn look(&mut self, until: Instant) -> Result<(), String> {
        let addresses = self.lookups.addresses(&self.host, until)?;
        let mut reason = "its name has no address".to_owned();
        for (tried, address) in addresses.iter().enumerate() {
            let left = until.saturating_duration_since(Instant::now());
            // An address that swallows everything leaves time for the others.
            let others = u32::try_from(addresses.len() - tried).unwrap_or(u32::MAX);
            let share = (left / others).max(Duration::from_millis(1));
            match TcpStream::connect_timeout(&SocketAddr::new(*address, self.port), share) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                    reason = "no connection in time".to_owned();
                }
                Err(error) => reason = errno::io_reason(&error),
            }
        }
        Err(reason)
    }
}
