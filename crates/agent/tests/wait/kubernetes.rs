// SPDX-License-Identifier: Apache-2.0
//! `k8s://…` against a server that answers as the API does.

use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use super::agent::{Outcome, run, start, wait};
use super::authority::{Authority, Valid};
use super::server::{Server, answer, for_ever, head};

/// An API server, with its authority and a token.
struct Api {
    server: Server,
    authority: Authority,
}

impl Api {
    fn new(answer: impl Fn(&str, usize) -> String + Send + Sync + 'static) -> Self {
        let authority = Authority::new();
        fs::write(authority.file().with_file_name("token"), "the-token\n").unwrap();
        let server = Server::https(authority.server("127.0.0.1", Valid::Now), answer);
        Self { server, authority }
    }

    fn token_file(&self) -> String {
        self.authority
            .file()
            .with_file_name("token")
            .to_str()
            .unwrap()
            .to_owned()
    }

    fn wait(&self, words: &[&str]) -> Command {
        let mut command = wait();
        command.args(words).args([
            "--interval=10ms",
            "--kube-api-server",
            &self.server.url("https", ""),
            "--kube-ca",
            &self.authority.word(),
            "--kube-token-file",
            &self.token_file(),
        ]);
        command
    }

    fn run(&self, words: &[&str]) -> Outcome {
        run(&mut self.wait(words))
    }
}

/// The last of these answers is given for ever.
fn one_after_the_other(
    answers: &[(u16, &'static str)],
) -> impl Fn(&str, usize) -> String + Send + Sync + 'static {
    let answers = answers.to_vec();
    move |_, before| {
        let (status, body) = answers[before.min(answers.len() - 1)];
        answer(status, body)
    }
}

const NOT_FOUND: &str = r#"{"kind":"Status","status":"Failure","reason":"NotFound","code":404}"#;
const FORBIDDEN: &str = r#"{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}"#;

/// Each change that is told, for a target with these answers, before it is ready.
fn becomes_ready(target: &str, shown: &str, answers: &[(u16, &'static str)], reasons: &[&str]) -> Api {
    let api = Api::new(one_after_the_other(answers));
    let outcome = api.run(&[target, "--budget=20s"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let lines = outcome.lines();
    let (ready, before) = lines.split_last().unwrap();
    assert!(ready.starts_with(&format!("{shown}: ready after ")), "{lines:?}");
    let expected: Vec<String> = reasons
        .iter()
        .map(|reason| format!("{shown}: {reason}"))
        .collect();
    assert_eq!(before, expected);
    api
}

#[test]
fn an_object_that_comes_later() {
    let api = becomes_ready(
        "k8s://apps/secret/token",
        "k8s://apps/secrets/token",
        &[(404, NOT_FOUND), (404, NOT_FOUND), (200, "{}")],
        &["404: secrets/token in apps is not there"],
    );
    let requests = api.server.requests();
    assert_eq!(requests.len(), 3);
    let request = &requests[0];
    assert!(
        request.starts_with("GET /api/v1/namespaces/apps/secrets/token HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("authorization: Bearer the-token\r\n"),
        "{request}"
    );
    // The values are not asked for.
    assert!(
        request.contains("application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"),
        "{request}"
    );
}

#[test]
fn a_condition_that_turns_later() {
    becomes_ready(
        "k8s://apps/deploy/web?condition=available",
        "k8s://apps/deployments/web?condition=available=True",
        &[
            (200, r#"{"metadata":{"generation":2},"status":{}}"#),
            (
                200,
                r#"{"metadata":{"generation":2},"status":{"observedGeneration":1,"conditions":[{"type":"Available","status":"True"}]}}"#,
            ),
            (
                200,
                r#"{"metadata":{"generation":2},"status":{"observedGeneration":2,"conditions":[{"type":"Progressing","status":"True"},{"type":"Available","status":"False","reason":"MinimumReplicasUnavailable","message":"s3cr3t"}]}}"#,
            ),
            (
                200,
                r#"{"metadata":{"generation":2},"spec":{"deep":[[[{"a":null}]]]},"status":{"observedGeneration":2,"conditions":[{"type":"Available","status":"True"}]}}"#,
            ),
        ],
        &[
            "it has no condition available yet",
            "its condition available is not of its latest change",
            "its condition available is False (MinimumReplicasUnavailable)",
        ],
    );
}

#[test]
fn a_key_that_is_filled_later() {
    becomes_ready(
        "k8s://apps/secret/minted?key=token",
        "k8s://apps/secrets/minted?key=token",
        &[
            (404, NOT_FOUND),
            (200, r#"{"kind":"Secret"}"#),
            (200, r#"{"kind":"Secret","data":{"user":"Z2l0ZWE="}}"#),
            (200, r#"{"kind":"Secret","data":{"token":"","user":"Z2l0ZWE="}}"#),
            (200, r#"{"kind":"Secret","data":{"token":"Cg=="}}"#),
            (200, r#"{"kind":"Secret","data":{"token":"czNjcjN0"}}"#),
        ],
        &[
            "404: secrets/minted in apps is not there",
            "it has no key token",
            "its key token is empty",
        ],
    );
    becomes_ready(
        "k8s://apps/cm/settings?key=a.conf",
        "k8s://apps/configmaps/settings?key=a.conf",
        &[
            (200, r#"{"data":{"a.conf":" "}}"#),
            (200, r#"{"data":{"a.conf":"x"}}"#),
        ],
        &["its key a.conf is empty"],
    );
}

#[test]
fn permission_may_come_later_and_so_may_the_server() {
    becomes_ready(
        "k8s://apps/job/migrate?condition=Complete",
        "k8s://apps/jobs/migrate?condition=Complete=True",
        &[
            (503, ""),
            (401, ""),
            (403, FORBIDDEN),
            (429, ""),
            (
                200,
                r#"{"status":{"conditions":[{"type":"Complete","status":"True"}]}}"#,
            ),
        ],
        &[
            "503 of the API server",
            "401: the API server does not take the token",
            "403: `get` on jobs/migrate in apps is not allowed: bind a Role that allows it",
            "429 of the API server",
        ],
    );
}

#[test]
fn the_token_is_read_anew_for_each_look() {
    let api = Api::new(|request, _| {
        answer(
            if request.contains("Bearer renewed\r\n") {
                200
            } else {
                401
            },
            "{}",
        )
    });
    let mut agent = start(&mut api.wait(&["k8s://node/worker", "--budget=20s"]));
    assert!(agent.line().contains("401"));
    fs::write(api.token_file(), "renewed").unwrap();
    let outcome = agent.end();
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert!(api.server.requests()[0].starts_with("GET /api/v1/nodes/worker HTTP/1.1\r\n"));
}

#[test]
fn an_authority_that_is_not_trusted_gets_no_token() {
    let api = Api::new(|_, _| answer(200, "{}"));
    let other = Authority::new();
    let mut command = wait();
    command.args([
        "k8s://node/worker",
        "--budget=300ms",
        "--kube-api-server",
        &api.server.url("https", ""),
        "--kube-ca",
        &other.word(),
        "--kube-token-file",
        &api.token_file(),
    ]);
    let outcome = run(&mut command);
    assert_eq!(outcome.code, Some(3));
    assert!(
        outcome.stderr.contains("an authority that is not trusted"),
        "{}",
        outcome.stderr
    );
    assert_eq!(api.server.requests().len(), 0);
}

#[test]
fn h4_7_no_value_of_a_secret_is_in_any_output() {
    let body = r#"{"data":{"other":"czNjcjN0","token":"ICA="},"status":{"conditions":[{"type":"Ready","status":"s3cr3t value","reason":"s3cr3t value"}]}}"#;
    for query in ["key=token", "key=none", "condition=Ready"] {
        let api = Api::new(move |_, _| answer(200, body));
        let outcome = api.run(&[&format!("k8s://apps/secret/x?{query}"), "--budget=200ms", "-v"]);
        assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
        for secret in ["s3cr3t", "czNjcjN0", "the-token"] {
            assert!(!outcome.stderr.contains(secret), "{}", outcome.stderr);
        }
    }
}

#[test]
fn an_api_server_that_misbehaves_does_not_hold_the_agent() {
    let authority = Authority::new();
    let config = authority.server("127.0.0.1", Valid::Now);
    type Act = fn(&mut dyn super::server::Stream) -> std::io::Result<()>;
    for (what, act, reason) in [
        (
            "a body byte by byte",
            (|stream| {
                head(stream)?;
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"data\":{\"token\":\"")?;
                for_ever(stream, "A", Duration::from_millis(10))
            }) as Act,
            "no answer in time",
        ),
        (
            "a body without an end",
            |stream| {
                head(stream)?;
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"data\":{\"other\":\"")?;
                for_ever(stream, &"A".repeat(10_000), Duration::ZERO)
            },
            // Too long, or too late: it depends on how fast the machine is.
            "",
        ),
        (
            "JSON of another form",
            |stream| {
                head(stream)?;
                stream.write_all(answer(200, r#"{"data":[1,2]}"#).as_bytes())
            },
            "the answer is not such an object",
        ),
        (
            "too deep",
            |stream| {
                head(stream)?;
                stream.write_all(answer(200, &"[".repeat(100_000)).as_bytes())
            },
            "the answer is not such an object",
        ),
        (
            "half a body",
            |stream| {
                head(stream)?;
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"data\":{")
            },
            "the connection was closed before the answer ended",
        ),
        (
            "HTML",
            |stream| {
                head(stream)?;
                stream.write_all(answer(200, "<html>login</html>").as_bytes())
            },
            "the answer is not such an object",
        ),
    ] {
        let server = Server::tls(Arc::clone(&config), act);
        for budget in ["300ms", "1s"] {
            let outcome = run(wait().args([
                "k8s://apps/secret/minted?key=token",
                "--budget",
                budget,
                "--kube-ca",
                &authority.word(),
                "--kube-api-server",
                &server.url("https", "/"),
            ]));
            assert_eq!(outcome.code, Some(3), "{what}: {}", outcome.stderr);
            outcome.within(writeway_agent::arguments::duration(budget).unwrap(), what);
            assert!(outcome.stderr.contains(reason), "{what}: {}", outcome.stderr);
        }
    }
}

#[test]
fn in_a_pod_nothing_has_to_be_said() {
    let api = Api::new(|_, _| answer(200, r#"{"data":{"token":"YQ=="}}"#));
    // The pod's files, in a namespace of mounts of its own.
    let mut command = Command::new("unshare");
    command.args(["--mount", "--", "sh", "-c"]);
    command.arg(
        r#"d=/run/secrets/kubernetes.io/serviceaccount
        mount -t tmpfs none /run && mkdir -p $d && cp "$1" $d/ca.crt && cp "$2" $d/token && printf apps >$d/namespace &&
        [ /var/run -ef /run ] && shift 2 && exec "$@""#,
    );
    command.args(["sh", &api.authority.word(), &api.token_file()]);
    command
        .arg(wait().get_program())
        .args(["wait", "k8s://secret/minted?key=token", "--budget=5s"]);
    command.env("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    command.env("KUBERNETES_SERVICE_PORT", api.server.address.port().to_string());
    let outcome = run(&mut command);
    assert_eq!(
        outcome.code,
        Some(0),
        "needs root, for mounts: {}",
        outcome.stderr
    );
    let request = api.server.requests().concat();
    assert!(
        request.starts_with("GET /api/v1/namespaces/apps/secrets/minted HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(
        request.contains("authorization: Bearer the-token\r\n"),
        "{request}"
    );
}
