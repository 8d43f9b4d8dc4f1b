// SPDX-License-Identifier: Apache-2.0
//! The Makefile and the justfile, by make and just.

use std::process::Command;

use super::stage::{Project, Stage, example, run};
use crate::tools;
use crate::verdict::Verdict;

pub(super) fn judge(stage: &Stage) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let makefile = example("Makefile")?;
    let justfile = example("justfile")?;
    let files = [("Makefile", makefile.as_str()), ("justfile", justfile.as_str())];
    let just = tools::JUST.path_or_named()?;
    let just = just.to_string_lossy();
    let bad = stage.project(Project::Bad, &files)?;
    let good = stage.project(Project::Good, &files)?;
    for (program, arguments, project, code) in [
        ("make", &["writeway"][..], &bad, 2),
        ("make", &["writeway"], &good, 0),
        (&just, &["writeway"], &bad, 1),
        (&just, &["writeway", "--severity", "error"], &bad, 0),
        (&just, &["writeway"], &good, 0),
    ] {
        let mut command: Command = stage.command(program, project)?;
        let ran = run(command.args(arguments))?;
        let what = format!("{program} {} exits with {code}", arguments.join(" "));
        verdict.expect(ran.code == code, &what, &ran);
        let found = ran.said.contains("WW101");
        verdict.expect(
            found == (code != 0),
            "a finding is shown, where there is one",
            &ran,
        );
    }
    Ok(verdict)
}
