// SPDX-License-Identifier: Apache-2.0
//! Command lines of `writeway-agent`, the program that pods run instead of a shell, as those read them who follow what a
//! container does.
//!
//! The agent reads its arguments by tables of its own, which have the words of its help, too. What is here is what a
//! model has to know, and no more: which verbs there are, and which of their options take a value. A test of the agent
//! compares both, so that a new option is looked at here before it is released.

use crate::options::{Arguments, OptionError, OptionSpec, Order, Spec, Value, parse_options};

/// The program's name.
pub const PROGRAM: &str = "writeway-agent";

/// The program's image in its registry, without tag and digest. Its ENTRYPOINT is `/writeway-agent`, which gets `args`; it
/// has no CMD, and its USER is 65532.
pub const IMAGE: &str = "ghcr.io/writeway/agent";

/// What a target of `wait` may begin with, before the colon.
pub const WAIT_SCHEMES: &[&str] = &["http", "https", "tcp", "unix", "file", "non-empty", "dns", "k8s"];

/// A verb of the agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verb {
    /// The word on the command line.
    pub name: &'static str,
    /// The options that only this verb has.
    pub options: &'static [OptionSpec],
    /// The names of those that may be given more than once.
    pub repeated: &'static [&'static str],
}

const fn flag(name: &'static str) -> OptionSpec {
    OptionSpec::name(name, Value::None)
}

const fn value(name: &'static str) -> OptionSpec {
    OptionSpec::name(name, Value::Required)
}

/// The options that every verb has.
pub const COMMON: &[OptionSpec] = &[
    value("log-format"),
    OptionSpec::flag('q', "quiet"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('h', "help"),
];

/// Every verb.
pub const VERBS: &[Verb] = &[
    Verb {
        name: "seed",
        options: &[
            value("to"),
            value("mode"),
            value("directory-mode"),
            value("owner"),
            value("on-conflict"),
            value("prefill"),
            flag("allow-empty"),
            value("state"),
        ],
        repeated: &[],
    },
    Verb {
        name: "own",
        options: &[
            value("mode"),
            flag("group-writable"),
            flag("if-root-mismatch"),
            flag("cross-file-systems"),
            value("timeout"),
            value("jobs"),
        ],
        repeated: &[],
    },
    Verb {
        name: "mkdir",
        options: &[value("mode"), value("owner")],
        repeated: &[],
    },
    Verb {
        name: "wait",
        options: &[
            value("budget"),
            value("accept"),
            value("content-type"),
            value("per-probe"),
            value("interval"),
            value("max-interval"),
            value("ca"),
            flag("insecure-skip-tls-verify"),
            value("token-file"),
            value("header-file"),
            value("kube-api-server"),
            value("kube-ca"),
            value("kube-token-file"),
        ],
        repeated: &["ca", "header-file"],
    },
    Verb {
        name: "probe",
        options: &[
            value("as"),
            value("require"),
            value("format"),
            value("pod"),
            value("container"),
        ],
        repeated: &["require"],
    },
    Verb {
        name: "sleep",
        options: &[],
        repeated: &[],
    },
    Verb {
        name: "copy-self",
        options: &[value("mode")],
        repeated: &[],
    },
    Verb {
        name: "version",
        options: &[],
        repeated: &[],
    },
];

/// What the agent is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// A verb.
    Verb(Call),
    /// Help or version, printed.
    Print,
}

/// A verb with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Which one.
    pub verb: &'static str,
    /// Its options and operands.
    pub arguments: Arguments,
}

/// Arguments that are not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// A verb or an option that is not in the table. An agent of another version may know it.
    #[error("`{0}` is not known")]
    Unknown(String),
    /// The agent refuses them (exit code 2) and does nothing.
    #[error("{0}")]
    Refused(String),
}

/// Reads the words behind the program's name, as `dispatch` in the agent's lib.rs and `Arguments::read` do.
///
/// # Errors
/// [`RequestError`].
pub fn read(words: &[String]) -> Result<Request, RequestError> {
    let refused = |why: &str| RequestError::Refused(why.to_owned());
    let Some((word, rest)) = words.split_first() else {
        return Err(refused("there is no verb"));
    };
    if matches!(word.as_str(), "help" | "--help" | "-h" | "--version" | "-V") {
        return Ok(Request::Print);
    }
    let verb = VERBS.iter().find(|verb| verb.name == word);
    let verb = verb.ok_or_else(|| RequestError::Unknown(word.clone()))?;
    let options: Vec<OptionSpec> = verb.options.iter().chain(COMMON).copied().collect();
    let spec = Spec {
        options: &options,
        order: Order::Mixed,
        modes: None,
    };
    let arguments = parse_options(rest, &spec).map_err(|error| match error {
        OptionError::Unknown(option) => RequestError::Unknown(option),
        error => RequestError::Refused(error.to_string()),
    })?;
    let mut names: Vec<&str> = arguments
        .options
        .iter()
        .filter_map(|(option, _)| option.long)
        .filter(|name| !verb.repeated.contains(name))
        .collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(RequestError::Refused(format!("`--{}` is given twice", twice[0])));
    }
    if arguments.has_long("help") {
        return Ok(Request::Print);
    }
    if arguments.has_long("quiet") && arguments.has_long("verbose") {
        return Err(refused("`--quiet` and `--verbose` exclude each other"));
    }
    if !matches!(arguments.value_long("log-format"), None | Some("text" | "json")) {
        return Err(refused("`--log-format` is neither `text` nor `json`"));
    }
    Ok(Request::Verb(Call {
        verb: verb.name,
        arguments,
    }))
}

/// Reads an owner: `UID:GID`, both by number, below 2^32 - 1 (`Owner::read` in the agent).
#[must_use]
pub fn owner(text: &str) -> Option<(u32, u32)> {
    let id = |digits: &str| {
        let digits = Some(digits).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        digits?.parse().ok().filter(|id| *id != u32::MAX)
    };
    let (uid, gid) = text.split_once(':')?;
    Some((id(uid)?, id(gid)?))
}

/// Reads an octal mode up to 7777, with or without `0o` (`mode::octal` in the agent).
#[must_use]
pub fn octal_mode(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("0o").unwrap_or(text);
    let octal = !digits.is_empty() && digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    octal
        .then(|| u16::from_str_radix(digits, 8).ok())?
        .filter(|mode| *mode <= 0o7777)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_verb_is_read_with_its_options_and_operands_in_any_order() {
        let request = read(&words("mkdir /a --mode 1777 -q --owner=1:2 -- --b")).expect("it is understood");
        let Request::Verb(Call { verb, arguments }) = request else {
            panic!("a verb is asked for");
        };
        assert_eq!((verb, arguments.operands), ("mkdir", words("/a --b")));
    }

    #[test]
    fn what_every_agent_refuses_is_told_from_what_a_newer_one_may_know() {
        let refused = |why: &str| Err(RequestError::Refused(why.to_owned()));
        let unknown = |word: &str| Err(RequestError::Unknown(word.to_owned()));
        let rows = [
            ("", refused("there is no verb")),
            ("mint", unknown("mint")),
            ("mkdir /a --modus 1777", unknown("--modus")),
            ("mkdir /a -x", unknown("-x")),
            ("mkdir /a --mode", refused("option `--mode` needs a value")),
            ("mkdir /a --mode 1 --mode 2", refused("`--mode` is given twice")),
            (
                "sleep 1s -qv",
                refused("`--quiet` and `--verbose` exclude each other"),
            ),
            (
                "sleep 1s --log-format yaml",
                refused("`--log-format` is neither `text` nor `json`"),
            ),
            ("--version", Ok(Request::Print)),
            ("mkdir --help", Ok(Request::Print)),
        ];
        for (line, expected) in rows {
            assert_eq!(read(&words(line)), expected, "{line}");
        }
    }

    #[test]
    fn owners_and_modes_are_numbers() {
        let owners = [
            ("1000:0", Some((1000, 0))),
            ("1000", None),
            (":1", None),
            ("app:app", None),
            ("4294967295:1", None),
            ("+1:1", None),
        ];
        for (text, expected) in owners {
            assert_eq!(owner(text), expected, "{text}");
        }
        let modes = [
            ("0700", Some(0o700)),
            ("1777", Some(0o1777)),
            ("0o750", Some(0o750)),
            ("8", None),
            ("17777", None),
            ("", None),
            ("u+x", None),
        ];
        for (text, expected) in modes {
            assert_eq!(octal_mode(text), expected, "{text}");
        }
    }
}
