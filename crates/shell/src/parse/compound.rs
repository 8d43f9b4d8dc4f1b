// SPDX-License-Identifier: Apache-2.0
//! Compound commands (POSIX XCU 2.9.4).

use super::{Parsed, Parser, scan};
use crate::script::{Arm, Branch, Compound, List};
use crate::word::{Part, Word};

impl Parser<'_> {
    /// `( list )`, or what bash takes for arithmetic and dash for two subshells.
    pub(super) fn parenthesised(&mut self) -> Parsed<Compound> {
        if self.looks_at("((")
            && let Some(end) = scan::double_parenthesis(self.text, self.position)
        {
            let text = self.text.get(self.position..end).unwrap_or("").to_owned();
            self.position = end;
            return Ok(Compound::Unsupported(text));
        }
        self.position += 1;
        let list = self.commands("(")?;
        if !self.take(")") {
            return Err(self.unexpected("`)`"));
        }
        Ok(Compound::Subshell(list))
    }

    pub(super) fn group(&mut self) -> Parsed<Compound> {
        self.expect("{")?;
        let list = self.commands("{")?;
        self.expect("}")?;
        Ok(Compound::Group(list))
    }

    pub(super) fn if_clause(&mut self) -> Parsed<Compound> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        self.expect("if")?;
        loop {
            let condition = self.commands("if")?;
            self.expect("then")?;
            branches.push(Branch {
                condition,
                body: self.commands("then")?,
            });
            match self.reserved() {
                Some("elif") => self.expect("elif")?,
                Some("else") => {
                    self.expect("else")?;
                    otherwise = Some(self.commands("else")?);
                    break;
                }
                _ => break,
            }
        }
        self.expect("fi")?;
        Ok(Compound::If { branches, otherwise })
    }

    pub(super) fn for_clause(&mut self) -> Parsed<Compound> {
        self.expect("for")?;
        self.skip_blanks();
        let variable = self
            .rest()
            .get(..scan::name(self.rest()))
            .unwrap_or("")
            .to_owned();
        if variable.is_empty() {
            return Err(self.unexpected("the name of the loop variable"));
        }
        self.position += variable.len();
        self.skip_blanks();
        let mut words = None;
        if !self.take(";") {
            self.skip_lines();
            if self.reserved() == Some("in") {
                self.expect("in")?;
                words = Some(self.words()?);
            }
        }
        let body = self.do_group()?;
        Ok(Compound::For {
            variable,
            words,
            body,
        })
    }

    /// The words of `for`, with the `;` or newline that ends them.
    fn words(&mut self) -> Parsed<Vec<Word>> {
        let mut words = Vec::new();
        self.skip_blanks();
        while let Some(word) = self.word()? {
            words.push(word);
            self.skip_blanks();
        }
        if self.take(";") || self.peek() == Some(b'\n') {
            return Ok(words);
        }
        Err(self.unexpected("`;` after the words of `for`"))
    }

    fn do_group(&mut self) -> Parsed<List> {
        self.skip_lines();
        self.expect("do")?;
        let body = self.commands("do")?;
        self.expect("done")?;
        Ok(body)
    }

    pub(super) fn while_clause(&mut self) -> Parsed<Compound> {
        self.expect("while")?;
        let condition = self.commands("while")?;
        Ok(Compound::While {
            condition,
            body: self.do_group()?,
        })
    }

    pub(super) fn until_clause(&mut self) -> Parsed<Compound> {
        self.expect("until")?;
        let condition = self.commands("until")?;
        Ok(Compound::Until {
            condition,
            body: self.do_group()?,
        })
    }

    pub(super) fn case_clause(&mut self) -> Parsed<Compound> {
        self.expect("case")?;
        let word = self.required_word("the word of `case`")?;
        self.skip_lines();
        self.expect("in")?;
        let mut arms = Vec::new();
        let mut falls_through = false;
        loop {
            self.skip_lines();
            if self.reserved() == Some("esac") {
                break;
            }
            arms.push(self.arm()?);
            if self.take(";;&") || self.take(";&") {
                falls_through = true;
            } else if !self.take(";;") {
                break;
            }
        }
        self.expect("esac")?;
        if falls_through {
            return Ok(Compound::Unsupported("case with ;& or ;;&".to_owned()));
        }
        Ok(Compound::Case { word, arms })
    }

    fn arm(&mut self) -> Parsed<Arm> {
        self.take("(");
        let mut patterns = vec![self.required_word("a pattern or `esac`")?];
        self.skip_blanks();
        while self.take("|") {
            patterns.push(self.required_word("a pattern after `|`")?);
            self.skip_blanks();
        }
        if !self.take(")") {
            return Err(self.unexpected("`)` after the patterns"));
        }
        Ok(Arm {
            patterns,
            body: self.list()?,
        })
    }

    pub(super) fn test_clause(&mut self) -> Parsed<Compound> {
        self.expect("[[")?;
        let mut words = Vec::new();
        loop {
            self.skip_lines();
            if self.take_word("]]") {
                return Ok(Compound::Test(words));
            }
            let operator = ["&&", "||", "<", ">", "(", ")", "|"]
                .into_iter()
                .find(|text| self.take(text));
            if let Some(text) = operator {
                words.push(Word {
                    parts: vec![Part::Literal {
                        text: text.to_owned(),
                        quoted: false,
                    }],
                });
            } else {
                words.push(self.required_word("`]]`")?);
            }
        }
    }

    /// Takes `expected` if a word consists of just that.
    fn take_word(&mut self, expected: &str) -> bool {
        let alone = self.peek_at(expected.len()).is_none_or(scan::is_delimiter);
        alone && self.take(expected)
    }
}
