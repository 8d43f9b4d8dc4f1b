// SPDX-License-Identifier: Apache-2.0
//! `templates/writeway.yml`, as GitLab and its runner use it: inputs are put into the text, then the scripts run in a
//! shell, with the variables of the job.

use std::fs;

use anyhow::Context as _;
use serde_json::Value;

use super::schema::{documents, validate};
use super::stage::{Project, Ran, Stage, example, run};
use crate::tools;
use crate::verdict::Verdict;

pub(super) fn judge(stage: &Stage) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let template = fs::read_to_string(crate::workspace().join("templates/writeway.yml"))?;
    for document in documents(&template)? {
        validate(
            &mut verdict,
            &tools::GITLAB_CI,
            "a document of templates/writeway.yml",
            &document,
        )?;
    }
    let pipeline = documents(&example(".gitlab-ci.yml")?)?.pop().unwrap_or_default();
    validate(&mut verdict, &tools::GITLAB_CI, ".gitlab-ci.yml", &pipeline)?;
    let include = &pipeline["include"][0];
    verdict.expect(
        include["remote"]
            .as_str()
            .is_some_and(|url| url.ends_with("/templates/writeway.yml")),
        "the example includes the template",
        include,
    );

    let repository = format!("file://{}", stage.repository.display());
    let mut built = include["inputs"].clone();
    built["repository"] = repository.into();
    built["revision"] = stage.commit.clone().into();
    let quick = serde_json::json!({"revision": "main", "args": "--severity error --confidence high"});
    let globs = serde_json::json!({"revision": "main", "paths": "*/pod.yaml k8s"});
    for (what, project, inputs, installed, code) in [
        (
            "built from source, with the inputs of the example",
            Project::Bad,
            &built,
            false,
            1,
        ),
        ("a finding", Project::Bad, &include["inputs"], true, 1),
        ("none", Project::Good, &include["inputs"], true, 0),
        ("options", Project::Bad, &quick, true, 0),
        ("a glob and a folder", Project::Bad, &globs, true, 1),
    ] {
        for shell in ["bash", "sh"] {
            let project = stage.project(project, &[])?;
            let ran = run_job(stage, &template, inputs, installed, shell, &project)?;
            let what = format!("{what}, {shell}");
            verdict.expect(ran.code == code, &format!("{what}: exits with {code}"), &ran);
            let report = fs::read_to_string(project.join("gl-code-quality-report.json")).unwrap_or_default();
            let issues: Vec<Value> = serde_json::from_str(&report).unwrap_or_else(|_| vec![Value::Null]);
            let found: Vec<_> = issues.iter().map(|issue| &issue["check_name"]).collect();
            verdict.expect(
                found == vec!["WW101"; usize::from(code == 1)],
                &format!("{what}: the report"),
                &report,
            );
            verdict.expect(
                ran.said.contains("WW101") == (code == 1),
                &format!("{what}: the log"),
                &ran,
            );
        }
    }
    Ok(verdict)
}

/// Runs the job of the template.
fn run_job(
    stage: &Stage,
    template: &str,
    inputs: &Value,
    installed: bool,
    shell: &str,
    project: &std::path::Path,
) -> anyhow::Result<Ran> {
    let (spec, _) = template
        .split_once("\n---\n")
        .context("the template has no header")?;
    let spec = documents(spec)?.pop().unwrap_or_default();
    let mut text = template.to_owned();
    for (name, input) in spec["spec"]["inputs"].as_object().into_iter().flatten() {
        let value = inputs[name].as_str().or_else(|| input["default"].as_str());
        let value = value.with_context(|| format!("the input {name} has to be given"))?;
        text = text.replace(&format!("$[[ inputs.{name} ]]"), value);
    }
    for name in inputs.as_object().into_iter().flatten().map(|(name, _)| name) {
        anyhow::ensure!(
            spec["spec"]["inputs"][name].is_object(),
            "the template has no input {name}"
        );
    }
    let jobs = documents(&text)?.pop().unwrap_or_default();
    let job = &jobs["writeway"];
    let lines = ["before_script", "script"]
        .iter()
        .flat_map(|key| job[*key].as_array().into_iter().flatten());
    let script: Vec<_> = lines.filter_map(Value::as_str).collect();
    anyhow::ensure!(script.len() > 1, "the job has no script");

    // In the image of Rust, what cargo installs is in PATH.
    let root = stage.folder.join("gitlab");
    let mut command = stage.command(shell, project)?;
    command
        .args(["-ec", &script.join("\n")])
        .env("CARGO_INSTALL_ROOT", &root);
    if !installed {
        command.env("PATH", stage.path(&root.join("bin"))?);
    }
    stage.build_quickly(&mut command);
    for (name, value) in job["variables"].as_object().into_iter().flatten() {
        command.env(name, value.as_str().unwrap_or_default());
    }
    run(&mut command)
}
