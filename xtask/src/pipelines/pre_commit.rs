// SPDX-License-Identifier: Apache-2.0
//! `.pre-commit-hooks.yaml`, by pre-commit.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::schema::documents;
use super::stage::{Project, Stage, example, run};
use crate::tools;
use crate::verdict::Verdict;

pub(super) fn judge(stage: &Stage) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let packages = stage.folder.join("python");
    tools::unpack(
        &[&tools::PRE_COMMIT, &tools::CFGV, &tools::IDENTIFY, &tools::PYYAML],
        &packages,
    )?;
    let pre_commit = |project: &Path, arguments: &[&str]| -> anyhow::Result<Command> {
        let mut python = stage.command("python3", project)?;
        python
            .args(["-m", "pre_commit"])
            .args(arguments)
            .env("PYTHONPATH", &packages)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PRE_COMMIT_HOME", stage.folder.join("pre-commit"));
        stage.build_quickly(&mut python);
        Ok(python)
    };
    let manifest = ["validate-manifest", ".pre-commit-hooks.yaml"];
    let ran = run(&mut pre_commit(&stage.repository, &manifest)?)?;
    verdict.expect(ran.code == 0, "the hooks are valid", &ran);

    let mut config = documents(&example(".pre-commit-config.yaml")?)?
        .pop()
        .unwrap_or_default();
    let repository = &mut config["repos"][0];
    verdict.expect(
        repository["hooks"][0]["id"] == "writeway",
        "the example has our hook",
        repository,
    );
    repository["repo"] = format!("file://{}", stage.repository.display()).into();
    repository["rev"] = stage.commit.clone().into();
    let example = config.to_string();
    config["repos"][0]["hooks"][0]["id"] = "writeway-system".into();
    let system = config.to_string();
    config["repos"][0]["hooks"][0]["args"] = json!(["--severity", "error"]);
    let lenient = config.to_string();
    for (what, config, project, code) in [
        ("a finding, built from source", &example, Project::Bad, 1),
        ("none, built from source", &example, Project::Good, 0),
        ("a finding", &system, Project::Bad, 1),
        ("none", &system, Project::Good, 0),
        ("options", &lenient, Project::Bad, 0),
    ] {
        let name = ".pre-commit-config.yaml";
        let project = stage.project(project, &[(name, config), ("notes.txt", "none\n")])?;
        let mut all = pre_commit(&project, &["run", "--all-files"])?;
        if config == &example {
            // No installed writeway: the hook has to build its own.
            all.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        }
        let ran = run(&mut all)?;
        verdict.expect(ran.code == code, &format!("{what}: exits with {code}"), &ran);
        let said = if code == 0 { "Passed" } else { "WW101" };
        verdict.expect(ran.said.contains(said), &format!("{what}: {said}"), &ran);
        let ran = run(&mut pre_commit(&project, &["run", "--files", "notes.txt"])?)?;
        verdict.expect(
            ran.said.contains("Skipped"),
            &format!("{what}: not for other files"),
            &ran,
        );
    }
    Ok(verdict)
}
