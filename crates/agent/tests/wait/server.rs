// SPDX-License-Identifier: Apache-2.0
//! Servers that do what a test wants, over TCP or TLS.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A connection, with or without TLS.
pub(crate) trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

/// A server: it is left behind when the test ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// A server that does this with each connection, and closes it then. An error of the connection is its end, too.
    pub(crate) fn tcp(act: impl Fn(&mut dyn Stream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self::raw(move |mut stream| act(&mut stream))
    }

    /// The same over TLS.
    pub(crate) fn tls(
        config: Arc<ServerConfig>,
        act: impl Fn(&mut dyn Stream) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self::raw(move |stream| {
            let connection = ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            let mut stream = StreamOwned::new(connection, stream);
            act(&mut stream)?;
            stream.conn.send_close_notify();
            stream.flush()
        })
    }

    /// A server that gets each connection itself.
    pub(crate) fn raw(act: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let act = Arc::new(act);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let act = Arc::clone(&act);
                thread::spawn(move || act(stream));
            }
        });
        Self {
            address,
            requests: Arc::default(),
        }
    }

    /// A server that answers each request with what `answer` makes of it and of the number of requests before.
    pub(crate) fn http(answer: impl Fn(&str, usize) -> String + Send + Sync + 'static) -> Self {
        let (requests, act) = recorded(answer);
        Self {
            requests,
            ..Self::tcp(act)
        }
    }

    /// The same over TLS.
    pub(crate) fn https(
        config: Arc<ServerConfig>,
        answer: impl Fn(&str, usize) -> String + Send + Sync + 'static,
    ) -> Self {
        let (requests, act) = recorded(answer);
        Self {
            requests,
            ..Self::tls(config, act)
        }
    }

    /// What was asked so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    /// A URL of it, by its address.
    pub(crate) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }
}

type Requests = Arc<Mutex<Vec<String>>>;

fn recorded(
    answer: impl Fn(&str, usize) -> String + Send + Sync + 'static,
) -> (
    Requests,
    impl Fn(&mut dyn Stream) -> io::Result<()> + Send + Sync + 'static,
) {
    let requests = Requests::default();
    let seen = Arc::clone(&requests);
    let act = move |stream: &mut dyn Stream| {
        let head = head(stream)?;
        let answer = {
            let mut seen = seen.lock().unwrap();
            seen.push(head.clone());
            answer(&head, seen.len() - 1)
        };
        stream.write_all(answer.as_bytes())
    };
    (requests, act)
}

/// An answer without headers that matter.
pub(crate) fn answer(status: u16, body: &str) -> String {
    format!(
        "HTTP/1.1 {status} Whatever\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads the head of a request.
pub(crate) fn head(stream: &mut dyn Stream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    String::from_utf8(head).map_err(io::Error::other)
}

/// Writes the same again and again, a pause between, until the other side has gone.
pub(crate) fn for_ever(stream: &mut dyn Stream, text: &str, pause: Duration) -> io::Result<()> {
    loop {
        stream.write_all(text.as_bytes())?;
        stream.flush()?;
        thread::sleep(pause);
    }
}

/// Says nothing until the other side has gone.
pub(crate) fn silence(stream: &mut dyn Stream) -> io::Result<()> {
    while stream.read(&mut [0; 1024])? > 0 {}
    Ok(())
}

/// A port that nobody listens on, and nobody else can get while it is held.
pub(crate) fn closed_port() -> (OwnedFd, SocketAddr) {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).unwrap();
    bind(&socket, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = SocketAddr::try_from(getsockname(&socket).unwrap()).unwrap();
    (socket, address)
}

/// A port whose queue of connections is full, so that the kernel answers nothing to another one (`listen(2)`).
pub(crate) fn full_port() -> (OwnedFd, Vec<TcpStream>, SocketAddr) {
    let (socket, address) = closed_port();
    listen(&socket, 0).unwrap();
    let mut queued = Vec::new();
    // One more than the backlog fits; who comes next is not answered.
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(200)) {
        queued.push(stream);
    }
    (socket, queued, address)
}
