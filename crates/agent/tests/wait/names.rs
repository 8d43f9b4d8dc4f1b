// SPDX-License-Identifier: Apache-2.0
//! Names, with a name server of the test's own: the resolver of the C library asks port 53 of what `/etc/resolv.conf`
//! names, so both are in namespaces of network and mounts that only this test is in.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::UdpSocket;
use std::os::fd::AsFd as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use rustix::net::netlink::SocketAddrNetlink;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, recv, sendto, socket};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tempfile::TempDir;

use super::agent::{Outcome, run, start, wait};

/// Namespaces with an `/etc/resolv.conf` of their own, and a loopback interface.
struct Namespaces {
    keeper: Child,
    _directory: TempDir,
}

impl Namespaces {
    fn new(resolv_conf: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("resolv.conf");
        fs::write(&path, resolv_conf).unwrap();
        // They live as long as `cat` does.
        let mut keeper = Command::new("unshare")
            .args(["--net", "--mount", "--kill-child", "--", "sh", "-c"])
            .arg(r#"mount --bind "$0" /etc/resolv.conf && echo made && exec cat"#)
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(keeper.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, "made\n", "needs root, to make namespaces");
        let namespaces = Self {
            keeper,
            _directory: directory,
        };
        namespaces.inside(interface_up);
        namespaces
    }

    /// Runs this in the network's namespace.
    fn inside<T: Send + 'static>(&self, act: impl FnOnce() -> T + Send + 'static) -> T {
        let namespace = PathBuf::from(format!("/proc/{}/ns/net", self.keeper.id()));
        let enter = move || {
            let namespace = File::open(namespace).unwrap();
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network)).unwrap();
            act()
        };
        thread::spawn(enter).join().unwrap()
    }

    /// `wait` in these namespaces.
    fn wait(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args([
            "--net",
            "--mount",
            "--target",
            &self.keeper.id().to_string(),
            "--",
        ]);
        command.arg(wait().get_program()).args(wait().get_args());
        command
            .env_remove("SSL_CERT_FILE")
            .env_remove("RES_OPTIONS")
            .env_remove("LOCALDOMAIN");
        command
    }

    fn run(&self, words: &[&str]) -> Outcome {
        run(self.wait().args(words))
    }
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
    }
}

/// Sets the loopback interface up: its index is 1 in each namespace (`rtnetlink(7)`, `netlink(7)`).
fn interface_up() {
    const NEW_LINK: u16 = 16;
    const REQUEST_AND_ACKNOWLEDGE: u16 = 1 | 4;
    const UP: u32 = 1;
    // Protocol 0 is NETLINK_ROUTE.
    let socket = socket(AddressFamily::NETLINK, SocketType::RAW, None).unwrap();
    let mut message = Vec::new();
    message.write_all(&32_u32.to_ne_bytes()).unwrap();
    message.write_all(&NEW_LINK.to_ne_bytes()).unwrap();
    message.write_all(&REQUEST_AND_ACKNOWLEDGE.to_ne_bytes()).unwrap();
    message.write_all(&[0; 8]).unwrap();
    // Family, padding and type are nothing; then the index, the flags, and which of them are to change.
    message.write_all(&[0; 4]).unwrap();
    for word in [1, UP, UP] {
        message.write_all(&word.to_ne_bytes()).unwrap();
    }
    sendto(
        &socket,
        &message,
        SendFlags::empty(),
        &SocketAddrNetlink::new(0, 0),
    )
    .unwrap();
    let mut answer = [0_u8; 128];
    recv(&socket, &mut answer, RecvFlags::empty()).unwrap();
    let error = i32::from_ne_bytes(answer[16..20].try_into().unwrap());
    assert_eq!(error, 0, "the kernel sets the loopback interface up");
}

/// A name server on that address: `knows` says for the number of questions before, whether it has an address for names.
fn name_server(
    namespaces: &Namespaces,
    address: &'static str,
    knows: impl Fn(usize) -> bool + Send + 'static,
) {
    let socket = namespaces.inside(move || UdpSocket::bind((address, 53)).unwrap());
    thread::spawn(move || {
        let mut question = [0; 512];
        for before in 0.. {
            let Ok((length, from)) = socket.recv_from(&mut question) else {
                return;
            };
            let _ = socket.send_to(&answer_to(&question[..length], knows(before)), from);
        }
    });
}

/// An answer (RFC 1035, section 4.1): 127.0.0.1 for a question of type A, nothing for another one, or no such name.
fn answer_to(question: &[u8], known: bool) -> Vec<u8> {
    let end_of_name = 12 + question[12..].iter().position(|byte| *byte == 0).unwrap() + 1;
    let asked = &question[12..end_of_name + 4];
    let address = known && question[end_of_name + 1] == 1;
    let mut answer = question[..2].to_vec();
    answer.extend([0x84, if known { 0x80 } else { 0x83 }]);
    answer.extend([0, 1, 0, u8::from(address), 0, 0, 0, 0]);
    answer.extend(asked);
    if address {
        answer.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 0, 0, 1]);
    }
    answer
}

#[test]
fn a_name_server_that_never_answers_does_not_hold_the_agent() {
    let namespaces = Namespaces::new("nameserver 127.0.0.1\n");
    let _silent = namespaces.inside(|| UdpSocket::bind(("127.0.0.1", 53)).unwrap());
    for target in [
        "dns://a.example",
        "tcp://a.example:80",
        "http://a.example/",
        "https://a.example/",
    ] {
        for budget in ["300ms", "1s"] {
            let outcome = namespaces.run(&[target, "--budget", budget, "--per-probe=200ms"]);
            assert_eq!(outcome.code, Some(3), "{target}: {}", outcome.stderr);
            outcome.within(writeway_agent::arguments::duration(budget).unwrap(), target);
            let reason = "its name is not resolved: the name server has not answered in time";
            assert!(outcome.lines()[0].ends_with(reason), "{}", outcome.stderr);
        }
    }
}

#[test]
fn sigterm_ends_it_while_a_lookup_hangs() {
    let namespaces = Namespaces::new("nameserver 127.0.0.1\n");
    let socket = namespaces.inside(|| UdpSocket::bind(("127.0.0.1", 53)).unwrap());
    let agent = start(namespaces.wait().args(["dns://a.example", "--budget=1h"]));
    // The question says that it is under way. `nsenter` has become the agent.
    socket.recv_from(&mut [0; 512]).unwrap();
    let sent = std::time::Instant::now();
    rustix::process::kill_process(
        rustix::process::Pid::from_child(&agent.child),
        rustix::process::Signal::TERM,
    )
    .unwrap();
    let outcome = agent.end();
    let took = sent.elapsed();
    assert_eq!(outcome.code, Some(143), "{}", outcome.stderr);
    assert!(took < Duration::from_millis(100) + outcome.stalled, "{took:?}");
}

#[test]
fn a_name_that_comes_later() {
    let namespaces = Namespaces::new("nameserver 127.0.0.1\n");
    name_server(&namespaces, "127.0.0.1", |before| before >= 4);
    let outcome = namespaces.run(&["dns://a.example", "--budget=20s", "--interval=10ms"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let lines = outcome.lines();
    assert_eq!(
        lines[0],
        "dns://a.example: its name is not resolved: Name or service not known"
    );
    assert!(lines[1].starts_with("dns://a.example: ready after "), "{lines:?}");
}

#[test]
fn a_name_server_that_is_not_there_is_said() {
    let namespaces = Namespaces::new("nameserver 127.0.0.1\n");
    let outcome = namespaces.run(&["dns://a.example", "--budget=300ms"]);
    assert_eq!(outcome.code, Some(3));
    let reason = "its name is not resolved: Temporary failure in name resolution";
    assert!(outcome.lines()[0].ends_with(reason), "{}", outcome.stderr);
}

#[test]
fn an_answer_that_takes_longer_than_a_look_counts() {
    // The first server never answers; after a second the C library asks the other one.
    let namespaces = Namespaces::new("nameserver 127.0.0.2\nnameserver 127.0.0.1\noptions timeout:1\n");
    let _silent = namespaces.inside(|| UdpSocket::bind(("127.0.0.2", 53)).unwrap());
    name_server(&namespaces, "127.0.0.1", |_| true);
    let outcome = namespaces.run(&["dns://a.example", "--budget=20s", "--per-probe=300ms"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
}

#[test]
fn a_server_is_found_by_its_name() {
    let namespaces = Namespaces::new("nameserver 127.0.0.1\n");
    name_server(&namespaces, "127.0.0.1", |_| true);
    let (sender, receiver) = channel();
    let listener = namespaces.inside(|| std::net::TcpListener::bind(("127.0.0.1", 80)).unwrap());
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let Ok(head) = super::server::head(&mut stream) else {
                continue;
            };
            let _ = stream.write_all(super::server::answer(200, "").as_bytes());
            let _ = sender.send(head);
        }
    });
    let outcome = namespaces.run(&["http://a.example/", "tcp://a.example:80", "--budget=20s"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let head = receiver.recv().unwrap().to_lowercase();
    assert!(head.contains("host: a.example\r\n"), "{head}");
}
