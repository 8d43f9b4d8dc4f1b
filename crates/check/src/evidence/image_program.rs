// SPDX-License-Identifier: Apache-2.0
//! Whether a container runs the program that its image is made for, so that what is known of the image holds for it.

use writeway_facts::ImageReference;
use writeway_facts::knowledge::{Knowledge, Language, lookup};
use writeway_manifest::Container;

use crate::RuleContext;

/// Programs by the language that they run or are written in.
const PROGRAMS: &[(Language, &[&str])] = &[
    (Language::DotNet, &["dotnet"]),
    (Language::Java, &["java"]),
    (Language::Node, &["node", "npm", "npx", "yarn"]),
    (Language::Php, &["apache2-foreground", "php", "php-fpm"]),
    (
        Language::Python,
        &["celery", "gunicorn", "python", "python3", "uvicorn"],
    ),
    (
        Language::Ruby,
        &[
            "bundle", "bundler", "fluentd", "irb", "jekyll", "jruby", "puma", "rackup", "rails", "rake",
            "ruby", "sidekiq", "thin", "unicorn",
        ],
    ),
];
/// Names that are too short to be looked for in others: `sh` is in many.
const SHORT: usize = 2;

/// What a container runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ImageProgram {
    /// The image's own entry point.
    Entrypoint,
    /// A command that names a program like the image, or one of the image's language.
    Named,
    /// Another command.
    Other,
}

impl ImageProgram {
    /// What a container runs.
    pub(crate) fn of(context: &RuleContext<'_>, container: &Container) -> Self {
        if container.command.is_none() {
            return Self::Entrypoint;
        }
        let image = container.image.as_ref().map_or("", |image| image.as_str());
        let repository = ImageReference::parse(image)
            .map(|reference| reference.repository().to_owned())
            .unwrap_or_default();
        let name = repository.rsplit('/').next().unwrap_or_default();
        let language = match lookup(image) {
            Knowledge::Known(writes) => writes.iter().find_map(|write| write.language),
            Knowledge::Unknown => None,
        };
        let own = |program: &str| {
            let alike = program.len() > SHORT && (program.contains(name) || name.contains(program));
            (alike && !name.is_empty()) || language.is_some_and(|language| is_of(program, language))
        };
        match context
            .commands(container)
            .iter()
            .any(|command| own(&command.name))
        {
            true => Self::Named,
            false => Self::Other,
        }
    }
}

/// Whether a program, by its name without folders, runs a language or is written in it.
pub(crate) fn is_of(program: &str, language: Language) -> bool {
    language_of(program) == Some(language)
}

/// The language that a program runs or is written in.
pub(crate) fn language_of(program: &str) -> Option<Language> {
    let row = PROGRAMS
        .iter()
        .find(|(_, programs)| programs.contains(&program))?;
    Some(row.0)
}
