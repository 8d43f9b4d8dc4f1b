// SPDX-License-Identifier: Apache-2.0
//! What an answer means, and what is said of it.

use super::agent::run_wait;
use super::server::{Server, answer};

#[test]
fn h4_2_readiness_accepts_a_declared_set_of_statuses() {
    for (status, accept, ready) in [
        (200, None, true),
        (204, None, true),
        // A kubelet's probe takes a redirect for success, too.
        (302, None, true),
        (401, None, false),
        (403, None, false),
        (404, None, false),
        (500, None, false),
        (503, None, false),
        (403, Some("200,403"), true),
        (401, Some("200-399,401"), true),
        (500, Some("any"), true),
        (200, Some("401"), false),
        (302, Some("200-299"), false),
    ] {
        let server = Server::http(move |_, _| answer(status, "<html>"));
        let url = server.url("http", "/healthz");
        let mut words = vec![url.as_str(), "--budget=200ms"];
        if let Some(accept) = accept {
            words.extend(["--accept", accept]);
        }
        let outcome = run_wait(&words);
        let code = if ready { 0 } else { 3 };
        assert_eq!(
            outcome.code,
            Some(code),
            "{status} {accept:?}: {}",
            outcome.stderr
        );
        let said = if ready {
            format!("{url}: ready after ")
        } else {
            format!("{url}: {status} (not in {}", accept.unwrap_or("200-399"))
        };
        assert!(outcome.lines()[0].starts_with(&said), "{}", outcome.stderr);
    }
}

#[test]
fn h4_2_html_of_a_proxy_is_not_the_program() {
    for (content_type, wanted, reason) in [
        ("application/json; charset=utf-8", "application/json", None),
        ("Application/JSON", "application/json", None),
        (
            "text/html",
            "application/json",
            Some("200, but HTML instead of application/json"),
        ),
        (
            "text/plain",
            "application/json",
            Some("200, but not application/json"),
        ),
        ("", "application/json", Some("200, but not application/json")),
    ] {
        let server = Server::http(move |_, _| {
            format!("HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: 2\r\n\r\n{{}}")
        });
        let url = server.url("http", "/");
        let outcome = run_wait(&[&url, "--content-type", wanted, "--budget=200ms"]);
        match reason {
            None => assert_eq!(outcome.code, Some(0), "{}", outcome.stderr),
            Some(reason) => {
                assert_eq!(outcome.code, Some(3));
                assert_eq!(outcome.lines()[0], format!("{url}: {reason}"));
            }
        }
    }
}

#[test]
fn each_change_of_state_is_one_line() {
    let server = Server::http(|_, before| {
        answer(
            [503, 503, 503, 401, 401, 200].get(before).copied().unwrap_or(200),
            "",
        )
    });
    let url = server.url("http", "/healthz");
    let outcome = run_wait(&[&url, "--budget=20s", "--interval=10ms"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let lines = outcome.lines();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines[0], format!("{url}: 503 (not in 200-399)"));
    assert_eq!(lines[1], format!("{url}: 401 (not in 200-399)"));
    assert!(lines[2].starts_with(&format!("{url}: ready after ")), "{lines:?}");
    assert_eq!(server.requests().len(), 6);

    let quiet = run_wait(&[&url, "--budget=20s", "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
}

#[test]
fn lines_can_be_json() {
    let server = Server::http(|_, _| answer(200, ""));
    let outcome = run_wait(&[&server.url("http", "/"), "--log-format=json"]);
    let line: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!(
        (line["verb"].as_str(), line["level"].as_str()),
        (Some("wait"), Some("info"))
    );
    assert!(line["message"].as_str().unwrap().contains(": ready after "));
}

#[test]
fn a_request_says_who_asks_and_asks_for_no_compression() {
    let server = Server::http(|_, _| answer(200, ""));
    let outcome = run_wait(&[&server.url("http", "/a/b%20c?key=value")]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let requests = server.requests();
    let [request] = requests.as_slice() else {
        panic!("{requests:?}")
    };
    let request = request.to_lowercase();
    assert!(
        request.starts_with("get /a/b%20c?key=value http/1.1\r\n"),
        "{request}"
    );
    for header in [
        format!("host: {}\r\n", server.address),
        "user-agent: writeway-agent/".to_owned(),
        "accept-encoding: identity\r\n".to_owned(),
    ] {
        assert!(request.contains(&header), "{header}: {request}");
    }
}
