// SPDX-License-Identifier: Apache-2.0
//! Whether a container runs Ruby, and how surely.

use writeway_facts::knowledge::{self, Knowledge, Language, lookup};
use writeway_facts::{EntryType, ImageFacts};
use writeway_manifest::Container;

use crate::evidence::image_program::{is_of, language_of};
use crate::{Confidence, RuleContext};

/// Variables that images with Ruby set (docker-library/ruby, Dockerfile.template).
const VARIABLES: &[&str] = &["RUBY_VERSION", "BUNDLE_APP_CONFIG", "GEM_HOME"];
/// What makes one take a container for one that runs Ruby.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ruby {
    /// How sure it is.
    pub(crate) confidence: Confidence,
    /// What it is taken from.
    pub(crate) why: String,
}

impl Ruby {
    /// Whether a container runs Ruby; `None` when nothing says so.
    pub(crate) fn of(context: &RuleContext<'_>, container: &Container) -> Option<Self> {
        let programs = programs(context, container);
        let runs_ruby = programs.iter().any(|program| is_of(program, Language::Ruby));
        // Images of Ruby applications bring other interpreters along.
        if !runs_ruby && programs.iter().any(|program| language_of(program).is_some()) {
            return None;
        }
        let image = container.image.as_ref()?;
        let facts = context.access.facts.image(image);
        let Some(ruby) = from_facts(image, facts).or_else(|| from_table(image)) else {
            let program = programs.iter().find(|program| is_of(program, Language::Ruby))?;
            return Some(Self {
                confidence: Confidence::Low,
                why: format!("the container runs `{program}`, which is Ruby"),
            });
        };
        // Another command than the image's own, and none of Ruby's: a shell script, or a tool of the image.
        if container.command.is_some() && !runs_ruby {
            return Some(Self {
                confidence: Confidence::Low,
                ..ruby
            });
        }
        Some(ruby)
    }
}

/// The programs that the manifest names, without folders.
fn programs(context: &RuleContext<'_>, container: &Container) -> Vec<String> {
    let commands = context.commands(container).iter();
    let mut programs: Vec<_> = commands.map(|command| command.name.clone()).collect();
    // The image's entry point mostly runs its arguments.
    if container.command.is_none() {
        let first = container.args.iter().flatten().next();
        let name = first.and_then(|word| word.rsplit('/').next());
        programs.extend(name.map(str::to_owned));
    }
    programs
}

fn from_facts(image: &str, facts: Option<&ImageFacts>) -> Option<Ruby> {
    let facts = facts?;
    let variable = facts
        .env
        .as_ref()
        .and_then(|env| VARIABLES.iter().find(|name| env.contains_key(**name)));
    let file = facts
        .paths
        .iter()
        .find(|(path, fact)| path.ends_with("/bin/ruby") && fact.kind != EntryType::Directory);
    let why = match (variable, file) {
        (Some(name), _) => format!("image `{image}` sets `{name}`, as images with Ruby do"),
        (None, Some((path, _))) => format!("image `{image}` has `{path}`"),
        (None, None) => return None,
    };
    Some(Ruby {
        confidence: Confidence::High,
        why,
    })
}

fn from_table(image: &str) -> Option<Ruby> {
    let Knowledge::Known(writes) = lookup(image) else {
        return None;
    };
    let ruby = writes
        .iter()
        .filter(|write| write.sticky || write.language == Some(Language::Ruby));
    let write = ruby.max_by_key(|write| (write.sticky, write.confidence))?;
    Some(Ruby {
        confidence: match write.confidence {
            knowledge::Confidence::High => Confidence::High,
            knowledge::Confidence::Medium | knowledge::Confidence::Low => Confidence::Medium,
        },
        why: format!(
            "image `{image}` is known to be Ruby, and to write to {}: {} ({})",
            write.path.unwrap_or_default(),
            write.purpose,
            write.source
        ),
    })
}
