// SPDX-License-Identifier: Apache-2.0
//! Answers that no server should give, thousands of them: none brings the agent down, and none counts as an answer with
//! the wanted status.

use super::agent::{run, wait};
use super::server::{Server, head};

/// Numbers that look random, the same ones each time (Marsaglia, "Xorshift RNGs").
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

/// What answers are put together from.
const PARTS: [&str; 40] = [
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 503 No\r\n",
    "HTTP/1.1 100 Continue\r\n\r\n",
    "HTTP/1.1 101 Switching Protocols\r\n",
    "HTTP/1.1 103 Early Hints\r\n",
    "HTTP/1.1 204 No Content\r\n",
    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n",
    "HTTP/1.1 308 Moved\r\nLocation: ://\r\n",
    "HTTP/1.1 304 Not Modified\r\n",
    "HTTP/1.0 200\r\n",
    "HTTP/0.9 200 OK\r\n",
    "HTTP/2 200\r\n",
    "HTTP/1.1 99999 Many\r\n",
    "HTTP/1.1 000 None\r\n",
    "HTTP/1.1  200  OK\r\n",
    "http/1.1 200 ok\n",
    "Content-Length: 5\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: -1\r\n",
    "Content-Length: 18446744073709551616\r\n",
    "Content-Length: 9223372036854775807\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Content-Encoding: gzip\r\n",
    "Content-Type: application/json\r\n",
    "Connection: close\r\n",
    "Connection: Upgrade\r\nUpgrade: h2c\r\n",
    "Set-Cookie: a=b\r\n",
    " folded\r\n",
    "No colon\r\n",
    ": no name\r\n",
    "\r\n",
    "\n",
    "\0",
    "5\r\nhello\r\n",
    "ffffffffffffffff\r\n",
    "0\r\n\r\n",
    "{\"data\":{\"token\":\"\"}}",
    "{\"data\":{\"token\":\"\\ud800\"}}",
    "[[[[[[[[",
];

fn garbage(numbers: &mut Numbers) -> Vec<u8> {
    let mut text = Vec::new();
    // Half of them begin as an answer does.
    if numbers.below(2) == 0 {
        text.extend(PARTS[numbers.below(16)].bytes());
    }
    for _ in 0..numbers.below(8) {
        text.extend(PARTS[numbers.below(PARTS.len())].bytes());
    }
    for _ in 0..numbers.below(3) {
        if !text.is_empty() {
            let index = numbers.below(text.len());
            text[index] = u8::try_from(numbers.below(256)).unwrap();
        }
    }
    text.truncate(text.len() - numbers.below(text.len().max(1)) / 4);
    text
}

#[test]
fn no_answer_brings_the_agent_down() {
    for words in [
        &["/healthz", "--accept=599"][..],
        &["k8s://apps/secret/minted?key=token"],
        &["k8s://apps/deploy/web?condition=Available"],
    ] {
        let numbers = std::sync::Mutex::new((Numbers(0x2545_f491_4f6c_dd1d), 0));
        let server = Server::tcp(move |stream| {
            head(stream)?;
            let text = garbage(&mut numbers.lock().unwrap().0);
            stream.write_all(&text)
        });
        let url = server.url("http", "");
        let mut command = wait();
        command.args(["--budget=2s", "--interval=1ms", "--max-interval=1ms", "-v"]);
        match words {
            [path, more @ ..] if path.starts_with('/') => command.arg(format!("{url}{path}")).args(more),
            words => command.args(words).args(["--kube-api-server", &url]),
        };
        let outcome = run(&mut command);
        assert_eq!(outcome.code, Some(3), "{}", outcome.stderr);
        assert!(!outcome.stderr.contains("panicked"), "{}", outcome.stderr);
        let looks = outcome.lines().len();
        assert!(looks > 100, "{looks} looks");
    }
}
