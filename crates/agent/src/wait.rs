// SPDX-License-Identifier: Apache-2.0
//! `wait`: until everything named is ready, or the time is over.
//!
//! Each target is looked at by a thread of its own, and the main thread keeps the clock. So the budget holds whatever a
//! look is caught in: a file system that hangs, a name server that does not answer, a server that sends a byte a second.
//! A thread that is caught is left behind; it ends with the process.

mod accept;
mod client;
mod credentials;
mod dns;
mod file;
mod http;
mod kubernetes;
mod lookup;
mod pace;
mod roots;
mod setup;
mod small_file;
mod target;
mod tcp;
mod unix;

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::arguments::{self, Arguments};
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::verb::{Opt, Verb};

use pace::Pace;
use setup::Setup;
use target::Probe;

pub(crate) const VERB: Verb = Verb {
    name: "wait",
    about: "Wait until servers, sockets, files, names and Kubernetes objects are ready, within one budget",
    operands: "<TARGET>...",
    details: "All targets have to become ready, each at its own time; then the code is 0. When the budget is over \
              first, the code is 3, and the last line says what is missing, and why. Nothing takes longer than the \
              budget, whatever a server does. One line is written per change of state.\n\n\
              http://HOST[:PORT]/PATH, https://…: a GET is answered with a status that --accept names. Only the head of \
              the answer is read. Redirects are not followed: a 302 is a status like others. Proxies are not used, \
              whatever the environment says. Queries are sent, but never printed; a URL with a user or a password is \
              refused: others can read a command line.\n\n\
              tcp://HOST:PORT: a connection is accepted.\n\n\
              unix:/PATH: a Unix domain socket accepts a connection.\n\n\
              file:/PATH: something is there. Links are followed, as the keys of a mounted Secret are links.\n\n\
              non-empty:/PATH: a file has content, or a directory has an entry.\n\n\
              dns://NAME: the name has an address.\n\n\
              k8s://NAMESPACE/KIND/NAME: an object is there. With ?condition=TYPE or ?condition=TYPE=STATUS it has \
              that condition, as for `kubectl wait`; with ?key=KEY a Secret or ConfigMap has that key, and more in it \
              than white space. KIND is a word like pod, deployment, job, secret or node, or GROUP/VERSION/PLURAL for \
              custom resources. Without NAMESPACE it is the pod's own, or none for what is in none. It takes `get` on \
              that one object. Where permission is refused, or the object is not there, it goes on: a Role may come \
              later, too.",
    options: &[
        Opt::value("budget", "DURATION", "The time for everything. Default: 30s, as for `kubectl wait`"),
        Opt::value(
            "accept",
            "STATUS",
            "The HTTP statuses that mean ready, as `200-399,401`; `any` for any answer. Default: 200-399, as for a \
             kubelet's probe",
        ),
        Opt::value(
            "content-type",
            "TYPE",
            "The media type that an answer has to have, as `application/json`: the HTML page that a proxy shows in \
             place of the program is none. Default: not looked at",
        ),
        Opt::value(
            "per-probe",
            "DURATION",
            "The time for one look at a target, cut to what is left of the budget. Default: 3s",
        ),
        Opt::value(
            "interval",
            "DURATION",
            "The pause after the first look. It doubles with each look, and each is shortened by up to a half, by \
             chance. Default: 250ms",
        ),
        Opt::value("max-interval", "DURATION", "The longest pause. Default: 5s"),
        Opt::value(
            "ca",
            "FILE",
            "Certificates (PEM) of the authorities to trust for https, and no others. Default: the file that \
             SSL_CERT_FILE names, else those of the cluster and of the system, where they are there",
        )
        .repeated(),
        Opt::flag(
            "insecure-skip-tls-verify",
            "Take any certificate, as a kubelet's probe does. Not together with credentials",
        ),
        Opt::value(
            "token-file",
            "FILE",
            "Send the token in it as `Authorization: Bearer`. Read anew for each look. Only for targets of one server",
        ),
        Opt::value(
            "header-file",
            "FILE",
            "Send the lines `Name: value` in it as headers. Read anew for each look. Only for targets of one server",
        )
        .repeated(),
        Opt::value(
            "kube-api-server",
            "URL",
            "The Kubernetes API server. Default: as in any pod, KUBERNETES_SERVICE_HOST and the pod's service account",
        ),
        Opt::value(
            "kube-ca",
            "FILE",
            "The certificates (PEM) to trust for the API server. Default: the service account's",
        ),
        Opt::value(
            "kube-token-file",
            "FILE",
            "The token for the API server, read anew for each look. Default: the service account's, if --kube-api-server \
             is not given",
        ),
    ],
    examples: &[
        (
            "an init container: the database and the API have to be there",
            "writeway-agent wait tcp://postgres:5432 https://api:8443/healthz --budget 2m",
        ),
        (
            "any HTTP answer will do, even that a login is needed",
            "writeway-agent wait http://gitea-http:3000/api/v1/version --accept any",
        ),
        (
            "the token that another job mints",
            "writeway-agent wait k8s://apps/secret/gitea-token?key=token --budget 10m",
        ),
        (
            "a Deployment that is rolled out",
            "writeway-agent wait k8s://apps/deployment/web?condition=Available",
        ),
    ],
    run,
};

/// What `kubectl wait --timeout` is when it is not given.
const BUDGET: Duration = Duration::from_secs(30);
const PER_PROBE: Duration = Duration::from_secs(3);
/// Looks end so much before the budget does, that what they say at their end is told in time.
const LAST_WORD: Duration = Duration::from_millis(30);
/// A look after the first is not begun with less time than this: it would tell nothing but that it had none.
const LEAST: Duration = Duration::from_millis(100);
/// How long a target that has said nothing yet is listened to after the end, where a busy machine kept it from telling:
/// a quarter of what the budget may be exceeded by.
const GRACE: Duration = Duration::from_millis(25);

fn run(arguments: &Arguments, log: &Log) -> Result<Exit, Failure> {
    let start = Instant::now();
    let budget = arguments.parsed("budget", some_duration)?.unwrap_or(BUDGET);
    let per_probe = arguments.parsed("per-probe", some_duration)?.unwrap_or(PER_PROBE);
    let pace = Pace::new(
        arguments.parsed("interval", some_duration)?,
        arguments.parsed("max-interval", some_duration)?,
    )?;
    let deadline = start
        .checked_add(budget)
        .filter(|deadline| deadline.checked_add(GRACE).is_some())
        .ok_or_else(|| Failure::usage("`--budget` is longer than the clock runs"))?;
    let probes = target::read(arguments.operands(), &mut Setup::new(arguments)?)?;

    let waiting: Vec<Waiting> = probes.iter().map(|probe| Waiting::new(probe.shown())).collect();
    let until = deadline
        .checked_sub(LAST_WORD.min(budget / 10))
        .unwrap_or(deadline);
    let (sender, receiver) = channel();
    for (index, probe) in probes.into_iter().enumerate() {
        let (sender, pace) = (sender.clone(), pace.clone());
        thread::Builder::new()
            .name("wait".to_owned())
            .spawn(move || watch(index, probe, per_probe, pace, until, &sender))
            .map_err(|error| Failure::refused(format_args!("cannot start a thread: {error}")))?;
    }
    drop(sender);
    follow(waiting, &receiver, start, deadline, log)
}

/// A duration that is more than nothing.
fn some_duration(text: &str) -> Result<Duration, String> {
    match arguments::duration(text)? {
        Duration::ZERO => Err("it has to be more than 0".to_owned()),
        duration => Ok(duration),
    }
}

/// What one look at a target gave: the target's number, and why it is not ready.
type Seen = (usize, Result<(), String>);

/// Looks at a target until it is ready, the time is over, or nobody listens.
fn watch(
    index: usize,
    mut probe: Box<dyn Probe>,
    per_probe: Duration,
    mut pace: Pace,
    until: Instant,
    sender: &Sender<Seen>,
) {
    let mut least = Duration::from_nanos(1);
    loop {
        let now = Instant::now();
        let left = until.saturating_duration_since(now);
        if left < least {
            return;
        }
        least = LEAST.min(per_probe);
        let seen = probe.look(now + per_probe.min(left));
        let ready = seen.is_ok();
        if sender.send((index, seen)).is_err() || ready {
            return;
        }
        thread::sleep(pace.pause(until.saturating_duration_since(Instant::now())));
    }
}

/// A target as the main thread knows it.
struct Waiting {
    shown: String,
    ready: bool,
    /// Why it is not ready; `None` before the first look has ended.
    reason: Option<String>,
}

impl Waiting {
    fn new(shown: String) -> Self {
        Self {
            shown,
            ready: false,
            reason: None,
        }
    }

    /// Whether no look at it has ended.
    fn is_unheard(&self) -> bool {
        !self.ready && self.reason.is_none()
    }
}

/// Tells each change, until all are ready or the time is over.
fn follow(
    mut targets: Vec<Waiting>,
    receiver: &Receiver<Seen>,
    start: Instant,
    deadline: Instant,
    log: &Log,
) -> Result<Exit, Failure> {
    while targets.iter().any(|target| !target.ready) {
        let unheard = targets.iter().any(Waiting::is_unheard);
        let end = if unheard { deadline + GRACE } else { deadline };
        let left = end.saturating_duration_since(Instant::now());
        let (index, seen) = match receiver.recv_timeout(left) {
            Ok(seen) => seen,
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                return Err(exhausted(&targets, start));
            }
        };
        let Some(target) = targets.get_mut(index) else {
            continue;
        };
        match seen {
            Ok(()) => {
                target.ready = true;
                log.info(format_args!(
                    "{}: ready after {:.1} s",
                    target.shown,
                    start.elapsed().as_secs_f64()
                ));
            }
            Err(reason) if target.reason.as_ref() == Some(&reason) => {
                log.debug(format_args!("{}: still: {reason}", target.shown));
            }
            Err(reason) => {
                log.info(format_args!("{}: {reason}", target.shown));
                target.reason = Some(reason);
            }
        }
    }
    Ok(Exit::Done)
}

fn exhausted(targets: &[Waiting], start: Instant) -> Failure {
    let missing: Vec<String> = targets
        .iter()
        .filter(|target| !target.ready)
        .map(|target| {
            let reason = target.reason.as_deref().unwrap_or("the first look has not ended");
            format!("{}: {reason}", target.shown)
        })
        .collect();
    Failure::exhausted(format_args!(
        "not ready after {:.1} s: {}",
        start.elapsed().as_secs_f64(),
        missing.join("; ")
    ))
}
