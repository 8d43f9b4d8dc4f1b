// SPDX-License-Identifier: Apache-2.0
//! `action.yml`, as the runner of GitHub Actions runs it: each step's script by bash, with the environment that the step
//! names, and the files for outputs and summaries.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::schema::{documents, validate};
use super::stage::{Project, Ran, Stage, example, run};
use crate::tools;
use crate::verdict::Verdict;

/// The values of expressions, each by what is between `${{` and `}}`.
type Expressions = BTreeMap<String, String>;

pub(super) fn judge(stage: &Stage) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let text = fs::read_to_string(crate::workspace().join("action.yml"))?;
    let action = documents(&text)?.pop().unwrap_or_default();
    validate(&mut verdict, &tools::GITHUB_ACTION, "action.yml", &action)?;

    let workflow = documents(&example(".github/workflows/writeway.yaml")?)?
        .pop()
        .unwrap_or_default();
    validate(&mut verdict, &tools::GITHUB_WORKFLOW, "the workflow", &workflow)?;
    let step = &workflow["jobs"]["writeway"]["steps"][1];
    verdict.expect(
        step["uses"]
            .as_str()
            .is_some_and(|uses| uses.starts_with("writeway/writeway@")),
        "the second step is ours",
        step,
    );
    let with = inputs(&step["with"]);
    for name in with.keys() {
        verdict.expect(
            action["inputs"][name].is_object(),
            "the action has the input",
            name,
        );
    }

    let installed = stage.bin.join("writeway").to_string_lossy().into_owned();
    let given = |pairs: &[(&str, &str)]| {
        let binary = ("binary", installed.as_str());
        let pairs = pairs.iter().chain([&binary]);
        pairs
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<BTreeMap<_, _>>()
    };
    for (what, project, given, code) in [
        ("without inputs, a finding", Project::Bad, given(&[]), 1),
        ("without inputs, none", Project::Good, given(&[]), 0),
        (
            "built from source, with the inputs of the workflow",
            Project::Bad,
            with,
            1,
        ),
        (
            "options",
            Project::Bad,
            given(&[("args", "--severity  error\n--quiet\n")]),
            0,
        ),
        ("two paths", Project::Bad, given(&[("paths", "a b/\nk8s\n\n")]), 1),
        (
            "what is not there",
            Project::Good,
            given(&[("paths", "nowhere")]),
            2,
        ),
        (
            "input that a shell would run",
            Project::Good,
            given(&[("paths", "$(touch pwned); `touch pwned` \"; touch pwned\n")]),
            2,
        ),
        (
            "options that a shell would run",
            Project::Good,
            given(&[("args", "--severity;touch${IFS}pwned $(touch${IFS}pwned) *")]),
            2,
        ),
    ] {
        let spaced = (
            "a b/pod.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata: {name: none}\nspec: {containers: []}\n",
        );
        let project = stage.project(project, &[spaced])?;
        let (ran, outputs) = run_action(stage, &action, &given, &project)?;
        verdict.expect(ran.code == code, &format!("{what}: exits with {code}"), &ran);
        let exit_code = outputs.get("exit-code");
        verdict.expect(
            exit_code == Some(&code.to_string()),
            &format!("{what}: the output exit-code"),
            &outputs,
        );
        let annotated = ran.said.contains("title=WW101");
        verdict.expect(annotated == (code == 1), &format!("{what}: an annotation"), &ran);
        verdict.expect(
            !project.join("pwned").exists(),
            &format!("{what}: nothing else is run"),
            &ran,
        );
        let sarif = outputs.get("sarif-file").cloned().unwrap_or_default();
        let asked = given.get("sarif-file").cloned().unwrap_or_default();
        verdict.expect(
            sarif == asked,
            &format!("{what}: the output sarif-file"),
            &outputs,
        );
        if !asked.is_empty() {
            let log: Value = serde_json::from_str(&fs::read_to_string(project.join(asked))?)?;
            let found = &log["runs"][0]["results"][0]["ruleId"];
            verdict.expect(found == "WW101", &format!("{what}: the SARIF log"), found);
        }
        if code == 1 {
            let summary = fs::read_to_string(project.join("../summary-check.md"))?;
            verdict.expect(
                summary.contains("WW101"),
                &format!("{what}: the summary"),
                &summary,
            );
        }
    }
    Ok(verdict)
}

/// What a step gives an action.
fn inputs(with: &Value) -> BTreeMap<String, String> {
    let entries = with.as_object().into_iter().flatten();
    entries
        .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// Runs the steps of an action until one fails: what the last one came to, and the outputs of the action.
fn run_action(
    stage: &Stage,
    action: &Value,
    given: &BTreeMap<String, String>,
    project: &Path,
) -> anyhow::Result<(Ran, BTreeMap<String, String>)> {
    let mut expressions = Expressions::from([(
        "github.action_path".to_owned(),
        stage.repository.to_string_lossy().into_owned(),
    )]);
    for (name, input) in action["inputs"].as_object().into_iter().flatten() {
        let value = given
            .get(name)
            .map(String::as_str)
            .or_else(|| input["default"].as_str());
        expressions.insert(format!("inputs.{name}"), value.unwrap_or_default().to_owned());
    }
    let temporary = stage.folder.join("runner");
    fs::create_dir_all(&temporary)?;
    let mut last = None;
    for step in action["runs"]["steps"].as_array().into_iter().flatten() {
        let id = step["id"].as_str().context("a step has no id")?;
        let script = step["run"].as_str().context("a step runs nothing")?;
        if script.contains("${{") || step["shell"] != "bash" {
            bail!("step {id}: what callers give may reach bash in the environment only");
        }
        let file = temporary.join(format!("{id}.sh"));
        fs::write(&file, script)?;
        let output = temporary.join(format!("{id}.output"));
        fs::write(&output, "")?;
        let summary = project.with_file_name(format!("summary-{id}.md"));
        fs::write(&summary, "")?;
        // The command of `shell: bash`, docs.github.com, workflow syntax, `jobs.<job_id>.steps[*].shell`.
        let mut bash = stage.command("bash", project)?;
        bash.args(["--noprofile", "--norc", "-eo", "pipefail"])
            .arg(file)
            .env("GITHUB_OUTPUT", &output)
            .env("GITHUB_STEP_SUMMARY", &summary)
            .env("RUNNER_TEMP", &temporary);
        stage.build_quickly(&mut bash);
        for (name, value) in step["env"].as_object().into_iter().flatten() {
            let value = evaluate(value.as_str().unwrap_or_default(), &expressions)?;
            bash.env(name, value);
        }
        let ran = run(&mut bash)?;
        for line in fs::read_to_string(&output)?.lines() {
            let (name, value) = line.split_once('=').context("an output without a value")?;
            expressions.insert(format!("steps.{id}.outputs.{name}"), value.to_owned());
        }
        let failed = ran.code != 0;
        last = Some(ran);
        if failed {
            break;
        }
    }
    let mut outputs = BTreeMap::new();
    for (name, output) in action["outputs"].as_object().into_iter().flatten() {
        let value = output["value"].as_str().unwrap_or_default();
        // An output that no step has set is empty.
        outputs.insert(name.clone(), evaluate(value, &expressions).unwrap_or_default());
    }
    Ok((last.context("the action has no steps")?, outputs))
}

/// The value of `${{ name }}`, which is all that the action uses.
fn evaluate(text: &str, expressions: &Expressions) -> anyhow::Result<String> {
    let name = text
        .strip_prefix("${{ ")
        .and_then(|text| text.strip_suffix(" }}"));
    let value = name.and_then(|name| expressions.get(name));
    value.cloned().with_context(|| format!("{text} has no value"))
}
