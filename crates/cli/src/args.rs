// SPDX-License-Identifier: Apache-2.0
//! The command line: its commands, and the options that several of them share.

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use writeway_facts::VersionNumber;
use writeway_pod_security::Level;

use crate::commands;
use crate::config::ConfigArgs;

const ABOUT: &str = "Proves, for any Kubernetes manifest, who can write where";

const LONG_ABOUT: &str = "\
Proves, for any Kubernetes manifest, who can write where.\n\n\
Writeway works out what kubelet, the container runtime and the kernel will do with a pod: who its processes are, what \
is mounted where, whom that belongs to, and whether a file can be created or overwritten there. Every answer is yes, no \
with the error the program will see, or unknown with the reason; and every answer can be asked why. No cluster is \
needed. What no manifest says (the user of an image, the owner of a host directory) can be told in a facts file.";

const EXAMPLES: &str = "\
Examples:
  writeway map deploy.yaml                      who can write where
  writeway map --why --path /var/cache k8s/     the same, step by step, and for one more path
  helm template . | writeway check -            findings, from standard input
  writeway facts app.tar > facts.yaml           the facts of a saved image
  writeway check --facts facts.yaml k8s/        findings that need to know the image
  writeway admit --level restricted k8s/        which pods Pod Security admits, and why not the others
  writeway rule WW201                           what a finding means, and what to do
  writeway generate own --from deploy.yaml      an init container that hands a volume over

Environment:
  Every option has a twin, e.g. WRITEWAY_FACTS for --facts; the command line wins. NO_COLOR is respected.

Exit codes:
  0  nothing to report
  1  findings, or a verdict that --fail-on refuses
  2  wrong usage, or input that cannot be read; the rest is still processed";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "writeway", version, about = ABOUT, long_about = LONG_ABOUT, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Map(commands::map::MapArgs),
    Check(commands::check::CheckArgs),
    Admit(commands::admit::AdmitArgs),
    Rule(commands::rule::RuleArgs),
    Facts(commands::facts::FactsArgs),
    Generate(commands::generate::GenerateArgs),
    Schema(commands::schema::SchemaArgs),
    Completions(commands::completions::CompletionsArgs),
    Man(commands::man::ManArgs),
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// When to use colour; auto is on terminals
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    #[arg(env = "WRITEWAY_COLOR", hide_env = true)]
    pub(crate) color: ColorWhen,
    /// Print answers and errors, nothing else
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    #[arg(env = "WRITEWAY_QUIET", hide_env = true, value_parser = BoolishValueParser::new())]
    pub(crate) quiet: bool,
    /// Print what was left out of the inputs, one by one
    #[arg(short, long, global = true)]
    #[arg(env = "WRITEWAY_VERBOSE", hide_env = true, value_parser = BoolishValueParser::new())]
    pub(crate) verbose: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

/// What to read, for the commands that read manifests.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct InputArgs {
    /// Files, folders, globs, or `-` for standard input
    ///
    /// Folders are read recursively: *.yaml, *.yml and *.json, without hidden files and what .gitignore names. Objects
    /// of all inputs are joined: a claim in one file explains a pod in another.
    #[arg(value_name = "PATHS", default_value = ".", help_heading = None)]
    pub(crate) paths: Vec<PathBuf>,
    /// What no manifest says: images, host directories, storage classes; repeated, the last one wins
    #[arg(long, value_name = "FILE", env = "WRITEWAY_FACTS", hide_env = true)]
    pub(crate) facts: Vec<PathBuf>,
    /// Version of the cluster, e.g. 1.36; wins over facts; 1.37 when neither says
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    #[arg(env = "WRITEWAY_KUBERNETES_VERSION", hide_env = true)]
    pub(crate) kubernetes_version: Option<VersionNumber>,
    /// Leave out files and folders that match, e.g. `testdata` or `charts/*/ci`; repeatable
    #[arg(
        long,
        value_name = "GLOB",
        env = "WRITEWAY_EXCLUDE",
        hide_env = true,
        value_delimiter = ','
    )]
    pub(crate) exclude: Vec<String>,
    /// Render Helm charts and kustomizations with helm, and kustomize or kubectl
    ///
    /// The programs are taken from PATH, or from WRITEWAY_HELM and WRITEWAY_KUSTOMIZE. Without this option no foreign
    /// program is run.
    #[arg(long, env = "WRITEWAY_RENDER", hide_env = true, value_parser = BoolishValueParser::new())]
    pub(crate) render: bool,
    /// What standard input is called in messages
    #[arg(long, value_name = "NAME", env = "WRITEWAY_STDIN_FILENAME", hide_env = true)]
    pub(crate) stdin_filename: Option<String>,
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// A Pod Security level.
pub(crate) fn parse_level(text: &str) -> Result<Level, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// A version of a cluster.
pub(crate) fn parse_version(text: &str) -> Result<VersionNumber, String> {
    text.parse().map_err(|error| format!("{error}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
