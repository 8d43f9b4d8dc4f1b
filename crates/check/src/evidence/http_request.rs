// SPDX-License-Identifier: Apache-2.0
//! What `curl` and `wget` ask, read from their arguments.

use writeway_clock::{CURL_LETTERS, CURL_WORDS};
use writeway_shell::RedirectKind;

use crate::evidence::commands::{Argument, Invocation};
use crate::evidence::word_text::{WordText, is_mark};

/// Options of wget with a word behind them; its long ones have an equals sign instead (wget(1), BusyBox).
const WGET_LETTERS: &str = "aeGiloOPQtTUwY";

/// Headers by which a request is authenticated, in small letters.
const CREDENTIAL_HEADERS: &[&str] = &[
    "authorization",
    "cookie",
    "deploy-token",
    "job-token",
    "private-token",
    "x-api-key",
    "x-auth-token",
    "x-nexus-token",
    "x-vault-token",
];

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct HttpRequest<'a> {
    /// As it is sent.
    pub(crate) method: String,
    /// The first URL.
    pub(crate) url: WordText<'a>,
    /// What is sent, a form field or a whole document each; `@FILE` as it is written.
    pub(crate) bodies: Vec<WordText<'a>>,
    /// It fails when the status is 400 or higher.
    pub(crate) fails_on_status: bool,
    /// It prints the status.
    pub(crate) prints_status: bool,
    /// The answer goes to a file, or is not asked for.
    pub(crate) keeps_answer: bool,
    /// It is authenticated, or may be: by options, by headers, or by a file that may have either.
    pub(crate) authenticated: bool,
    /// It tries again by itself (`--retry`).
    pub(crate) retries: bool,
}

impl<'a> HttpRequest<'a> {
    /// The request that a command makes; `None` of another program, and without a URL.
    pub(crate) fn of(command: &'a Invocation) -> Option<Self> {
        let mut options = Options::default();
        match command.name.as_str() {
            "curl" => options.curl(&command.arguments),
            "wget" => options.wget(&command.arguments),
            _ => return None,
        }
        let sends = !options.bodies.is_empty() && !options.get;
        let method = options.method.unwrap_or_else(|| {
            let method = if options.head {
                "HEAD"
            } else if sends {
                "POST"
            } else {
                "GET"
            };
            method.to_owned()
        });
        Some(Self {
            method,
            url: options.url?,
            bodies: options.bodies,
            fails_on_status: options.fails_on_status,
            prints_status: options.prints_status,
            keeps_answer: options.keeps_answer,
            authenticated: options.authenticated,
            retries: options.retries,
        })
    }

    /// The URL without query, fragment and trailing slashes.
    pub(crate) fn address(&self) -> &str {
        let url = self.url.text();
        let address = url.split(['?', '#']).next().unwrap_or_default();
        address.trim_end_matches('/')
    }

    /// The query of the URL; empty without one.
    pub(crate) fn query(&self) -> &str {
        self.url.text().split_once('?').map_or("", |(_, query)| query)
    }
}

/// Whether an address ends with a path, of which `*` is any one component. What stands before `tail` has to be `prefix`, or is
/// covered by an expansion that the address begins with: `$API/users/me/tokens`.
pub(crate) fn is_at(address: &str, prefix: &str, tail: &str) -> bool {
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    let components: Vec<&str> = address.split('/').collect();
    let fits =
        |component: &str, wanted: &str| (wanted == "*" && !component.is_empty()) || component == wanted;
    let ends_with = |components: &[&str], path: &str| {
        let mut wanted = path.rsplit('/');
        let mut given = components.iter().rev();
        wanted.all(|wanted| given.next().is_some_and(|component| fits(component, wanted)))
    };
    if !ends_with(&components, tail) {
        return false;
    }
    let before = &components[..components.len() - tail.split('/').count()];
    let covered = matches!(before, [first] if first.starts_with(is_mark));
    covered || (ends_with(before, prefix) && before.len() > prefix.split('/').count())
}

#[derive(Default)]
struct Options<'a> {
    method: Option<String>,
    url: Option<WordText<'a>>,
    bodies: Vec<WordText<'a>>,
    fails_on_status: bool,
    prints_status: bool,
    keeps_answer: bool,
    authenticated: bool,
    retries: bool,
    get: bool,
    head: bool,
}

impl<'a> Options<'a> {
    fn curl(&mut self, arguments: &'a [Argument]) {
        let mut words = arguments.iter().map(|argument| WordText::of(&argument.expanded));
        while let Some(word) = words.next() {
            let text = word.text();
            if let Some(name) = text.strip_prefix("--") {
                let value = if CURL_WORDS.contains(&name) {
                    words.next()
                } else {
                    None
                };
                self.set(name, value);
            } else if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                for (at, letter) in letters.char_indices() {
                    let name = &letters[at..at + letter.len_utf8()];
                    if !CURL_LETTERS.contains(letter) {
                        self.set(name, None);
                        continue;
                    }
                    let rest = &letters[at + letter.len_utf8()..];
                    let value = if rest.is_empty() {
                        words.next()
                    } else {
                        Some(word.part(rest))
                    };
                    self.set(name, value);
                    break;
                }
            } else if self.url.is_none() {
                self.url = Some(word);
            }
        }
    }

    fn set(&mut self, name: &str, value: Option<WordText<'a>>) {
        match name {
            "X" | "request" => self.method = value.map(|value| value.text().to_owned()),
            "d" | "data" | "data-ascii" | "data-binary" | "data-raw" | "data-urlencode" | "json" | "F"
            | "form" | "form-string" | "T" | "upload-file" => self.bodies.extend(value),
            "url" => self.url = self.url.take().or(value),
            "f" | "fail" | "fail-with-body" => self.fails_on_status = true,
            "u" | "user" | "n" | "netrc" | "netrc-file" | "netrc-optional" | "oauth2-bearer" | "b"
            | "cookie" | "E" | "cert" | "K" | "config" | "negotiate" => self.authenticated = true,
            "H" | "header" => self.header(value),
            "w" | "write-out" => {
                self.prints_status |= value.is_some_and(|value| {
                    value.text().contains("http_code") || value.text().contains("response_code")
                });
            }
            "o" | "output" | "O" | "remote-name" => self.keeps_answer = true,
            "I" | "head" => (self.head, self.keeps_answer) = (true, true),
            "G" | "get" => self.get = true,
            "retry" | "retry-all-errors" => self.retries = true,
            _ => {}
        }
    }

    fn header(&mut self, value: Option<WordText<'a>>) {
        let Some(value) = value else { return };
        let text = value.text().to_ascii_lowercase();
        let unknown = text.starts_with('@') || text.starts_with(is_mark);
        let name = text.split(':').next().unwrap_or_default().trim();
        self.authenticated |= unknown || CREDENTIAL_HEADERS.contains(&name);
    }

    fn wget(&mut self, arguments: &'a [Argument]) {
        self.fails_on_status = true;
        let mut words = arguments.iter().map(|argument| WordText::of(&argument.expanded));
        while let Some(word) = words.next() {
            let text = word.text();
            if let Some(option) = text.strip_prefix("--") {
                let (name, value) = match option.split_once('=') {
                    Some((name, value)) => (name, Some(word.part(value))),
                    None => (option, None),
                };
                match name {
                    "post-data" | "body-data" => self.bodies.extend(value),
                    "post-file" | "body-file" => {
                        let file = value.map(|value| value.part(&format!("@{}", value.text())));
                        self.bodies.extend(file);
                    }
                    "method" => self.method = value.map(|value| value.text().to_owned()),
                    "header" => self.header(value),
                    "user" | "password" | "http-user" | "http-password" | "load-cookies" | "certificate"
                    | "config" => {
                        self.authenticated = true;
                    }
                    "output-document" | "spider" => self.keeps_answer = true,
                    _ => {}
                }
            } else if let Some(letters) = text.strip_prefix('-').filter(|letters| !letters.is_empty()) {
                let with_value = letters
                    .char_indices()
                    .find(|(_, letter)| WGET_LETTERS.contains(*letter));
                if let Some((at, letter)) = with_value {
                    let rest = &letters[at + letter.len_utf8()..];
                    let value = if rest.is_empty() {
                        words.next()
                    } else {
                        Some(word.part(rest))
                    };
                    let prints = value.is_some_and(|value| matches!(value.text(), "-" | "/dev/stdout"));
                    self.keeps_answer |= letter == 'O' && !prints;
                }
            } else if self.url.is_none() {
                self.url = Some(word);
            }
        }
    }
}

/// The text that a command reads as its standard input from a here-document.
pub(crate) fn here_document(command: &Invocation) -> Option<WordText<'_>> {
    let document = command
        .redirects
        .iter()
        .find(|redirect| redirect.kind == RedirectKind::HereDoc)?;
    Some(WordText::of(&document.target))
}
