// SPDX-License-Identifier: Apache-2.0
//! `subPath` and `subPathExpr`: which part of a volume a mount shows.

use writeway_yaml::Span;

use crate::environment::{Environment, Known};
use crate::expansion::expand;
use crate::{EnvVar, Spanned};

/// `subPath` or `subPathExpr` (mutually exclusive in the API).
#[derive(Debug, Clone, PartialEq)]
pub enum SubPath {
    /// Taken as written.
    Plain(Spanned<String>),
    /// With `$(VAR)`.
    Expr {
        /// The expression.
        written: Spanned<String>,
        /// What comes of it.
        expanded: ExpandedPath,
    },
}

/// What comes of `subPathExpr` (pkg/kubelet/container/helpers.go, ExpandContainerVolumeMounts).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpandedPath {
    /// This path.
    Known(String),
    /// A variable has its value from elsewhere. Its reference stands for it, as a name that is new in the volume.
    Open(String),
    /// None: kubelet does not make the container, for this reason.
    Never(String),
}

impl SubPath {
    /// Where it is written.
    pub fn span(&self) -> Span {
        self.written().span
    }

    /// What is written.
    pub fn written(&self) -> &Spanned<String> {
        match self {
            Self::Plain(written) | Self::Expr { written, .. } => written,
        }
    }

    /// The field that it is the value of.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Plain(_) => "subPath",
            Self::Expr { .. } => "subPathExpr",
        }
    }

    /// The path; `None` when the manifest does not say it.
    pub fn known(&self) -> Option<&str> {
        match self {
            Self::Plain(path) => Some(path.as_str()),
            Self::Expr {
                expanded: ExpandedPath::Known(path),
                ..
            } => Some(path),
            Self::Expr { .. } => None,
        }
    }
}

impl ExpandedPath {
    /// What comes of an expression in a container with these variables; `more` when there is an `envFrom`.
    pub(crate) fn of(expression: &str, env: &[EnvVar], more: bool) -> Self {
        if !expression.contains('$') {
            return Self::Known(expression.to_owned());
        }
        let environment = Environment::of(env, more);
        let mut open = false;
        let expanded = expand(expression, |name| match environment.get(name) {
            Known::Value("") => Err(format!("subPathExpr names the variable {name}, which is empty")),
            Known::Value(value) => Ok(Some(value.to_owned())),
            Known::Elsewhere => {
                open = true;
                Ok(Some(format!("$({name})")))
            }
            Known::Missing => Err(format!(
                "subPathExpr names the variable {name}, which the container does not have"
            )),
        });
        match expanded {
            Ok(path) if open => Self::Open(path),
            Ok(path) => Self::Known(path),
            Err(why) => Self::Never(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::EnvSource;

    #[test]
    fn variables_are_expanded_with_those_before_them_and_what_stands_elsewhere_is_not_guessed() {
        use ExpandedPath::{Known, Never, Open};
        let text = |text: &str| Spanned::new(text.to_owned(), Span::default());
        let variable = |name: &str, source| EnvVar {
            name: text(name),
            source,
        };
        let value = |name: &str, value: &str| variable(name, EnvSource::Value(text(value)));
        let env = [
            value("A", "one"),
            value("B", "$(A)/$(C)"),
            value("C", "two"),
            value("D", "$$(A)$$"),
            value("A", "again"),
            value("EMPTY", ""),
            variable("POD", EnvSource::Field(text("metadata.name"))),
            value("OF_POD", "x-$(POD)"),
            value("OF_SERVICE", "$(DB_SERVICE_HOST)"),
        ];
        let path = |path: &str| path.to_owned();
        let rows = [
            ("a/b", Known(path("a/b"))),
            ("$(A)/x", Known(path("again/x"))),
            // The first `A`, and no `C` yet.
            ("$(B)", Known(path("one/$(C)"))),
            ("$(D)", Known(path("$(A)$"))),
            ("$$(A)", Known(path("$(A)"))),
            ("$(POD)/$(A)", Open(path("$(POD)/again"))),
            ("$(OF_POD)", Open(path("$(OF_POD)"))),
            ("$(OF_SERVICE)", Open(path("$(OF_SERVICE)"))),
            (
                "$(KUBERNETES_SERVICE_HOST)",
                Open(path("$(KUBERNETES_SERVICE_HOST)")),
            ),
            (
                "$(EMPTY)",
                Never(path("subPathExpr names the variable EMPTY, which is empty")),
            ),
            (
                "$(A)/$(NONE)",
                Never(path(
                    "subPathExpr names the variable NONE, which the container does not have",
                )),
            ),
        ];
        for (expression, expected) in rows {
            assert_eq!(
                ExpandedPath::of(expression, &env, false),
                expected,
                "{expression}"
            );
        }
        assert_eq!(
            ExpandedPath::of("$(NONE)", &env, true),
            Open(path("$(NONE)")),
            "envFrom may bring it"
        );
    }

    #[test]
    fn values_that_double_come_to_an_end() {
        let text = |text: String| Spanned::new(text, Span::default());
        let env: Vec<EnvVar> = (0..64)
            .map(|number| EnvVar {
                name: text(format!("V{number}")),
                source: EnvSource::Value(text(match number {
                    0 => "x".to_owned(),
                    _ => format!("$(V{0})$(V{0})", number - 1),
                })),
            })
            .collect();
        assert_eq!(
            ExpandedPath::of("$(V3)", &env, false),
            ExpandedPath::Known("x".repeat(8))
        );
        assert_eq!(
            ExpandedPath::of("$(V63)", &env, false),
            ExpandedPath::Open("$(V63)".to_owned())
        );
    }
}
