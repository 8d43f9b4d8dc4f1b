// SPDX-License-Identifier: Apache-2.0
//! The HTML report and the pictures of the map in Chromium, as readers meet them: no error and no request, what the JSON
//! documents say and nothing else, everything from the keyboard, in both themes, from phone to desk, without obstacles
//! that axe knows of, without a script, and on paper.
//!
//! Playwright drives the browser (`browser/*.mjs`), run by the Node that its package brings.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use writeway_report::printable;

use crate::{process, tools};

/// Workloads of the large repository.
const MANY: usize = 450;

/// Names as YAML writes them between double quotes: each means something in HTML, in JSON, in a script, or turns text.
const HOSTILE: [&str; 10] = [
    r"</script><script>alert(1)</script>",
    r"<img src=x onerror=alert(1)>",
    r"<!--<script>",
    r#"\"'`${alert(1)}&quot;&lt;"#,
    r"two\nlines\r\nand\ttab",
    r"\u2028\u2029\uFEFF",
    r"\e[31m\x7f\0",
    r"\u202Egnp.exe \u2066",
    r"\U0001F600 \U0010FFFF é 日本 עברית",
    r"averyveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryveryverylongname",
];

/// A pod with findings; its names are those that stand for `NAME`.
const POD: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: "NAME", namespace: "NAME"}
spec:
  containers:
    - name: "NAME"
      image: "acme/app:1"
      securityContext: {readOnlyRootFilesystem: true}
      volumeMounts: [{name: "NAME", mountPath: "/data/NAME"}]
  volumes: [{name: "NAME", emptyDir: {}}]
---
apiVersion: v1
kind: Pod
metadata: {name: "NAME", namespace: "never"}
spec: {containers: [{name: app, image: a, volumeMounts: [{name: "NAME", mountPath: /gone}]}]}
"#;

/// What the tests are given.
#[derive(Serialize)]
struct Plan<'a> {
    chromium: PathBuf,
    playwright: PathBuf,
    axe: PathBuf,
    screenshots: Option<&'a Path>,
    cases: Vec<Case>,
}

/// Inputs, in every form that is looked at.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Case {
    name: &'static str,
    report: PathBuf,
    map_page: PathBuf,
    svg: PathBuf,
    map: PathBuf,
    check: PathBuf,
}

/// What a test says.
#[derive(Deserialize)]
struct Verdict {
    case: String,
    test: String,
    looked: usize,
    problems: Vec<String>,
}

/// Looks at reports on several inputs; whether all is as it should be. Screenshots are taken when there is a folder.
///
/// # Errors
/// When the browser or what drives it cannot be had, or the program does not compile.
pub fn judge(out: &mut dyn Write, screenshots: Option<&Path>) -> anyhow::Result<bool> {
    let home = crate::workspace().join("target/browser");
    let chromium = tools::chromium()?;
    writeln!(out, "chromium: {}", chromium.display())?;
    let axe = tools::AXE.path_or_named()?;
    let driver = driver(&home)?;
    let screenshots = screenshots.map(std::path::absolute).transpose()?;
    if let Some(folder) = &screenshots {
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    }
    let plan = Plan {
        chromium,
        playwright: driver.join("package/index.js"),
        axe,
        screenshots: screenshots.as_deref(),
        cases: cases(&home.join("cases"))?,
    };
    let file = home.join("plan.json");
    fs::write(&file, serde_json::to_string(&plan)?)?;

    let script = crate::workspace().join("xtask/src/browser/run.mjs");
    let mut node = Command::new(driver.join("node"));
    let printed = process::output(node.args([&script, &file]))?;
    let verdicts = printed
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Verdict>, _>>()?;
    for Verdict {
        case,
        test,
        looked,
        problems,
    } in &verdicts
    {
        writeln!(
            out,
            "browser, {case}: {test}: {looked} looked at, {} problems",
            problems.len()
        )?;
        for problem in problems {
            writeln!(out, "  {}", printable(problem))?;
        }
    }
    let is_good = |verdict: &Verdict| verdict.problems.is_empty() && verdict.looked > 0;
    Ok(!verdicts.is_empty() && verdicts.iter().all(is_good))
}

/// The folder with Node and Playwright, unpacked once for each version.
fn driver(home: &Path) -> anyhow::Result<PathBuf> {
    let unpacked = home.join(format!("playwright-{}", tools::PLAYWRIGHT.version));
    let driver = unpacked.join("playwright/driver");
    if !unpacked.is_dir() {
        let partial = home.join(format!("partial-{}", std::process::id()));
        tools::unpack(&[&tools::PLAYWRIGHT], &partial)?;
        // Python's zipfile forgets who may run what.
        fs::set_permissions(
            partial.join("playwright/driver/node"),
            fs::Permissions::from_mode(0o755),
        )?;
        fs::rename(&partial, &unpacked)?;
    }
    ensure!(
        driver.join("node").is_file(),
        "{} has no driver",
        unpacked.display()
    );
    Ok(driver)
}

/// Writes every form of the inputs.
fn cases(home: &Path) -> anyhow::Result<Vec<Case>> {
    if home.is_dir() {
        fs::remove_dir_all(home).with_context(|| format!("cannot empty {}", home.display()))?;
    }
    let program = process::writeway("dev")?;
    let hostile = home.join("hostile/k8s");
    fs::create_dir_all(&hostile)?;
    for (index, name) in HOSTILE.iter().enumerate() {
        let file = hostile.join(format!("\"<b onclick=1>&amp;'{index} \u{1f600}.yaml"));
        fs::write(file, POD.replace("NAME", name))?;
    }
    let many = home.join("many/k8s");
    fs::create_dir_all(&many)?;
    let (first, _) = POD.split_once("---\n").unwrap_or((POD, ""));
    for index in 0..MANY {
        fs::write(
            many.join(format!("{index:03}.yaml")),
            first.replace("NAME", &format!("service-{index}")),
        )?;
    }
    let none = home.join("none/k8s");
    fs::create_dir_all(&none)?;
    fs::write(none.join("empty.yaml"), "# nothing\n")?;

    let examples = crate::workspace().join("examples");
    let facts = examples.join("facts.yaml");
    [
        ("examples", &examples, Some(&facts)),
        ("hostile", &hostile, None),
        ("many", &many, None),
        ("none", &none, None),
    ]
    .into_iter()
    .map(|(name, folder, facts)| case(&program, &home.join(name), name, folder, facts))
    .collect()
}

fn case(
    program: &Path,
    home: &Path,
    name: &'static str,
    folder: &Path,
    facts: Option<&PathBuf>,
) -> anyhow::Result<Case> {
    fs::create_dir_all(home)?;
    let folder = folder.canonicalize()?;
    let (parent, inputs) = (folder.parent(), folder.file_name());
    let run = |command: &str| {
        let mut run = Command::new(program);
        run.current_dir(parent.unwrap_or(&folder))
            .arg(command)
            .arg("--quiet");
        run.args(
            facts
                .iter()
                .flat_map(|facts| [Path::new("--facts"), facts.as_path()]),
        );
        run.arg(inputs.unwrap_or(folder.as_os_str()));
        run
    };
    let case = Case {
        name,
        report: home.join("report.html"),
        map_page: home.join("map.html"),
        svg: home.join("map.svg"),
        map: home.join("map.json"),
        check: home.join("check.json"),
    };
    let mut check = run("check");
    for (format, file) in [("html", &case.report), ("json", &case.check)] {
        check.arg(format!("--format={format}={}", file.display()));
    }
    process::output(check.arg("--exit-zero"))?;
    for (format, file) in [("html", &case.map_page), ("svg", &case.svg), ("json", &case.map)] {
        fs::write(
            file,
            process::output(run("map").arg(format!("--format={format}")))?,
        )?;
    }
    Ok(case)
}
