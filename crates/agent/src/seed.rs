// SPDX-License-Identifier: Apache-2.0
//! `seed`: the keys of a Secret, a ConfigMap or a projected volume as files that their program may change.
//!
//! All is read and staged first, then published by renames. What decides on each entry is in [`decision`].

mod access;
mod content;
mod decision;
mod follow;
mod halt;
mod lineage;
mod listing;
mod path;
mod plan;
mod publish;
mod source;
mod stage;
mod target;
mod walk;
mod workplace;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::Mode;

use crate::arguments::Arguments;
use crate::exit::{Exit, Failure};
use crate::log::Log;
use crate::mode;
use crate::owner::Owner;
use crate::verb::{Opt, Verb};

use self::access::Access;
use self::decision::OnConflict;
use self::halt::Halt;
use self::plan::{Planner, Wish};
use self::publish::{Counts, Publisher};
use self::source::{Kind, Nothing, Source};
use self::target::Target;
use self::walk::Walk;
use self::workplace::Workplace;

pub(crate) const VERB: Verb = Verb {
    name: "seed",
    about: "Copy the keys of Secrets and ConfigMaps as files that their program may change",
    operands: "<FROM>...",
    details: "FROM is a directory, as a Secret, ConfigMap or projected volume is mounted, or one file. Its keys become \
              regular files in DIR: links, `..data` and the directories named after the time are never copied, and \
              should kubelet swap the keys meanwhile, DIR gets the old ones or the new ones, never some of each. Each \
              file is private until it is complete, and gets its name by a rename.\n\n\
              What was seeded is remembered as digests, in .NAME.writeway-seed beside DIR, or in DIR/.writeway-seed \
              where DIR is a mount. So a second run touches nothing if nothing changed, a file that the program \
              refreshed since is kept, and a key that left its source is removed if nobody changed it. If source and \
              file both changed, or nobody knows which of them, nothing is done unless --on-conflict says which wins. \
              An empty file whose source is not empty is what a torn write leaves: it is seeded anew. Files that were \
              never seeded are left alone.",
    options: &[
        Opt::value(
            "to",
            "DIR",
            "The directory that is seeded. It is made if it is missing, what it lies in has to be there",
        ),
        Opt::value(
            "mode",
            "MODE",
            "The mode of keys in octal, up to 0777. Default: 0600",
        ),
        Opt::value(
            "directory-mode",
            "MODE",
            "The mode of directories that are made, in octal. Default: 0700",
        ),
        Opt::value(
            "owner",
            "UID:GID",
            "The owner, by number. Others than the caller's need CAP_CHOWN, and CAP_DAC_OVERRIDE to look at them \
             again in the next run; to run as that user needs neither. Default: the caller",
        ),
        Opt::value(
            "on-conflict",
            "SIDE",
            "What wins where both changed: `source`, `target`, `newest`, or `fail` to change nothing and exit 1. \
             Kubelet writes a volume's files when the pod starts, so that they look newer in each new pod. Default: \
             fail",
        ),
        Opt::value(
            "prefill",
            "IMAGE_DIR",
            "A directory that the image ships, to be copied with its modes and links into an empty volume that is to \
             be mounted over it. Keys of FROM win over its files",
        ),
        Opt::flag(
            "allow-empty",
            "Warn if a FROM is missing or has no keys, instead of exit 1; then nothing is removed from DIR",
        ),
        Opt::value(
            "state",
            "STATE_DIR",
            "Where to remember what was seeded: a directory for this DIR alone, on the same mount, made if it is \
             missing",
        ),
    ],
    examples: &[
        (
            "a token file that its SDK refreshes, from a Secret into an emptyDir",
            "writeway-agent seed /secrets-ro/google-oauth --to /secrets/google-oauth",
        ),
        (
            "what the image ships in /app/config, and two keys over it, in the volume mounted at /seed",
            "writeway-agent seed /secret/a.json /secret/b.json --prefill /app/config --to /seed/config",
        ),
    ],
    run,
};

/// How long a source that changes again and again is read anew. Kubelet swaps at most once in a sync, that is a minute.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest pause before all is read anew; the first is a millisecond, and each one more.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What the command line asks for.
struct Request {
    from: Vec<PathBuf>,
    prefill: Option<PathBuf>,
    to: PathBuf,
    state: Option<PathBuf>,
    allow_empty: bool,
    wish: Wish,
}

fn run(arguments: &Arguments, log: &Log) -> Result<Exit, Failure> {
    let mut request = Request::read(arguments)?;
    let begun = Instant::now();
    let mut pause = Duration::ZERO;
    loop {
        match attempt(&request, log) {
            Ok(()) => return Ok(Exit::Done),
            Err(Halt::Failed(failure)) => return Err(failure),
            Err(Halt::Replace) => request.wish.replace = true,
            Err(Halt::Anew(why)) if begun.elapsed() < PATIENCE => {
                log.debug(format_args!("begun anew: {why}"));
                pause = LONGEST_PAUSE.min(pause + Duration::from_millis(1));
                std::thread::sleep(pause);
            }
            Err(Halt::Anew(why)) => {
                return Err(Failure::exhausted(format_args!(
                    "{why}, again and again for {} s: find out what writes there",
                    PATIENCE.as_secs()
                )));
            }
        }
    }
}

impl Request {
    fn read(arguments: &Arguments) -> Result<Self, Failure> {
        let key_mode = |text: &str| {
            let mode = mode::octal(text)?;
            let within = mode.as_raw_mode() <= 0o777;
            within
                .then_some(mode)
                .ok_or_else(|| "a key's mode is 0777 at most".to_owned())
        };
        let prefill = arguments.path("prefill");
        let from = match &prefill {
            Some(_) => arguments.operands().iter().map(PathBuf::from).collect(),
            None => arguments.paths("FROM")?.into_iter().map(Path::to_owned).collect(),
        };
        Ok(Self {
            from,
            prefill,
            to: arguments
                .path("to")
                .ok_or_else(|| Failure::usage("`--to DIR` is missing"))?,
            state: arguments.path("state"),
            allow_empty: arguments.has("allow-empty"),
            wish: Wish {
                access: Access {
                    mode: arguments
                        .parsed("mode", key_mode)?
                        .unwrap_or(Mode::RUSR | Mode::WUSR),
                    directory_mode: arguments
                        .parsed("directory-mode", mode::octal)?
                        .unwrap_or(Mode::RWXU),
                    owner: arguments.parsed("owner", Owner::read)?,
                },
                on_conflict: arguments
                    .parsed("on-conflict", OnConflict::read)?
                    .unwrap_or_default(),
                replace: false,
            },
        })
    }

    /// Opens all sources that have something; answers whether all have.
    fn sources(&self, log: &Log) -> Result<(Vec<Source>, bool), Halt> {
        let keys = self.from.iter().map(|path| (path, Kind::Keys));
        let image = self.prefill.iter().map(|path| (path, Kind::Image));
        let mut sources = Vec::new();
        let mut complete = true;
        for (path, kind) in keys.chain(image) {
            match Source::open(path, kind)? {
                Ok(source) => sources.push(source),
                Err(nothing) => {
                    self.without(path, nothing, log)?;
                    complete = false;
                }
            }
        }
        Ok((sources, complete))
    }

    /// Refuses a source that has nothing, or warns of it.
    fn without(&self, path: &Path, nothing: Nothing, log: &Log) -> Result<(), Failure> {
        let why = match nothing {
            Nothing::Missing => "is missing: No such file or directory (ENOENT)",
            Nothing::NoKeys => "has no keys",
        };
        if self.allow_empty {
            log.warning(format_args!("{} {why}", path.display()));
            return Ok(());
        }
        Err(Failure::refused(format_args!(
            "{} {why}: fill the Secret or ConfigMap, or allow it by --allow-empty",
            path.display()
        )))
    }
}

/// Seeds once, from the first look to the last rename.
fn attempt(request: &Request, log: &Log) -> Result<(), Halt> {
    let (sources, complete) = request.sources(log)?;
    if sources.is_empty() {
        return Ok(());
    }
    let target = Target::open(&request.to)?;
    let mut workplace = Workplace::open(&target, request.state.as_deref())?;
    workplace.lock(log)?;
    let done = with(request, &sources, complete, &target, &mut workplace, log);
    if done.is_err() {
        workplace.clear()?;
    }
    let counts = done?;
    log.info(format_args!("{}: {counts}", request.to.display()));
    Ok(())
}

fn with(
    request: &Request,
    sources: &[Source],
    mut complete: bool,
    target: &Target,
    workplace: &mut Workplace,
    log: &Log,
) -> Result<Counts, Halt> {
    let known = workplace.lineage(log)?;
    let mut planner = Planner::new(target, workplace, &known, sources, request.wish, log);
    let mut walk = Walk::new(log);
    for (from, source) in sources.iter().enumerate() {
        let before = planner.visited();
        walk.source(source, &mut |path, entry| planner.visit(from, path, entry))?;
        if planner.visited() == before && source.kind == Kind::Keys {
            walk.check(sources)?;
            request.without(&source.path, Nothing::NoKeys, log)?;
            complete = false;
        }
    }
    walk.check(sources)?;
    let plan = planner.finish(complete)?;
    let mut publisher = Publisher {
        target,
        workplace,
        access: request.wish.access,
        log,
    };
    publisher.publish(&plan, &known)
}
