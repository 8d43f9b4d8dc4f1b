// SPDX-License-Identifier: Apache-2.0
//! A pod's network, with a loopback interface alone, and the servers in it: what `wait` waits for.
//!
//! The namespace is that of a container which a runtime has set up. A thread of this process goes into it, and keeps it as
//! long as the process lives.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use rustix::process::{Signal, kill_process};
use rustix::thread::{LinkNameSpaceType, gettid, move_into_link_name_space};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::container::{Container, Filter, Identity, Runtime};

/// The name that the certificate is for, with one address.
const NAME: &str = "ready.writeway.test";
/// A name with several addresses, which are put in order by whoever asks.
const SEVERAL: &str = "several.writeway.test";
/// A name whose answer does not fit a datagram.
const LARGE: &str = "large.writeway.test";
/// The name server's address; `resolv.conf(5)` cannot name a port.
const NAME_SERVER: (Ipv4Addr, u16) = (Ipv4Addr::new(127, 0, 0, 53), 53);
/// Answers each request.
const HTTP: u16 = 8080;
/// Answers each request, over TLS.
const HTTPS: u16 = 8443;
/// Takes connections and says nothing.
const SILENT: u16 = 8081;
/// What the servers answer: an object of Kubernetes that is ready.
const ANSWER: &str = r#"{"status":{"conditions":[{"type":"Ready","status":"True"}]}}"#;

/// The network.
#[derive(Debug)]
pub(super) struct Network {
    path: PathBuf,
    etc: Vec<(&'static str, String)>,
}

impl Network {
    /// Makes the network, and starts the servers.
    ///
    /// # Errors
    /// When the namespace cannot be had, or a server cannot be started.
    pub(super) fn new(program: &Path, folder: &Path) -> anyhow::Result<Self> {
        let container = Container {
            program,
            folder,
            identity: Identity {
                owner: (65532, 65532),
                capabilities: &[],
            },
            filter: Filter::None,
            network: None,
            etc: &[],
        };
        container.prepare()?;
        let arguments = ["sleep", "1m"].map(str::to_owned);
        let mut running = container.start(Runtime::Crun, &arguments, false)?;
        running.waits()?;
        let process = running.process()?;
        let namespace = File::open(format!("/proc/{}/ns/net", process.as_raw_pid()))?;

        let certified = rcgen::generate_simple_self_signed([NAME.to_owned()])?;
        let key =
            PrivateKeyDer::try_from(certified.signing_key.serialize_der()).map_err(anyhow::Error::msg)?;
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certified.cert.der().clone()], key)?;

        let (sender, started) = channel();
        thread::spawn(move || {
            let _ = sender.send(serve(&namespace, Arc::new(config)));
            // The namespace is this thread's: it ends with the process.
            loop {
                thread::park();
            }
        });
        let path = started.recv()??;
        kill_process(process, Signal::KILL)?;
        running.end()?;
        fs::remove_dir_all(folder)?;
        let etc = vec![
            ("resolv.conf", format!("nameserver {}\n", NAME_SERVER.0)),
            ("ca.pem", certified.cert.pem()),
        ];
        Ok(Self { path, etc })
    }

    /// The namespace, as a runtime is told it.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What `/etc` has of it.
    pub(super) fn etc(&self) -> &[(&'static str, String)] {
        &self.etc
    }
}

/// Goes into the namespace and starts the servers there; the path of the namespace, which is now this thread's.
fn serve(namespace: &File, config: Arc<ServerConfig>) -> anyhow::Result<PathBuf> {
    move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
    let names = UdpSocket::bind(NAME_SERVER).context("no name server")?;
    thread::spawn(move || {
        let mut query = [0; 512];
        while let Ok((length, peer)) = names.recv_from(&mut query) {
            if let Some(answer) = answer(&query[..length], true) {
                let _ = names.send_to(&answer, peer);
            }
        }
    });
    listen(NAME_SERVER, |mut stream| {
        // RFC 1035, section 4.2.2: the length comes first. A resolver may ask again on the same connection.
        let mut length = [0; 2];
        while stream.read_exact(&mut length).is_ok() {
            let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut query)?;
            let answer = answer(&query, false).unwrap_or_default();
            let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
            stream.write_all(&[&length.to_be_bytes(), answer.as_slice()].concat())?;
        }
        Ok(())
    })?;
    listen((Ipv4Addr::LOCALHOST, HTTP), |mut stream| respond(&mut stream))?;
    listen((Ipv4Addr::LOCALHOST, HTTPS), move |stream| {
        let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
        respond(&mut StreamOwned::new(connection, stream))
    })?;
    listen((Ipv4Addr::LOCALHOST, SILENT), |mut stream| {
        stream.read_to_end(&mut Vec::new()).map(drop)
    })?;
    let thread = gettid().as_raw_pid();
    Ok(PathBuf::from(format!(
        "/proc/{}/task/{thread}/ns/net",
        std::process::id()
    )))
}

/// Does this with each connection to an address.
fn listen(
    address: (Ipv4Addr, u16),
    act: impl Fn(std::net::TcpStream) -> io::Result<()> + Send + Sync + 'static,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).context("no server")?;
    let act = Arc::new(act);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let act = Arc::clone(&act);
            // A client that goes away is its own affair.
            thread::spawn(move || {
                stream
                    .set_read_timeout(Some(Duration::from_secs(60)))
                    .and_then(|()| act(stream))
            });
        }
    });
    Ok(())
}

/// Reads the head of a request, and answers it.
fn respond(stream: &mut (impl Read + Write)) -> io::Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && head.len() < 8192 {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let length = ANSWER.len();
    let answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{ANSWER}"
    );
    stream.write_all(answer.as_bytes())?;
    stream.flush()
}

/// The answer to a query (RFC 1035, section 4): addresses of the names above, nothing of other types, no other name; and
/// for a datagram that it does not fit, if it is the large one.
fn answer(query: &[u8], datagram: bool) -> Option<Vec<u8>> {
    let mut at = 12;
    let mut labels = Vec::new();
    while let length @ 1.. = usize::from(*query.get(at)?) {
        labels.push(String::from_utf8_lossy(query.get(at + 1..at + 1 + length)?).to_lowercase());
        at += 1 + length;
    }
    let question = query.get(12..at + 5)?;
    let name = labels.join(".");
    let hosts: &[u8] = match name.as_str() {
        NAME | LARGE => &[1],
        SEVERAL => &[1, 2],
        _ => &[],
    };
    let code = if hosts.is_empty() { NAME_ERROR } else { 0 };
    let truncated = if datagram && name == LARGE { TRUNCATED } else { 0 };
    let asked = truncated == 0 && question.ends_with(&[0, 1, 0, 1]);
    let hosts = if asked { hosts } else { &[] };
    let flags = [AUTHORITATIVE | truncated, RECURSION | code];
    let counts = [0, 1, 0, u8::try_from(hosts.len()).ok()?, 0, 0, 0, 0];
    let mut answer = [query.get(..2)?, &flags, &counts, question].concat();
    for host in hosts {
        // The name of the question; an address, for a minute.
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, *host]);
    }
    Some(answer)
}

/// A response with authority, recursion desired.
const AUTHORITATIVE: u8 = 0x85;
const TRUNCATED: u8 = 0x02;
/// Recursion available.
const RECURSION: u8 = 0x80;
const NAME_ERROR: u8 = 3;
