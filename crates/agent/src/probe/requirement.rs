// SPDX-License-Identifier: Apache-2.0
//! What has to hold: `--require create:/tmp`.

use std::path::{Path, PathBuf};

use super::path::PathProbe;
use super::place;

/// Names what a path has to allow, and finds the answer to it.
type Question = fn(&PathProbe) -> (String, &[String]);

/// Everything that can be required, by the name of its field in the document.
const QUESTIONS: &[(&str, Question)] = &[
    ("create", |probe| (probe.create.answer.text(), &probe.create.why)),
    ("overwrite", |probe| {
        (
            probe.overwrite.verdict.answer.text(),
            &probe.overwrite.verdict.why,
        )
    }),
    ("replace", |probe| {
        (probe.replace.verdict.answer.text(), &probe.replace.verdict.why)
    }),
    ("delete", |probe| {
        (probe.delete.verdict.answer.text(), &probe.delete.verdict.why)
    }),
    ("exec", |probe| {
        (probe.exec.verdict.answer.text(), &probe.exec.verdict.why)
    }),
    ("rubyTmpdir", |probe| {
        (probe.ruby_tmpdir.to_owned(), &probe.create.why)
    }),
];

/// One requirement.
#[derive(Clone, Debug)]
pub(super) struct Requirement {
    what: &'static str,
    question: Question,
    /// Where.
    pub(super) path: PathBuf,
}

impl Requirement {
    /// Reads `VERB:PATH`.
    ///
    /// # Errors
    /// What can be written instead.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let names: Vec<&str> = QUESTIONS.iter().map(|(name, _)| *name).collect();
        let (verb, path) = text
            .split_once(':')
            .filter(|(_, path)| !path.is_empty())
            .ok_or_else(|| "write VERB:PATH, as `create:/tmp`".to_owned())?;
        let (what, question) = QUESTIONS
            .iter()
            .find(|(name, _)| *name == verb)
            .ok_or_else(|| format!("`{verb}` is none of {}", names.join(", ")))?;
        Ok(Self {
            what,
            question: *question,
            path: place::absolute(Path::new(path)),
        })
    }

    /// What to say when it does not hold. Only *yes* is enough.
    pub(super) fn failure(&self, probe: &PathProbe) -> Option<String> {
        let (answer, why) = (self.question)(probe);
        if answer == "yes" {
            return None;
        }
        Some(format!(
            "`{}` in {} is required, and the answer is {answer}: {}",
            self.what,
            probe.path,
            why.join("; ")
        ))
    }

    pub(super) fn is_about(&self, path: &Path) -> bool {
        self.path == path
    }
}
