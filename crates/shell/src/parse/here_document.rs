// SPDX-License-Identifier: Apache-2.0
//! Here-documents (POSIX XCU 2.7.4): the contents stand after the line that mentions them.

use super::{Parsed, Parser, scan};
use crate::word::{Part, Word};

impl Parser<'_> {
    /// Reads the delimiter at the cursor and the contents after the current line, which is remembered so that
    /// the cursor jumps over them when it gets there. Missing the delimiter, they end with the script, as in
    /// every shell.
    pub(super) fn here_document(&mut self, strip_tabs: bool) -> Parsed<Word> {
        let start = self.position;
        let (delimiter, quoted) = self.delimiter();
        if self.position == start {
            return Err(self.unexpected("the word that ends the here-document"));
        }
        let newline = self.end_of_line();
        let mut position = self.here_documents.get(&newline).copied().unwrap_or(newline + 1);
        let mut body = String::new();
        while let Some(rest) = self.text.get(position..).filter(|rest| !rest.is_empty()) {
            let line = rest.split_inclusive('\n').next().unwrap_or(rest);
            position += line.len();
            let line = if strip_tabs {
                line.trim_start_matches('\t')
            } else {
                line
            };
            if line.strip_suffix('\n').unwrap_or(line) == delimiter {
                break;
            }
            body.push_str(line);
        }
        self.here_documents.insert(newline, position);

        if quoted {
            Ok(contents(body))
        } else {
            self.inner(&body, start, Parser::here_document_contents)
        }
    }

    /// The delimiter word with its quotes removed, and whether it had any.
    fn delimiter(&mut self) -> (String, bool) {
        let mut delimiter = String::new();
        let mut quote = None;
        let mut quoted = false;
        let mut characters = self.rest().char_indices();
        let mut length = self.rest().len();
        while let Some((offset, character)) = characters.next() {
            match (quote, character) {
                (None, '\'' | '"') => {
                    quote = Some(character);
                    quoted = true;
                }
                (Some(open), _) if open == character => quote = None,
                (None | Some('"'), '\\') => {
                    quoted = true;
                    delimiter.extend(characters.next().map(|(_, escaped)| escaped));
                }
                (None, _) if u8::try_from(character).is_ok_and(scan::is_delimiter) => {
                    length = offset;
                    break;
                }
                _ => delimiter.push(character),
            }
        }
        self.position += length;
        (delimiter, quoted)
    }

    /// The newline that ends the current line; the length of the text if it is the last. Remembered, or a line of
    /// many here-documents would be scanned once for each.
    fn end_of_line(&mut self) -> usize {
        if let Some((from, end)) = self.line_end
            && (from..=end).contains(&self.position)
        {
            return end;
        }
        let end = scan::line_end(self.text, self.position);
        self.line_end = Some((self.position, end));
        end
    }
}

fn contents(text: String) -> Word {
    Word {
        parts: vec![Part::Literal { text, quoted: true }],
    }
}
