// SPDX-License-Identifier: Apache-2.0
//! `writeway admit`: the Pod Security Standards.

use std::collections::BTreeSet;
use std::io::Write;

use clap::{Args, ValueEnum};
use writeway_manifest::Place;
use writeway_pod_security::{Admission, Level, NamespacePolicy, PolicyVersion, Request};
use writeway_report::{counted, write_admissions_human, write_admissions_json};

use crate::args::{InputArgs, parse_level};
use crate::exit::Outcome;
use crate::formats::given_or_shared;
use crate::inputs::{self, Answered, Inputs};
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Says which pods the Pod Security Standards admit, as the admission controller of Kubernetes 1.37 would, without a \
cluster.\n\n\
Without --level each pod is judged by the label pod-security.kubernetes.io/enforce of its Namespace, and the version \
that enforce-version pins, where the Namespace is among the inputs. Deployments, Jobs and whatever else makes pods are \
judged by their template: a cluster takes them, and refuses their pods. Each check that refuses a pod is named by its id \
in Kubernetes, with the fields at fault.\n\n\
Version v1.N means the rules of that release; latest means those of 1.37, or of --kubernetes-version. What clusters \
configure beside their namespaces (other defaults, exemptions, other admission controllers) is not known here.";

const EXAMPLES: &str = "\
Examples:
  writeway admit --level restricted k8s/                  every pod below a folder
  writeway admit namespace.yaml deploy.yaml               by the labels of the Namespace
  writeway admit --level restricted --version v1.31 .     by the rules of an older release
  writeway admit --version latest k8s/                    by the labels, as if nothing were pinned
  helm template . | writeway admit --level baseline -     from standard input
  writeway admit --level baseline --format json .         for programs; see `writeway schema admit`

Levels:
  privileged  no demands
  baseline    no known way to more privileges
  restricted  current practice of hardening

Exit codes:
  0  every pod is admitted
  1  a pod is refused
  2  wrong usage, or input that cannot be read, a value that decides and is not filled in among it";

/// Say which pods the Pod Security Standards admit
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct AdmitArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Judge by this level: privileged, baseline or restricted; wins over the labels of namespaces
    #[arg(long, value_name = "LEVEL", value_parser = parse_level, help_heading = "Policy")]
    #[arg(env = "WRITEWAY_LEVEL", hide_env = true)]
    level: Option<Level>,
    /// Judge by the rules of this release, v1.0 to v1.37 or latest; wins over the labels of namespaces
    ///
    /// Its twin in the environment is WRITEWAY_POLICY_VERSION.
    #[arg(long, value_name = "VERSION", value_parser = parse_version, help_heading = "Policy")]
    #[arg(env = "WRITEWAY_POLICY_VERSION", hide_env = true)]
    version: Option<PolicyVersion>,
    /// How verdicts are written: as lines for people unless said otherwise
    #[arg(long, value_enum, help_heading = "Output")]
    format: Option<AdmitFormat>,
}

/// How verdicts are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AdmitFormat {
    /// Lines for people
    #[value(alias = "table")]
    Human,
    /// One JSON document; see `writeway schema admit`
    Json,
}

/// A version as labels have it, or without its `v`.
fn parse_version(text: &str) -> Result<PolicyVersion, String> {
    let with_v = format!("v{text}");
    text.parse()
        .or_else(|error| with_v.parse().map_err(|_| format!("{error}")))
}

/// Prints the verdicts.
///
/// # Errors
/// When facts cannot be read, or nothing can be written.
pub(crate) fn run(args: &AdmitArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let format = given_or_shared(args.format, AdmitFormat::Human)?;
    let config = args.input.config.load(terminal)?;
    let inputs = inputs::read(&args.input, &config, Answered::default(), terminal)?;
    let inventory = &inputs.inventory;
    let request = Request {
        level: args.level,
        version: args.version,
        cluster_minor: inputs
            .facts
            .kubernetes
            .version
            .map(|version| version.minor.into()),
    };
    let admissions: Vec<_> = inventory
        .workloads()
        .iter()
        .map(|workload| request.admit(inventory, workload))
        .collect();
    if args.level.is_none() {
        report_labels(&inputs, &admissions, terminal);
    }

    let mut out = terminal.stdout();
    match format {
        AdmitFormat::Json => write_admissions_json(&mut out, inventory, &inputs.renderers, &admissions)?,
        AdmitFormat::Human => write_admissions_human(&mut out, inventory, &admissions, terminal.color)?,
    }
    out.flush()?;
    let worst = admissions.iter().map(outcome).max();
    Ok(inputs.outcome.max(worst.unwrap_or_default()))
}

fn outcome(admission: &Admission<'_>) -> Outcome {
    match admission.verdict.admitted() {
        Some(true) => Outcome::Clean,
        Some(false) => Outcome::Refused,
        None => Outcome::Unreadable,
    }
}

/// Says which labels the API server would refuse, and how many pods have none.
fn report_labels(inputs: &Inputs, admissions: &[Admission<'_>], terminal: Terminal) {
    let inventory = &inputs.inventory;
    let names: BTreeSet<_> = admissions
        .iter()
        .map(|admission| admission.workload.object.effective_namespace())
        .collect();
    for namespace in names.into_iter().filter_map(|name| inventory.namespace(name)) {
        for mistake in NamespacePolicy::from_labels(&namespace.labels).mistakes {
            let at = inventory.position_text(Place {
                file: namespace.object.file,
                span: mistake.span,
            });
            terminal.note(format_args!(
                "{at}: warning: `{}` must be {}; the API server refuses such a Namespace, and judges by {} in one that \
                 has it",
                mistake.label, mistake.expected, mistake.counts_as
            ));
        }
    }
    let unlabelled = admissions
        .iter()
        .filter(|admission| admission.policy.is_none())
        .count();
    if unlabelled > 0 {
        terminal.note(format_args!(
            "no level is known for {}: add the Namespace with its label pod-security.kubernetes.io/enforce to the \
             inputs, or choose one with --level",
            counted(unlabelled, "pod")
        ));
    }
}
