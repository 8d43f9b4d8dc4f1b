// SPDX-License-Identifier: Apache-2.0
//! What is wrong with a facts file, and where.

use std::fmt;

use writeway_yaml::Position;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FactsError {
    /// Where it is.
    pub position: Position,
    /// What is wrong, why, and what is allowed.
    pub message: String,
}

impl fmt::Display for FactsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}: {}",
            self.position.line, self.position.column, self.message
        )
    }
}

impl std::error::Error for FactsError {}

/// Every mistake of a facts file, in the order of the text; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactsErrors(pub(crate) Vec<FactsError>);

impl FactsErrors {
    /// The mistakes.
    pub fn iter(&self) -> std::slice::Iter<'_, FactsError> {
        self.0.iter()
    }

    /// One line each, with the name of the file: `facts.yaml:3:5: …`.
    pub fn in_file(&self, name: &str) -> String {
        self.0
            .iter()
            .map(|error| format!("{name}:{error}"))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl fmt::Display for FactsErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, error) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            error.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for FactsErrors {}

impl<'e> IntoIterator for &'e FactsErrors {
    type Item = &'e FactsError;
    type IntoIter = std::slice::Iter<'e, FactsError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
