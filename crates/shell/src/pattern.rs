// SPDX-License-Identifier: Apache-2.0
//! Shell patterns: `*`, `?` and bracket expressions (POSIX XCU 2.14).

/// A piece of a pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Text that matches itself.
    Literal(String),
    /// `*`, `?` or `[…]` as written.
    Glob(String),
}

/// Whether the whole text matches. Linear in the text for each `*`.
#[must_use]
pub fn matches(pattern: &[Piece], text: &str) -> bool {
    let tokens = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    // Backtracks to the last `*` only: each later one makes the earlier ones irrelevant.
    let (mut token, mut at, mut star) = (0, 0, None);
    while at < text.len() {
        match tokens.get(token) {
            Some(Token::Any) => {
                star = Some((token, at));
                token += 1;
            }
            Some(single) if single.matches(text[at]) => {
                token += 1;
                at += 1;
            }
            _ => match star {
                Some((starred, from)) => {
                    star = Some((starred, from + 1));
                    token = starred + 1;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    tokens[token..].iter().all(|token| *token == Token::Any)
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Any,
    One,
    Character(char),
    Bracket {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Token {
    fn matches(&self, character: char) -> bool {
        match self {
            Self::Any => false,
            Self::One => true,
            Self::Character(own) => *own == character,
            Self::Bracket { negated, ranges } => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)) != *negated
            }
        }
    }
}

fn tokens(pattern: &[Piece]) -> Vec<Token> {
    let mut tokens = Vec::new();
    for piece in pattern {
        match piece {
            Piece::Literal(text) => tokens.extend(text.chars().map(Token::Character)),
            Piece::Glob(glob) if glob.starts_with('[') => tokens.push(bracket(glob)),
            Piece::Glob(glob) => {
                tokens.extend(
                    glob.chars()
                        .map(|glob| if glob == '*' { Token::Any } else { Token::One }),
                );
            }
        }
    }
    tokens
}

fn bracket(glob: &str) -> Token {
    let inner = glob.strip_prefix('[').unwrap_or(glob);
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let negated = inner.starts_with(['!', '^']);
    let characters: Vec<char> = inner.chars().skip(usize::from(negated)).collect();
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < characters.len() {
        let from = characters[at];
        if characters.get(at + 1) == Some(&'-') && at + 2 < characters.len() {
            ranges.push((from, characters[at + 2]));
            at += 3;
        } else {
            ranges.push((from, from));
            at += 1;
        }
    }
    Token::Bracket { negated, ranges }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_a_shell() {
        let glob = |text: &str| Piece::Glob(text.to_owned());
        let literal = |text: &str| Piece::Literal(text.to_owned());
        let rows: &[(&[Piece], &str, bool)] = &[
            (&[glob("*")], "", true),
            (&[literal("a"), glob("*"), literal("c")], "abbc", true),
            (&[literal("a"), glob("*"), literal("c")], "abbd", false),
            (&[glob("*"), literal("b"), glob("*"), literal("b")], "abab", true),
            (&[glob("?")], "ab", false),
            (&[glob("[a-c]"), glob("[!x]")], "by", true),
            (&[glob("[a-c]"), glob("[!x]")], "bx", false),
            (&[literal("*")], "x", false),
        ];
        for (pattern, text, expected) in rows {
            assert_eq!(matches(pattern, text), *expected, "{pattern:?} on {text:?}");
        }
    }
}
