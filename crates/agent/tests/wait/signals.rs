// SPDX-License-Identifier: Apache-2.0
//! SIGTERM ends `wait` at once, also where it is the first process of a container, which the kernel does not end by a
//! signal without a handler (`pid_namespaces(7)`).

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::agent::{start, wait};
use super::server::{Server, closed_port, silence};

#[test]
fn sigterm_ends_it_at_once_whatever_it_looks_at() {
    let silent = Server::tcp(|stream| silence(stream));
    let (_refuses, refuses) = closed_port();
    for target in [silent.url("http", "/"), format!("tcp://{refuses}")] {
        // The first line says that it is at work.
        let targets = ["file:/nothing/there", target.as_str(), "--budget=1h"];
        for (signal, code) in [(Signal::TERM, 143), (Signal::INT, 130)] {
            let mut agent = start(wait().args(targets));
            agent.line();
            let sent = Instant::now();
            kill_process(Pid::from_child(&agent.child), signal).unwrap();
            let outcome = agent.end();
            let took = sent.elapsed();
            assert_eq!(outcome.code, Some(code), "{}", outcome.stderr);
            assert!(took < Duration::from_millis(100) + outcome.stalled, "{took:?}");
        }
    }
}

#[test]
fn sigterm_ends_the_first_process_of_a_container() {
    let mut command = Command::new("unshare");
    command.args(["--pid", "--fork", "--mount-proc", "--kill-child"]);
    command.arg(wait().get_program()).args(wait().get_args());
    command.args(["file:/nothing/there", "--budget=1h"]);
    let mut agent = start(&mut command);
    let line = agent.line();
    assert!(
        line.contains("ENOENT"),
        "needs root, to make a namespace of processes: {line}"
    );
    let unshare = agent.child.id();
    let children = fs::read_to_string(format!("/proc/{unshare}/task/{unshare}/children")).unwrap();
    let first: i32 = children.trim().parse().unwrap();
    let namespaces = fs::read_to_string(format!("/proc/{first}/status")).unwrap();
    assert!(
        namespaces.contains(&format!("NSpid:\t{first}\t1\n")),
        "it is the first process: {namespaces}"
    );
    let sent = Instant::now();
    kill_process(Pid::from_raw(first).unwrap(), Signal::TERM).unwrap();
    let outcome = agent.end();
    let took = sent.elapsed();
    assert_eq!(outcome.code, Some(143), "{}", outcome.stderr);
    assert!(took < Duration::from_millis(100) + outcome.stalled, "{took:?}");
}
