// SPDX-License-Identifier: Apache-2.0
//! Quoted words: the parser reads them as the text they were made of, and so do shells.
#![allow(clippy::expect_used, reason = "a test fails by panicking, its helpers too")]

use std::process::Command;

use proptest::prelude::*;
use writeway_shell::{CommandKind, parse, quote};

/// What a shell looks at, beside ordinary characters.
const SPECIAL: &str = "[-a0/ \t\n'\"\\\\$`*?\\[\\]{},.~#!&|;<>()=%+:@^éß🦀\u{1}\u{7f}]{0,12}";
const SHELLS: [&str; 2] = ["dash", "bash"];

/// What a shell's `printf` gets for the words.
fn printed(shell: &str, words: &[String]) -> Vec<u8> {
    let quoted: Vec<_> = words.iter().map(|word| quote(word)).collect();
    let script = format!("printf '%s\\0' {}", quoted.join(" "));
    let output = Command::new(shell).args(["-ec", &script]).output();
    let output = output.expect("the shell is there");
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{shell} -ec {script:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

fn zero_terminated(words: &[String]) -> Vec<u8> {
    words
        .iter()
        .flat_map(|word| [word.as_bytes(), b"\0"].concat())
        .collect()
}

proptest! {
    #[test]
    fn the_parser_reads_a_quoted_word_as_its_text(text in prop_oneof![SPECIAL, "[^\0]*"]) {
        let script = parse(&format!("printf {}", quote(&text))).unwrap();
        prop_assert_eq!(script.list.len(), 1);
        let command = &script.list[0].first.commands[0];
        let CommandKind::Simple(simple) = &command.kind else {
            panic!("{command:?}");
        };
        prop_assert!(command.redirects.is_empty() && simple.assignments.is_empty());
        prop_assert_eq!(simple.words.len(), 2);
        prop_assert_eq!(simple.words[1].literal(), Some(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn shells_read_quoted_words_as_their_text(words in prop::collection::vec(SPECIAL, 1..40)) {
        for shell in SHELLS {
            prop_assert_eq!(printed(shell, &words), zero_terminated(&words), "{}", shell);
        }
    }
}

#[test]
fn a_quoted_word_alone_is_no_keyword_and_no_command_of_its_own() {
    for text in [
        "", "it's", "a b", "$(id)", "`id`", "a\nb", "-n", "~", "{a,b}", "a=b", "#", "!", "*", "\\",
    ] {
        let words = [text.to_owned(), "end".to_owned()];
        for shell in SHELLS {
            assert_eq!(
                printed(shell, &words),
                zero_terminated(&words),
                "{shell}: {text:?}"
            );
        }
    }
}
