// SPDX-License-Identifier: Apache-2.0
//! `writeway map`: the write map.

mod comparison;

use std::cell::Cell;
use std::io::Write;
use std::path::PathBuf;

use anyhow::bail;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use writeway_access::{Context, PodMap, Tri};
use writeway_check::{map_all, write_verdict};
use writeway_manifest::{Which, Workload};
use writeway_report::{TableOptions, write_map_html, write_map_json, write_map_svg, write_workload_table};

use crate::args::InputArgs;
use crate::exit::Outcome;
use crate::formats::given_or_shared;
use crate::inputs::{self, Answered};
use crate::progress::Progress;
use crate::terminal::Terminal;

const LONG_ABOUT: &str = "\
Shows who can write where: for every container and path, what is there, and whether its process can create a file \
there or overwrite one.\n\n\
The paths of a container are its mounts, /tmp, /var/tmp, /run, /dev/shm, its working directory, its home directory, \
and those of --path. In the table, OWNER is uid:gid, FILE is the file that OVERWRITE is about where it is not the path \
itself, and LIFETIME says how long what is written there lives. `?` and `unknown` mean that manifests and facts do not \
tell; --why says what is missing. The JSON document has more, e.g. delete, exec and Ruby's Dir.tmpdir.\n\n\
--compare holds the map against what `writeway-agent probe --format json` saw in a running pod. The workload is the one \
that makes a pod of that name, or the only one there is. What one side does not know is counted, and contradicts nothing.";

const EXAMPLES: &str = "\
Examples:
  writeway map k8s/                                     every workload below a folder
  writeway map --why --container app deploy.yaml        how each answer came about
  writeway map --facts facts.yaml deploy.yaml           with what is known of images and nodes
  writeway map --path /var/cache --fail-on no k8s/      fail unless all can write there
  writeway map --format html k8s/ > map.html            to look at in a browser
  writeway map --format json - < pod.yaml               for programs; see `writeway schema map`
  writeway map --compare probe.json deploy.yaml         whether a running pod is as the map says";

/// Show who can write where
#[derive(Debug, Args)]
#[command(long_about = LONG_ABOUT, after_help = EXAMPLES)]
pub(crate) struct MapArgs {
    #[command(flatten)]
    input: InputArgs,
    /// Map this path too, in every container; repeatable
    #[arg(id = "path", long, value_name = "PATH", value_parser = parse_path, help_heading = "Selection")]
    #[arg(env = "WRITEWAY_PATH", hide_env = true, value_delimiter = ',')]
    paths: Vec<String>,
    /// Show only containers of this name; repeatable
    #[arg(id = "container", long, value_name = "NAME", help_heading = "Selection")]
    #[arg(env = "WRITEWAY_CONTAINER", hide_env = true, value_delimiter = ',')]
    containers: Vec<String>,
    /// How the map is written: as a table unless said otherwise
    #[arg(long, value_enum, help_heading = "Output")]
    format: Option<MapFormat>,
    /// Print below each path the steps that led to its answers
    #[arg(long, help_heading = "Output")]
    #[arg(env = "WRITEWAY_WHY", hide_env = true, value_parser = BoolishValueParser::new())]
    why: bool,
    /// Exit with 1 when a path cannot be written or a pod does not start; `unknown`: also when that is unknown
    ///
    /// With --path only those paths are judged. A directory is judged by creating a file in it, a file by overwriting it.
    #[arg(long, value_enum, value_name = "VERDICT", help_heading = "Output")]
    #[arg(env = "WRITEWAY_FAIL_ON", hide_env = true)]
    fail_on: Option<FailOn>,
    /// Compare with what `writeway-agent probe --format json` printed; exit with 1 where they contradict each other
    ///
    /// The probe knows its container where kubelet keeps the termination message in the usual place, or was told;
    /// --container says it otherwise.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fail_on", "why"], help_heading = "Output")]
    #[arg(env = "WRITEWAY_COMPARE", hide_env = true)]
    compare: Option<PathBuf>,
}

/// How the map is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MapFormat {
    /// Lines for people
    #[value(alias = "human")]
    Table,
    /// One JSON document; see `writeway schema map`
    Json,
    /// One page for a browser, with the derivation of each answer
    Html,
    /// A picture, e.g. for a README; several workloads stand one below the other
    Svg,
}

/// The mildest verdict that is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    No,
    Unknown,
}

impl FailOn {
    fn refuses(self, verdict: Tri) -> bool {
        match verdict {
            Tri::Yes => false,
            Tri::No => true,
            Tri::Unknown => self == Self::Unknown,
        }
    }
}

fn parse_path(text: &str) -> Result<String, String> {
    if text.starts_with('/') {
        Ok(text.to_owned())
    } else {
        Err("a path in a container begins with `/`".to_owned())
    }
}

/// Prints the map.
///
/// # Errors
/// When facts cannot be read, or nothing can be written.
pub(crate) fn run(args: &MapArgs, terminal: Terminal) -> anyhow::Result<Outcome> {
    let format = given_or_shared(args.format, MapFormat::Table)?;
    let probe = args.compare.as_deref().map(comparison::read).transpose()?;
    if probe.is_some() && !matches!(format, MapFormat::Table | MapFormat::Json) {
        bail!("--compare prints a table or JSON: leave out --format, or say --format json");
    }
    let config = args.input.config.load(terminal)?;
    let inputs = inputs::read(&args.input, &config, Answered::default(), terminal)?;
    if let Some(probe) = &probe {
        return comparison::run(probe, &args.containers, &inputs, format, terminal);
    }
    let inventory = &inputs.inventory;
    let context = Context {
        inventory,
        facts: &inputs.facts,
        extra_paths: &args.paths,
    };
    // A table that is written to a terminal is its own progress bar.
    let progress = (format != MapFormat::Table || terminal.width.is_none())
        .then(|| Progress::start(terminal, "mapping workloads", Some(inventory.workloads().len())));
    let outcome = Cell::new(inputs.outcome);
    let maps = map_all(&context).filter_map(|(workload, map)| {
        progress.iter().for_each(Progress::step);
        let map = args.select(workload, map)?;
        outcome.set(outcome.get().max(args.judge(&map)));
        Some((workload, map))
    });
    let mut out = terminal.stdout();
    match format {
        MapFormat::Html => write_map_html(&mut out, inventory, &inputs.renderers, maps)?,
        MapFormat::Svg => write_map_svg(&mut out, inventory, maps)?,
        MapFormat::Json => write_map_json(&mut out, inventory, &inputs.renderers, maps)?,
        MapFormat::Table => {
            let options = TableOptions {
                color: terminal.color,
                width: terminal.width,
                why: args.why,
            };
            for (index, (workload, map)) in maps.enumerate() {
                if index > 0 {
                    writeln!(out)?;
                }
                write_workload_table(&mut out, inventory, workload, &map, &options)?;
            }
        }
    }
    out.flush()?;
    Ok(outcome.get())
}

impl MapArgs {
    /// What is shown of a workload: all of it, or the containers asked for; `None` when it has none of these.
    fn select(&self, workload: &Workload, mut map: PodMap) -> Option<PodMap> {
        if self.containers.is_empty() {
            return Some(map);
        }
        map.containers
            .retain(|container| self.containers.contains(&container.name));
        let has_any = workload
            .pod
            .containers(Which::All)
            .any(|container| self.containers.contains(&container.name));
        has_any.then_some(map)
    }

    fn judge(&self, map: &PodMap) -> Outcome {
        let Some(fail_on) = self.fail_on else {
            return Outcome::Clean;
        };
        let paths = map.containers.iter().flat_map(|container| &container.paths);
        let judged = paths.filter(|path| self.paths.is_empty() || self.asks_for(&path.path));
        let mut verdicts = judged
            .map(|path| write_verdict(path).tri())
            .chain([map.starts.verdict]);
        if verdicts.any(|verdict| fail_on.refuses(verdict)) {
            Outcome::Refused
        } else {
            Outcome::Clean
        }
    }

    fn asks_for(&self, path: &str) -> bool {
        self.paths
            .iter()
            .any(|asked| asked == path || asked.trim_end_matches('/') == path)
    }
}
