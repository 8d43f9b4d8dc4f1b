// SPDX-License-Identifier: Apache-2.0
//! `cargo xtask`: the chores of the workspace.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::PossibleValuesParser;
use clap::{Parser, Subcommand};
use xtask::{
    agent, book, browser, corpus, docs, fuzz, ground_truth, image, pipelines, psa, readers, repairs, sandbox,
    shells, test, tools,
};

/// The chores of the workspace
#[derive(Debug, Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Run everything that has to pass, with the tools it needs
    Test,
    /// Compare the write map with measured pods
    GroundTruth {
        /// Cases, one JSON object a line, plain or gzip-compressed
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Per cent of the create verdicts that may be unknown
        #[arg(long, value_name = "PERCENT", default_value_t = 1.0)]
        max_unknown: f64,
        /// List disagreements that are for information only, too
        #[arg(long)]
        all: bool,
        /// Repair the pods instead, in namespaces of each Pod Security level, and judge every fix
        #[arg(long, conflicts_with_all = ["case", "all"])]
        levels: bool,
        /// Show one case in full: objects, facts, what was measured, the map with its derivations
        #[arg(long, value_name = "ID")]
        case: Option<String>,
    },
    /// Run the analysis over a folder of real manifests
    Corpus {
        /// The folder
        folder: PathBuf,
        /// Repair the manifests instead, as they are and with random mutations, and judge every fix
        #[arg(long)]
        fix: bool,
        /// How many manifests are mutated and repaired
        #[arg(long, value_name = "NUMBER", default_value_t = 1000, requires = "fix")]
        mutants: usize,
        /// Other mutants for another seed
        #[arg(long, default_value_t = 1, requires = "fix")]
        seed: u64,
    },
    /// Judge pods by the Pod Security Standards, and compare with the folders they lie in
    Psa {
        /// A folder with LEVEL/VERSION/{pass,fail}/*.yaml, as Kubernetes' own test data
        folder: PathBuf,
    },
    /// Look for inputs that break the reader or the checker (needs cargo-fuzz and a C++ compiler)
    Fuzz {
        /// How long, for each target
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Only this one
        #[arg(value_parser = fuzz::TARGETS.map(|target| target.name))]
        target: Option<String>,
    },
    /// Write the pages that are made from the program
    Docs {
        /// Write nothing, and fail when a page is stale
        #[arg(long)]
        check: bool,
    },
    /// Build the manual into target/book, and follow all links
    Book,
    /// Build the static executable that pods run, and tell its size
    Agent {
        /// The processor. Default: this machine's
        #[arg(long, value_parser = agent::MACHINES.map(|machine| machine.name))]
        machine: Option<String>,
        /// Build it once more in another folder: it has to be the same to the byte
        #[arg(long)]
        twice: bool,
    },
    /// Make the image of the static executable: an OCI layout, and an archive for `docker load`
    Image {
        /// The processor. Default: this machine's
        #[arg(long, value_parser = agent::MACHINES.map(|machine| machine.name))]
        machine: Option<String>,
        /// Where it is written: a folder
        #[arg(long, value_name = "FOLDER", default_value = "target/image")]
        output: PathBuf,
        /// The commit that a release is built from, for the image's label
        #[arg(long, value_name = "COMMIT")]
        revision: Option<String>,
        /// Have it read, copied, unpacked and run instead, as `cargo xtask test` does (needs root on Linux)
        #[arg(long)]
        judge: bool,
    },
    /// Run what other repositories use in their pipelines, by the tools that run it there
    Pipelines,
    /// Look at the HTML report and the pictures of the map in Chromium
    Browser {
        /// Where to keep screenshots
        #[arg(long, value_name = "FOLDER")]
        screenshots: Option<PathBuf>,
    },
    /// Have findings read by programs that others wrote
    Readers,
    /// Repair measured pods that cannot write to what they mount, and count what is repaired and what is refused
    Repairs {
        /// Files of cases; the project's own when there is none
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Where the repaired pods are written, each as a List beside its facts
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
    /// Run every verb of the agent in containers, and compare what it does and calls with what its tables say (needs root
    /// on Linux)
    Sandbox {
        /// Only this verb
        #[arg(long)]
        verb: Option<String>,
    },
    /// Run random init container scripts on real shells and tools, and compare with the model (needs root on Linux)
    Shells {
        /// How many
        #[arg(long, default_value_t = 500)]
        scripts: u64,
        /// Other scripts for another seed
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Where to keep what was measured
        #[arg(long, value_name = "FILE", default_value = "target/scripts.jsonl")]
        output: PathBuf,
    },
    /// Fetch or build a pinned tool into the cache, if it is not there, and print its path
    Tool {
        /// Name of the tool
        #[arg(value_parser = PossibleValuesParser::new(tools::names()))]
        name: String,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().chore) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // Nothing is left to tell when standard error is gone, too.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::from(2)
        }
    }
}

/// Whether everything the chore looked at is as it should be.
fn run(chore: Chore) -> anyhow::Result<bool> {
    let out = &mut io::stdout();
    match chore {
        Chore::Test => test::run(out),
        Chore::GroundTruth {
            files,
            case: Some(id),
            ..
        } => ground_truth::show(out, &files, &id),
        Chore::GroundTruth {
            files, levels: true, ..
        } => {
            let mut sound = true;
            for file in files {
                sound &= ground_truth::repair(out, &file)?;
            }
            Ok(sound)
        }
        Chore::GroundTruth {
            files,
            max_unknown,
            all,
            case: None,
            levels: false,
        } => {
            let mut agrees = true;
            for file in files {
                agrees &= ground_truth::judge(out, &file, max_unknown, all)?;
            }
            Ok(agrees)
        }
        Chore::Corpus {
            folder,
            fix: true,
            mutants,
            seed,
        } => corpus::repair(out, &folder, mutants, seed),
        Chore::Corpus { folder, .. } => corpus::run(out, &folder),
        Chore::Psa { folder } => psa::run(out, &folder),
        Chore::Fuzz { seconds, target } => fuzz::run(out, seconds, target.as_deref()),
        Chore::Docs { check } => docs::run(out, check),
        Chore::Browser { screenshots } => browser::judge(out, screenshots.as_deref()),
        Chore::Book => book::run(out),
        Chore::Agent { machine, twice } => agent::run(out, agent::Machine::named(machine.as_deref())?, twice),
        Chore::Image { judge: true, .. } => image::judge(out),
        Chore::Image {
            machine,
            output,
            revision,
            judge: false,
        } => {
            let machine = agent::Machine::named(machine.as_deref())?;
            image::run(out, machine, &output, revision.as_deref())
        }
        Chore::Pipelines => pipelines::run(out),
        Chore::Readers => readers::judge(out),
        Chore::Repairs { files, out: folder } => repairs::run(out, &files, folder.as_deref()),
        Chore::Sandbox { verb } => sandbox::run(out, verb.as_deref()),
        Chore::Shells {
            scripts,
            seed,
            output,
        } => shells::run(out, scripts, seed, &output),
        Chore::Tool { name } => {
            writeln!(out, "{}", tools::path(&name)?.display())?;
            Ok(true)
        }
    }
}
