// SPDX-License-Identifier: Apache-2.0
//! Certificates: which are taken, and what is said of the others.

use super::agent::{run, run_wait, wait};
use super::authority::{Authority, Valid};
use super::server::{Server, answer};

#[test]
fn a_wrong_certificate_is_refused_with_its_reason() {
    let (authority, other, renewed) = (
        Authority::new(),
        Authority::named("Another one"),
        Authority::new(),
    );
    let (trusted, not_trusted, renewed) = (authority.word(), other.word(), renewed.word());
    for (name, valid, ca, reason) in [
        (
            "127.0.0.1",
            Valid::Now,
            &not_trusted,
            "its certificate is of an authority that is not trusted",
        ),
        (
            "127.0.0.1",
            Valid::Now,
            &renewed,
            "its certificate is of an authority that is not trusted",
        ),
        (
            "127.0.0.2",
            Valid::Now,
            &trusted,
            "its certificate is for another name",
        ),
        (
            "localhost",
            Valid::Now,
            &trusted,
            "its certificate is for another name",
        ),
        (
            "127.0.0.1",
            Valid::Before,
            &trusted,
            "its certificate has expired",
        ),
        (
            "127.0.0.1",
            Valid::Later,
            &trusted,
            "its certificate is not valid yet",
        ),
    ] {
        let server = Server::https(authority.server(name, valid), |_, _| answer(200, ""));
        let outcome = run_wait(&[&server.url("https", "/"), "--ca", ca, "--budget=300ms"]);
        assert_eq!(outcome.code, Some(3), "{reason}: {}", outcome.stderr);
        assert!(
            outcome.lines()[0].contains(reason),
            "{reason}: {}",
            outcome.stderr
        );
        assert_eq!(server.requests().len(), 0, "nothing is sent to it");
    }
}

#[test]
fn authorities_come_from_options_or_the_environment() {
    let (authority, other) = (Authority::new(), Authority::new());
    let config = authority.server("localhost", Valid::Now);
    let server = Server::https(config, |_, _| answer(200, ""));
    let url = format!("https://localhost:{}/", server.address.port());
    let right = authority.word();
    for (ready, words, variable) in [
        (true, vec!["--ca", right.as_str()], None),
        (true, vec!["--ca", &other.word(), "--ca", &right], None),
        (true, vec![], Some(&right)),
        (false, vec![], Some(&other.word())),
        // What an option names is what counts.
        (false, vec!["--ca", &other.word()], Some(&right)),
        (false, vec![], None),
    ] {
        let mut command = wait();
        command.args([&url, "--budget=500ms"]).args(&words);
        if let Some(file) = variable {
            command.env("SSL_CERT_FILE", file);
        }
        let outcome = run(&mut command);
        let code = if ready { 0 } else { 3 };
        assert_eq!(
            outcome.code,
            Some(code),
            "{words:?} {variable:?}: {}",
            outcome.stderr
        );
    }
}

#[test]
fn a_file_without_certificates_is_wrong_usage() {
    let authority = Authority::new();
    let empty = authority.file().with_file_name("empty");
    std::fs::write(&empty, "no certificate\n").unwrap();
    for file in [empty.to_str().unwrap(), "/nothing/there", "/"] {
        let outcome = run_wait(&["https://127.0.0.1:1/", "--ca", file]);
        assert_eq!(outcome.code, Some(2), "{}", outcome.stderr);
        assert!(
            outcome.stderr.contains(&format!("no certificates in {file}: ")),
            "{}",
            outcome.stderr
        );
    }
    // Where nobody asks for TLS, nobody reads it.
    assert_eq!(run_wait(&["file:/", "--ca", "/nothing/there"]).code, Some(0));
}
