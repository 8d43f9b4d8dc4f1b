// SPDX-License-Identifier: Apache-2.0
//! Redirections (POSIX XCU 2.7).

use super::{Parsed, Parser};
use crate::script::{Redirect, RedirectKind};
use crate::word::{Part, Word};

/// The operators, longer ones before those they start with.
const OPERATORS: [(&str, RedirectKind); 12] = [
    ("&>>", RedirectKind::BothAppend),
    ("&>", RedirectKind::Both),
    ("<<<", RedirectKind::HereString),
    ("<<-", RedirectKind::HereDoc),
    ("<<", RedirectKind::HereDoc),
    ("<&", RedirectKind::DupIn),
    ("<>", RedirectKind::ReadWrite),
    ("<", RedirectKind::Read),
    (">>", RedirectKind::Append),
    (">&", RedirectKind::DupOut),
    (">|", RedirectKind::Clobber),
    (">", RedirectKind::Write),
];

/// What `|&` adds to the command before it.
pub(super) fn errors_to_output() -> Redirect {
    let target = Word {
        parts: vec![Part::Literal {
            text: "1".to_owned(),
            quoted: false,
        }],
    };
    Redirect {
        fd: Some(2),
        kind: RedirectKind::DupOut,
        target,
    }
}

impl Parser<'_> {
    /// The redirections at the cursor, up to anything else.
    pub(super) fn redirects(&mut self) -> Parsed<Vec<Redirect>> {
        let mut redirects = Vec::new();
        self.skip_blanks();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
            self.skip_blanks();
        }
        Ok(redirects)
    }

    /// Whether a number that belongs to another redirection stands at the cursor.
    fn at_descriptor(&self) -> bool {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        digits > 0 && matches!(self.peek_at(digits), Some(b'<' | b'>'))
    }

    /// A redirection, if one stands at the cursor. A number belongs to it only if it touches the operator.
    pub(super) fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let digits = self.rest().bytes().take_while(u8::is_ascii_digit).count();
        let Some(operator) = self.rest().get(digits..) else {
            return Ok(None);
        };
        let substitution = operator.starts_with("<(") || operator.starts_with(">(");
        if substitution || (digits > 0 && operator.starts_with('&')) {
            return Ok(None);
        }
        let Some((operator, kind)) = OPERATORS.iter().find(|(text, _)| operator.starts_with(text)) else {
            return Ok(None);
        };
        let fd = match self.rest().get(..digits) {
            None | Some("") => None,
            Some(number) => Some(number.parse().map_err(|_| {
                self.error(format!(
                    "`{number}{operator}` names no file descriptor; use a small number"
                ))
            })?),
        };
        self.position += digits + operator.len();
        self.skip_blanks();
        if self.at_descriptor() {
            return Err(self.unexpected(&format!("a target for `{operator}`")));
        }
        let target = if *kind == RedirectKind::HereDoc {
            self.here_document(*operator == "<<-")?
        } else {
            self.word()?
                .ok_or_else(|| self.unexpected(&format!("a target for `{operator}`")))?
        };
        Ok(Some(Redirect {
            fd,
            kind: *kind,
            target,
        }))
    }
}
