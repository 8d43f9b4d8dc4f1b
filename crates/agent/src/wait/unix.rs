// SPDX-License-Identifier: Apache-2.0
//! `unix:/PATH`: a Unix domain socket accepts a connection.

use std::time::Instant;

use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with};

use crate::errno;
use crate::exit::Failure;

use super::file::path;
use super::setup::Setup;
use super::target::Probe;

struct Unix {
    path: String,
    address: SocketAddrUnix,
}

pub(super) fn read(text: &str, _: &mut Setup<'_>) -> Result<Box<dyn Probe>, Failure> {
    let path = path("unix", text)?;
    let address = SocketAddrUnix::new(path.as_str()).map_err(|_| {
        Failure::usage(format_args!(
            "unix:{path}: a socket's path has 107 bytes at most (unix(7))"
        ))
    })?;
    Ok(Box::new(Unix { path, address }))
}

impl Probe for Unix {
    fn shown(&self) -> String {
        format!("unix:{}", self.path)
    }

    fn look(&mut self, _: Instant) -> Result<(), String> {
        // A socket takes connections only of its own type.
        for kind in [SocketType::STREAM, SocketType::DGRAM, SocketType::SEQPACKET] {
            match self.connect(kind) {
                Err(Errno::PROTOTYPE) => {}
                // Without NONBLOCK this would wait until the server accepts others first.
                Err(Errno::AGAIN) => return Err("its queue of connections is full".to_owned()),
                Err(errno) => return Err(errno::reason(errno)),
                Ok(()) => return Ok(()),
            }
        }
        Err(errno::reason(Errno::PROTOTYPE))
    }
}

impl Unix {
    fn connect(&self, kind: SocketType) -> rustix::io::Result<()> {
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        connect(
            socket_with(AddressFamily::UNIX, kind, flags, None)?,
            &self.address,
        )
    }
}
