// SPDX-License-Identifier: Apache-2.0
//! Credentials: from files, to one server, and nowhere else; nothing secret in any output.

use std::fs;

use tempfile::TempDir;

use super::agent::{run, run_wait, wait};
use super::authority::{Authority, Valid};
use super::server::{Server, answer};

const SECRET: &str = "s3cr3t-t0ken";

fn file(directory: &TempDir, name: &str, text: &str) -> String {
    let path = directory.path().join(name);
    fs::write(&path, text).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn a_token_and_headers_are_sent_from_files() {
    let directory = TempDir::new().unwrap();
    let token = file(&directory, "token", &format!("{SECRET}\n"));
    let headers = file(&directory, "headers", "X-Gitea-OTP: 123456\n\nx-other:a: b\r\n");
    let server = Server::http(|_, _| answer(200, ""));
    let url = server.url("http", "/");
    let outcome = run_wait(&[&url, "--token-file", &token, "--header-file", &headers, "-v"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let request = server.requests().concat();
    for line in [
        format!("authorization: Bearer {SECRET}\r\n"),
        "x-gitea-otp: 123456\r\n".to_owned(),
        "x-other: a: b\r\n".to_owned(),
    ] {
        assert!(request.contains(&line), "{line}: {request}");
    }
}

#[test]
fn h4_2_no_redirect_is_followed_with_credentials_or_without() {
    let directory = TempDir::new().unwrap();
    let token = file(&directory, "token", SECRET);
    let elsewhere = Server::http(|_, _| answer(200, ""));
    let location = elsewhere.url("http", "/");
    for status in [301, 302, 303, 307, 308] {
        let location = location.clone();
        let server = Server::http(move |_, _| {
            format!("HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
        });
        for more in [&["--token-file", token.as_str()][..], &[]] {
            let url = server.url("http", "/");
            let outcome = run(wait().args([&url, "--accept=200", "--budget=100ms"]).args(more));
            assert_eq!(outcome.code, Some(3));
            let reason = format!("{url}: {status} (not in 200; redirects are not followed)");
            assert_eq!(outcome.lines()[0], reason);
        }
    }
    assert_eq!(elsewhere.requests(), Vec::<String>::new());
}

#[test]
fn a_token_that_is_written_or_renewed_later_is_taken() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("token");
    let (new, written) = (path.clone(), path.to_str().unwrap().to_owned());
    let server = Server::http(move |request, before| {
        if before == 0 {
            fs::write(&new, "second").unwrap();
        }
        let right = request.contains("authorization: Bearer second\r\n");
        answer(if right { 200 } else { 401 }, "")
    });
    let mut agent = super::agent::start(wait().args([
        &server.url("http", "/"),
        "--token-file",
        &written,
        "--interval=10ms",
    ]));
    assert!(agent.line().ends_with("No such file or directory (ENOENT)\n"));
    fs::write(&path, "first").unwrap();
    let outcome = agent.end();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains(": 401 (not in 200-399)\n"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn files_without_credentials_are_named_and_nothing_in_them() {
    let directory = TempDir::new().unwrap();
    let server = Server::http(|_, _| answer(200, ""));
    for (option, text, reason) in [
        ("--token-file", "\n", "it is empty"),
        ("--token-file", "s3cr3t\nt0ken", "it has more than one line"),
        ("--header-file", "A: b\ns3cr3t", "line 2 of "),
        ("--header-file", "s3cr3t name: value", "line 1 of "),
        ("--header-file", "A: s3cr3t\u{1}", "line 1 of "),
    ] {
        let path = file(&directory, "credentials", text);
        let outcome = run_wait(&[&server.url("http", "/"), option, &path, "--budget=100ms"]);
        assert_eq!(outcome.code, Some(3));
        assert!(outcome.stderr.contains(reason), "{reason}: {}", outcome.stderr);
        assert!(outcome.stderr.contains(&path));
        assert!(!outcome.stderr.contains("s3cr3t"), "{}", outcome.stderr);
    }
    assert_eq!(server.requests().len(), 0);
}

#[test]
fn what_has_no_end_is_not_read() {
    let directory = TempDir::new().unwrap();
    let fifo = directory.path().join("fifo");
    let flags = (rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU);
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, flags.0, flags.1, 0).unwrap();
    let large = file(&directory, "large", &"a".repeat(65 << 10));
    for (path, reason) in [
        (fifo.to_str().unwrap(), "it is no regular file"),
        ("/dev/zero", "it is no regular file"),
        (&large, "it has more than 64 KiB"),
    ] {
        let outcome = run_wait(&["http://127.0.0.1:1/", "--token-file", path, "--budget=200ms"]);
        assert_eq!(outcome.code, Some(3));
        assert!(outcome.stderr.contains(reason), "{reason}: {}", outcome.stderr);
    }
    for path in [fifo.to_str().unwrap(), "/dev/zero"] {
        let outcome = run_wait(&["https://127.0.0.1:1/", "--ca", path]);
        assert_eq!(outcome.code, Some(2));
        assert!(
            outcome.stderr.contains("it is no regular file"),
            "{}",
            outcome.stderr
        );
    }
}

#[test]
fn credentials_go_to_one_server_and_never_to_whoever_answers() {
    let directory = TempDir::new().unwrap();
    let token = file(&directory, "token", SECRET);
    for words in [
        &["http://127.0.0.1:1/", "http://127.0.0.1:2/"][..],
        &["http://a/", "https://a/"],
        &["https://a/", "--insecure-skip-tls-verify"],
    ] {
        let outcome = run(wait().args(words).args(["--token-file", &token]));
        assert_eq!(outcome.code, Some(2), "{words:?}: {}", outcome.stderr);
    }
    let server = Server::http(|_, _| answer(200, ""));
    let outcome = run_wait(&[
        &server.url("http", "/a"),
        &server.url("http", "/b"),
        "--token-file",
        &token,
    ]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn h4_7_nothing_secret_is_in_any_output() {
    let directory = TempDir::new().unwrap();
    let token = file(&directory, "token", SECRET);
    // The server gives everything back that it gets, in each place where something can be.
    let server = Server::http(|request, _| {
        let line = request.replace("\r\n", " ");
        format!(
            "HTTP/1.1 503 {line}\r\nX-Echo: {line}\r\nLocation: http://{line}/\r\nContent-Length: 0\r\n\r\n"
        )
    });
    let broken = Server::tcp(|stream| {
        let head = super::server::head(stream)?;
        stream.write_all(head.as_bytes())
    });
    for server in [&server, &broken] {
        let url = server.url("http", &format!("/?access_token={SECRET}#{SECRET}"));
        let outcome = run_wait(&[
            &url,
            "--token-file",
            &token,
            "-v",
            "--budget=200ms",
            "--interval=20ms",
        ]);
        assert_eq!(outcome.code, Some(3));
        assert!(!outcome.stderr.contains(SECRET), "{}", outcome.stderr);
        assert!(
            outcome.lines()[0].starts_with(&server.url("http", "/?…: ")),
            "{}",
            outcome.stderr
        );
    }
    for target in [
        format!("http://user:{SECRET}@127.0.0.1:1/"),
        format!("https://{SECRET}@127.0.0.1:1/"),
        format!("http://{SECRET} /"),
        format!("http:///{SECRET}"),
        format!("ftp://user:{SECRET}@h/"),
        format!("user:{SECRET}@127.0.0.1:1"),
        format!("tcp://user:{SECRET}@127.0.0.1:1"),
    ] {
        let outcome = run_wait(&[&target]);
        assert_eq!(outcome.code, Some(2), "{target}: {}", outcome.stderr);
        assert!(!outcome.stderr.contains(SECRET), "{}", outcome.stderr);
    }
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let proxy = Server::http(|_, _| answer(503, ""));
    let server = Server::http(|_, _| answer(200, ""));
    let mut command = wait();
    for variable in [
        "http_proxy",
        "HTTP_PROXY",
        "https_proxy",
        "HTTPS_PROXY",
        "all_proxy",
        "ALL_PROXY",
    ] {
        command.env(variable, proxy.url("http", ""));
    }
    let outcome = run(command.args([&server.url("http", "/"), "--budget=2s"]));
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(proxy.requests().len(), 0);
}

#[test]
fn an_unsafe_choice_is_one_that_is_made() {
    let authority = Authority::new();
    let config = authority.server("elsewhere.example", Valid::Before);
    let server = Server::https(config, |_, _| answer(200, ""));
    let url = server.url("https", "/");
    assert_eq!(run_wait(&[&url, "--budget=300ms"]).code, Some(3));
    let outcome = run_wait(&[&url, "--insecure-skip-tls-verify", "--budget=5s"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
}
