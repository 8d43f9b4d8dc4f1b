// SPDX-License-Identifier: Apache-2.0
//! curl: its limit of each transfer, and its retries.
//!
//! Source: the manual of curl 8, `--max-time`, `--retry`, `--retry-delay`, `--retry-max-time`; the order of its checks is
//! that of src/tool_operate.c, `post_per_transfer`.

use std::time::Duration;

use super::arguments::{Arguments, Valued};
use super::{Call, Effect, Role};
use crate::bound::Bound;
use crate::duration;
use crate::evaluation::Timing;

/// Short options of curl with a word behind them (curl(1)).
pub const CURL_LETTERS: &str = "AbcCdDeEFHKmoPQrtTuUwxXyYz";

/// Long options of curl with a word behind them, without their dashes (curl(1)).
pub const CURL_WORDS: &[&str] = &[
    "abstract-unix-socket",
    "alt-svc",
    "aws-sigv4",
    "cacert",
    "capath",
    "cert",
    "cert-type",
    "ciphers",
    "config",
    "connect-timeout",
    "connect-to",
    "continue-at",
    "cookie",
    "cookie-jar",
    "create-file-mode",
    "crlfile",
    "curves",
    "data",
    "data-ascii",
    "data-binary",
    "data-raw",
    "data-urlencode",
    "delegation",
    "dns-interface",
    "dns-ipv4-addr",
    "dns-ipv6-addr",
    "dns-servers",
    "doh-url",
    "dump-header",
    "ech",
    "egd-file",
    "engine",
    "etag-compare",
    "etag-save",
    "expect100-timeout",
    "form",
    "form-string",
    "ftp-account",
    "ftp-alternative-to-user",
    "ftp-method",
    "ftp-port",
    "ftp-ssl-ccc-mode",
    "happy-eyeballs-timeout-ms",
    "haproxy-clientip",
    "header",
    "help",
    "hostpubmd5",
    "hostpubsha256",
    "hsts",
    "interface",
    "ip-tos",
    "ipfs-gateway",
    "json",
    "keepalive-cnt",
    "keepalive-time",
    "key",
    "key-type",
    "krb",
    "libcurl",
    "limit-rate",
    "local-port",
    "login-options",
    "mail-auth",
    "mail-from",
    "mail-rcpt",
    "max-filesize",
    "max-redirs",
    "max-time",
    "netrc-file",
    "noproxy",
    "oauth2-bearer",
    "output",
    "output-dir",
    "parallel-max",
    "pass",
    "pinnedpubkey",
    "preproxy",
    "proto",
    "proto-default",
    "proto-redir",
    "proxy",
    "proxy-cacert",
    "proxy-cert",
    "proxy-header",
    "proxy-key",
    "proxy-pass",
    "proxy-user",
    "proxy1.0",
    "pubkey",
    "quote",
    "random-file",
    "range",
    "rate",
    "referer",
    "request",
    "request-target",
    "resolve",
    "retry",
    "retry-delay",
    "retry-max-time",
    "sasl-authzid",
    "service-name",
    "socks4",
    "socks4a",
    "socks5",
    "socks5-hostname",
    "speed-limit",
    "speed-time",
    "stderr",
    "telnet-option",
    "tftp-blksize",
    "time-cond",
    "tls-max",
    "tls13-ciphers",
    "tlsauthtype",
    "tlspassword",
    "tlsuser",
    "trace",
    "trace-ascii",
    "trace-config",
    "unix-socket",
    "upload-file",
    "url",
    "url-query",
    "user",
    "user-agent",
    "variable",
    "vlan-priority",
    "write-out",
];

const VALUED: Valued = Valued {
    letters: CURL_LETTERS,
    names: CURL_WORDS,
};

/// The first pause before a retry; each later one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest of these pauses.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Retries that are counted one by one; the pauses are at their longest by then.
const MAX_RETRIES: u64 = 10_000;

/// Methods that only ask.
const LOOKS: [&str; 3] = ["GET", "HEAD", "OPTIONS"];

pub(super) fn curl(call: &Call<'_>) -> Effect {
    let arguments = Arguments::sort(call.arguments, VALUED);
    let method = arguments.value(&["X", "request"]);
    let sends = arguments.has(&[
        "d",
        "data",
        "data-ascii",
        "data-binary",
        "data-raw",
        "data-urlencode",
        "F",
        "form",
        "json",
        "T",
        "upload-file",
    ]) && !arguments.has(&["G", "get"]);
    let looks = match method {
        Some(method) => method.as_text().is_some_and(|method| LOOKS.contains(&&**method)),
        None => !sends,
    };
    let role = if looks { Role::Look } else { Role::Act };
    let worst = if call.open || arguments.has(&["K", "config"]) {
        Bound::unknown("the options of `curl` are not known")
    } else {
        worst(&arguments)
    };
    let timing = Timing {
        best: Bound::ZERO,
        worst,
    };
    Effect {
        success: Some(timing.clone()),
        failure: Some(timing),
        waits: arguments.has(&["retry"]),
        ..Effect::answers(role, call.name, Bound::ZERO)
    }
}

fn worst(arguments: &Arguments<'_>) -> Bound {
    let each = match limit(arguments, &["m", "max-time"]) {
        Ok(Some(limit)) if !limit.is_zero() => limit,
        Ok(_) => return Bound::unbounded("`curl` without `--max-time` may wait for an answer for ever"),
        Err(unknown) => return unknown,
    };
    let retries = match arguments.value(&["retry"]) {
        None => 0,
        Some(value) => match value.as_number().and_then(|number| u64::try_from(number).ok()) {
            Some(number) if number <= MAX_RETRIES => number,
            _ => return Bound::unknown("how often `curl --retry` tries again is not known"),
        },
    };
    let pause = match limit(arguments, &["retry-delay"]) {
        Ok(pause) => pause.filter(|pause| !pause.is_zero()),
        Err(unknown) => return unknown,
    };
    let timer = match limit(arguments, &["retry-max-time"]) {
        Ok(timer) => timer.filter(|timer| !timer.is_zero()),
        Err(unknown) => return unknown,
    };
    // Each address has its own retries. `--next` and lists in braces are not looked at.
    let addresses = arguments.operands.len() + usize::from(arguments.has(&["url"]));
    let one = tries(each, retries, pause, timer);
    Bound::Finite(one).times(u64::try_from(addresses.max(1)).unwrap_or(u64::MAX))
}

/// How long one transfer with its retries takes when each try takes as long as it may.
fn tries(each: Duration, retries: u64, fixed: Option<Duration>, timer: Option<Duration>) -> Duration {
    // The pauses so far, and the tries so far.
    let (mut paused, mut tried) = (Duration::ZERO, each);
    let mut worst = each;
    let mut pause = fixed.unwrap_or(FIRST_PAUSE);
    for _ in 0..retries {
        let mut at = paused.saturating_add(tried);
        if let Some(timer) = timer {
            // It tries again as long as the timer has not run out; tries may be shorter so that it just has not.
            if paused >= timer {
                break;
            }
            at = at.min(timer);
        }
        worst = worst.max(at.saturating_add(pause).saturating_add(each));
        paused = paused.saturating_add(pause);
        tried = tried.saturating_add(each);
        if fixed.is_none() {
            pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
        }
    }
    worst
}

/// The value of an option in seconds; `Ok(None)` when it is not given.
fn limit(arguments: &Arguments<'_>, names: &[&str]) -> Result<Option<Duration>, Bound> {
    let Some(value) = arguments.value(names) else {
        return Ok(None);
    };
    let known = value.as_text().and_then(|text| duration::seconds(text));
    let name = names.last().copied().unwrap_or_default();
    known
        .map(Some)
        .ok_or_else(|| Bound::unknown(format!("the value of `curl --{name}` is not known")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_pause_as_the_manual_says() {
        let seconds = Duration::from_secs;
        // 1 + 2 + 4 between four tries of 3 s.
        assert_eq!(tries(seconds(3), 3, None, None), seconds(19));
        assert_eq!(tries(seconds(3), 5, Some(seconds(10)), None), seconds(68));
        // 1 + 2 + … + 512, then 600 twice.
        assert_eq!(tries(seconds(0), 12, None, None), seconds(1023 + 1200));
        // The last try starts after a pause that begins just before the timer runs out.
        assert_eq!(
            tries(seconds(5), 10, Some(seconds(2)), Some(seconds(20))),
            seconds(27)
        );
        assert_eq!(
            tries(seconds(5), 1, Some(seconds(2)), Some(seconds(20))),
            seconds(12)
        );
    }
}
