// SPDX-License-Identifier: Apache-2.0
//! Files and Unix domain sockets that come later.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::time::Duration;

use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, connect, listen, socket_with,
};
use tempfile::TempDir;

use super::agent::{run_wait, start, wait};

/// Waits for this; does that when the agent has said so far; and it has to be ready then.
fn comes_later(target: &str, reasons: &[(&str, &dyn Fn())]) {
    let mut agent = start(wait().args([target, "--budget=20s", "--interval=10ms", "--max-interval=50ms"]));
    for (reason, act) in reasons {
        let line = agent.line();
        assert_eq!(line, format!("writeway-agent wait: {target}: {reason}\n"));
        act();
    }
    let outcome = agent.end();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    outcome.within(Duration::from_secs(5), target);
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_file_that_comes_later() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("a file");
    let target = format!("file:{}", text(&path));
    comes_later(
        &target,
        &[("No such file or directory (ENOENT)", &|| {
            fs::write(&path, "").unwrap()
        })],
    );
}

#[test]
fn a_file_that_gets_content_later() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("file");
    comes_later(
        &format!("non-empty:{}", text(&path)),
        &[
            ("No such file or directory (ENOENT)", &|| {
                fs::write(&path, "").unwrap()
            }),
            ("it is empty", &|| fs::write(&path, "x").unwrap()),
        ],
    );
    let sub = directory.path().join("sub");
    fs::create_dir(&sub).unwrap();
    comes_later(
        &format!("non-empty:{}", text(&sub)),
        &[("it is empty", &|| fs::write(sub.join("x"), "").unwrap())],
    );
}

#[test]
fn a_key_of_a_mounted_secret_is_a_link() {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("..2026_11_22")).unwrap();
    fs::write(directory.path().join("..2026_11_22/token"), "x").unwrap();
    symlink("..2026_11_22", directory.path().join("..data")).unwrap();
    symlink("..data/token", directory.path().join("token")).unwrap();
    let target = format!("non-empty:{}", text(&directory.path().join("token")));
    assert_eq!(run_wait(&[&target]).code, Some(0));
}

#[test]
fn what_has_no_content_of_its_own_is_not_opened() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("fifo");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RWXU,
        0,
    )
    .unwrap();
    let outcome = run_wait(&[&format!("non-empty:{}", text(&path)), "--budget=200ms"]);
    assert_eq!(outcome.code, Some(3));
    assert!(
        outcome.stderr.contains("it is neither a file nor a directory"),
        "{}",
        outcome.stderr
    );
    outcome.within(Duration::from_millis(200), "a FIFO");
}

#[test]
fn a_socket_that_listens_later() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("socket");
    let listener = std::cell::OnceCell::new();
    let left = || drop(UnixListener::bind(&path).unwrap());
    let serve = || {
        fs::remove_file(&path).unwrap();
        listener.set(UnixListener::bind(&path).unwrap()).unwrap();
    };
    comes_later(
        &format!("unix:{}", text(&path)),
        &[
            ("No such file or directory (ENOENT)", &left),
            ("Connection refused (ECONNREFUSED)", &serve),
        ],
    );
}

#[test]
fn sockets_of_each_type_are_found() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("datagram");
    let _datagram = UnixDatagram::bind(&path).unwrap();
    assert_eq!(run_wait(&[&format!("unix://{}", text(&path))]).code, Some(0));

    let path = directory.path().join("packets");
    let packets = socket_with(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .unwrap();
    bind(&packets, &SocketAddrUnix::new(&path).unwrap()).unwrap();
    listen(&packets, 1).unwrap();
    assert_eq!(run_wait(&[&format!("unix:{}", text(&path))]).code, Some(0));
}

#[test]
fn a_socket_whose_queue_is_full_does_not_hold_the_agent() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("full");
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let socket = || socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap();
    let listener = socket();
    let address = SocketAddrUnix::new(&path).unwrap();
    bind(&listener, &address).unwrap();
    listen(&listener, 0).unwrap();
    let mut queued = vec![socket()];
    while connect(queued.last().unwrap(), &address).is_ok() {
        queued.push(socket());
    }
    let outcome = run_wait(&[&format!("unix:{}", text(&path)), "--budget=300ms"]);
    assert_eq!(outcome.code, Some(3));
    assert!(
        outcome.stderr.contains("its queue of connections is full"),
        "{}",
        outcome.stderr
    );
    outcome.within(Duration::from_millis(300), "a full queue");
}

#[test]
fn a_file_system_that_hangs_does_not_hold_the_agent() {
    let directory = TempDir::new().unwrap();
    // A file system in user space, whose server never answers; in a namespace of mounts of its own.
    let mut command = std::process::Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c"]);
    command.arg(
        r#"exec 3<>/dev/fuse && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 none "$0" && exec "$@""#,
    );
    command.arg(directory.path());
    command.arg(wait().get_program()).args(wait().get_args());
    let hangs = format!("file:{}", text(&directory.path().join("x")));
    command.args([&hangs, "file:/nothing/there", "--budget=1s"]);
    let outcome = super::agent::run(&mut command);
    assert_eq!(
        outcome.code,
        Some(3),
        "needs root and /dev/fuse, for a mount: {}",
        outcome.stderr
    );
    // The shell and its mount take their time, too.
    outcome.within(Duration::from_millis(1200), "a file system that hangs");
    for missing in [
        format!("{hangs}: the first look has not ended"),
        "file:/nothing/there: No such file or directory (ENOENT)".to_owned(),
    ] {
        assert!(outcome.stderr.contains(&missing), "{missing}: {}", outcome.stderr);
    }
}
