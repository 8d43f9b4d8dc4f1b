// SPDX-License-Identifier: Apache-2.0
//! The budget holds, whatever the other side does: each kind of target, each misbehaviour, two budgets.
//!
//! A time is measured from outside, with what it takes to start the process. Where other programs keep the machine from
//! running it at once, as much more is allowed as a thread of the test was kept from running meanwhile. Each test runs one
//! agent after the other, so that they do not keep each other waiting.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;
use rustls::ServerConfig;

use super::agent::run_wait;
use super::authority::{Authority, Valid};
use super::server::{Server, Stream, closed_port, for_ever, full_port, head, silence};

const BUDGETS: [&str; 2] = ["300ms", "1s"];

/// What a server does with a connection, and what `wait` says of it.
struct Misbehaviour {
    name: &'static str,
    act: fn(&mut dyn Stream) -> io::Result<()>,
    reason: &'static str,
}

const TICK: Duration = Duration::from_millis(10);

const MISBEHAVIOURS: &[Misbehaviour] = &[
    Misbehaviour {
        name: "accepts and never answers",
        act: silence,
        reason: "connected, but no answer in time",
    },
    Misbehaviour {
        name: "a header byte by byte, for ever",
        act: |stream| {
            head(stream)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Slow: ")?;
            for_ever(stream, "a", TICK)
        },
        reason: "connected, but no answer in time",
    },
    Misbehaviour {
        name: "headers one by one, for ever",
        act: |stream| {
            head(stream)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            for_ever(stream, "A: b\r\n", TICK)
        },
        reason: "connected, but no answer in time",
    },
    Misbehaviour {
        name: "headers without an end, as fast as they can be taken",
        act: |stream| {
            head(stream)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\n")?;
            for_ever(
                stream,
                &"X-Many: aaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(100),
                Duration::ZERO,
            )
        },
        reason: "the answer is not HTTP/1.1, or has too many headers",
    },
    Misbehaviour {
        name: "one header without an end",
        act: |stream| {
            head(stream)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nX-Long: ")?;
            for_ever(stream, &"a".repeat(1000), Duration::ZERO)
        },
        reason: "the head of the answer is too large",
    },
    Misbehaviour {
        name: "100 Continue, for ever",
        act: |stream| {
            head(stream)?;
            for_ever(stream, "HTTP/1.1 100 Continue\r\n\r\n", TICK)
        },
        reason: "connected, but no answer in time",
    },
    Misbehaviour {
        name: "something else than HTTP",
        act: |stream| {
            stream.write_all(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n")?;
            silence(stream)
        },
        reason: "the answer is not HTTP/1.1",
    },
    Misbehaviour {
        name: "closed without an answer",
        act: |stream| head(stream).map(drop),
        reason: "the connection was closed before the answer ended",
    },
    Misbehaviour {
        name: "closed in the head",
        act: |stream| {
            head(stream)?;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Le")
        },
        reason: "the connection was closed before the answer ended",
    },
    Misbehaviour {
        name: "500 with a body without an end",
        act: |stream| {
            head(stream)?;
            stream.write_all(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            for_ever(stream, "5\r\naaaaa\r\n", Duration::ZERO)
        },
        reason: "500 (not in 200-399)",
    },
];

/// Runs `wait` for this target with each budget; each time it has to end in time, with this reason.
fn exhausts(what: &str, target: &str, more: &[&str], reason: &str) {
    for text in BUDGETS {
        let budget = writeway_agent::arguments::duration(text).unwrap();
        let mut words = vec![target, "--budget", text];
        words.extend(more);
        let outcome = run_wait(&words);
        let what = format!("{what}, {text}");
        assert_eq!(outcome.code, Some(3), "{what}: {}", outcome.stderr);
        outcome.within(budget, &what);
        let last = outcome.lines().last().copied().unwrap_or_default().to_owned();
        assert!(last.starts_with("error: not ready after "), "{what}: {last}");
        assert!(last.contains(reason), "{what}: {last}");
    }
}

#[test]
fn http_to_a_server_that_misbehaves() {
    for Misbehaviour { name, act, reason } in MISBEHAVIOURS {
        let server = Server::tcp(act);
        exhausts(name, &server.url("http", "/healthz"), &[], reason);
    }
}

#[test]
fn https_to_a_server_that_misbehaves() {
    let authority = Authority::new();
    let config = authority.server("127.0.0.1", Valid::Now);
    for Misbehaviour { name, act, reason } in MISBEHAVIOURS {
        let server = Server::tls(Arc::clone(&config), act);
        exhausts(
            name,
            &server.url("https", "/healthz"),
            &["--ca", &authority.word()],
            reason,
        );
    }
}

#[test]
fn a_handshake_that_misbehaves() {
    let authority = Authority::new();
    let ca = authority.word();
    let config = authority.server("127.0.0.1", Valid::Now);
    for (what, server, reason) in [
        (
            "never answers",
            Server::tcp(|stream| silence(stream)),
            "no connection in time",
        ),
        (
            "closes",
            Server::raw(|stream| stream.peek(&mut [0]).map(drop)),
            "reset",
        ),
        (
            "the first half of a handshake",
            first_half(&config),
            "no connection in time",
        ),
        (
            "a handshake byte by byte",
            byte_by_byte(&config),
            "no connection in time",
        ),
        (
            "a server that waits for the end of a request",
            Server::http(|_, _| super::server::answer(200, "")),
            "no connection in time",
        ),
        (
            "text instead of TLS",
            Server::tcp(|stream| {
                stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
                silence(stream)
            }),
            "the other side does not speak TLS",
        ),
        (
            "records without an end",
            Server::tcp(|stream| for_ever(stream, "\u{16}\u{3}\u{3}\0\u{4}\u{e}\0\0\0", TICK)),
            "the TLS handshake failed",
        ),
    ] {
        exhausts(what, &server.url("https", "/"), &["--ca", &ca], reason);
    }
}

/// A server's first flight, as it answers a client.
fn flight(config: &Arc<ServerConfig>, stream: &mut dyn io::Read) -> io::Result<Vec<u8>> {
    let mut connection = rustls::ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    connection.read_tls(stream)?;
    connection.process_new_packets().map_err(io::Error::other)?;
    let mut flight = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut flight)?;
    }
    Ok(flight)
}

fn first_half(config: &Arc<ServerConfig>) -> Server {
    let config = Arc::clone(config);
    Server::tcp(move |mut stream| {
        let flight = flight(&config, &mut stream)?;
        stream.write_all(&flight[..flight.len() / 2])?;
        silence(stream)
    })
}

fn byte_by_byte(config: &Arc<ServerConfig>) -> Server {
    let config = Arc::clone(config);
    Server::tcp(move |mut stream| {
        for byte in flight(&config, &mut stream)? {
            stream.write_all(&[byte])?;
            std::thread::sleep(TICK);
        }
        silence(stream)
    })
}

#[test]
fn a_port_that_refuses_resets_or_is_full() {
    let targets =
        |address: SocketAddr| ["tcp", "http", "https"].map(|scheme| format!("{scheme}://{address}"));
    let (_refuses, address) = closed_port();
    for target in targets(address) {
        exhausts("refuses", &target, &[], "Connection refused (ECONNREFUSED)");
    }
    let (_full, _queued, address) = full_port();
    for target in targets(address) {
        exhausts("hangs in accept", &target, &[], "no connection in time");
    }
    let resets = Server::raw(|stream| {
        // With no time to linger, closing resets the connection (socket(7), SO_LINGER).
        stream.peek(&mut [0])?;
        Ok(set_socket_linger(&stream, Some(Duration::ZERO))?)
    });
    for scheme in ["http", "https"] {
        exhausts(
            "resets",
            &resets.url(scheme, "/"),
            &[],
            "Connection reset by peer (ECONNRESET)",
        );
    }
}

#[test]
fn a_body_without_an_end_is_not_waited_for() {
    let server = Server::tcp(|stream| {
        head(stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        for_ever(stream, "endless ", Duration::ZERO)
    });
    let outcome = run_wait(&[&server.url("http", "/"), "--budget", "20s"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.within(Duration::from_secs(1), "an endless body");
}

#[test]
fn one_budget_holds_for_all_targets() {
    let (_refuses, refuses) = closed_port();
    let (_full, _queued, full) = full_port();
    let silent = Server::tcp(|stream| silence(stream));
    let outcome = run_wait(&[
        &format!("tcp://{refuses}"),
        &format!("tcp://{full}"),
        &silent.url("http", "/a"),
        &silent.url("http", "/b"),
        "file:/",
        "file:/nothing/there",
        "--budget",
        "1s",
    ]);
    assert_eq!(outcome.code, Some(3));
    outcome.within(Duration::from_secs(1), "six targets");
    let last = outcome.lines().last().copied().unwrap_or_default().to_owned();
    for missing in [
        format!("tcp://{refuses}: Connection refused (ECONNREFUSED)"),
        format!("tcp://{full}: no connection in time"),
        silent.url("http", "/a: connected, but no answer in time"),
        silent.url("http", "/b: connected, but no answer in time"),
        "file:/nothing/there: No such file or directory (ENOENT)".to_owned(),
    ] {
        assert!(last.contains(&missing), "{missing}: {last}");
    }
    assert!(!last.contains("file:/:"), "what is ready is not missing: {last}");
}

#[test]
fn one_look_takes_no_longer_than_it_may() {
    let silent = Server::tcp(|stream| silence(stream));
    let outcome = run_wait(&[
        &silent.url("http", "/"),
        "--budget=1s",
        "--per-probe=100ms",
        "--interval=10ms",
        "--max-interval=10ms",
        "--verbose",
    ]);
    assert_eq!(outcome.code, Some(3));
    let looks = outcome
        .lines()
        .iter()
        .filter(|line| line.contains("no answer in time"))
        .count();
    // The last line names the reason once more. Nine looks fit; a busy machine gets through fewer.
    assert!((4..=11).contains(&looks), "{looks}: {}", outcome.stderr);
}
