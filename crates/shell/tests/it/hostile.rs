// SPDX-License-Identifier: Apache-2.0
//! Whatever the script: no panic, no deep stack, no long time.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use writeway_shell::{MAX_SCRIPT_BYTES, mode::ModeSpec, parse};

/// Unoptimised on a busy machine; anything quadratic takes minutes.
const LONG: Duration = Duration::from_secs(20);

/// Pieces whose repetition opens something again and again, or makes a parser look far ahead or back.
const PIECES: [&str; 62] = [
    "(",
    "( ",
    "{ ",
    "$(",
    "\"$(",
    "${a:-",
    "\"${a:-\"",
    "`",
    "\\`",
    "$((",
    "((",
    "((a)",
    "((a;",
    "if a; then ",
    "while a; do ",
    "case a in a) ",
    "case a in (a) ",
    "case a in a|",
    "for i in a; do ",
    "f() ",
    "f(){ ",
    "function ",
    "[[ ( ",
    "<<A ",
    "<<A\n",
    "cat <<A\n$(",
    "<<\"A\" '\n",
    "a=(",
    "<(",
    "a <(",
    "\"",
    "'",
    "\\",
    "\\\n",
    "! ",
    "a|",
    "a&&",
    "#",
    "a;",
    "[",
    "[[:",
    "[[:a:]",
    "[!",
    "~:",
    "a=~:",
    "*",
    "$'",
    "$[",
    "${#",
    "${!a",
    "${a%",
    "${a/",
    "&>a ",
    "2>&1 ",
    "99999999999>a ",
    "{a,",
    "\n",
    "é",
    "$(a)",
    "`a`",
    ";;",
    "esac ",
];

fn parses_quickly(script: &str) {
    let start = Instant::now();
    let result = parse(script);
    let time = start.elapsed();
    assert!(
        time < LONG,
        "{time:?} for {:?}…",
        script.chars().take(40).collect::<String>()
    );
    drop(result);
}

fn repeated(piece: &str, bytes: usize) -> String {
    piece.repeat(bytes / piece.len())
}

#[test]
fn full_length_repetitions_of_every_construct_end_quickly() {
    for piece in PIECES {
        parses_quickly(&repeated(piece, MAX_SCRIPT_BYTES));
    }
}

#[test]
fn the_deepest_nesting_of_every_construct_fits_a_small_stack() {
    let small = std::thread::Builder::new().stack_size(512 * 1024);
    let thread = small.spawn(|| {
        for outer in PIECES {
            for inner in PIECES {
                let script = outer.repeat(25) + &inner.repeat(40);
                drop(parse(&script));
            }
        }
    });
    thread.unwrap().join().unwrap();
}

#[test]
fn nested_subshells_that_never_close_do_not_double_the_work() {
    // A grammar that tries arithmetic first and a subshell then, at every level, needs 2^50 steps here.
    parses_quickly(&format!("{}a;{}", "( ".repeat(50), " )".repeat(49)));
    parses_quickly(&format!("{}a", "case a in (a) ".repeat(50)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_text_never_panics(text in "\\PC{0,200}") {
        parses_quickly(&text);
        let _ = text.parse::<ModeSpec>();
    }

    #[test]
    fn random_pieces_never_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60),
    ) {
        parses_quickly(&pieces.concat());
    }

    #[test]
    fn repeated_groups_of_pieces_end_quickly(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 1..4),
    ) {
        parses_quickly(&repeated(&pieces.concat(), MAX_SCRIPT_BYTES / 4));
    }

    #[test]
    fn errors_point_into_the_script(text in "[ -~\n]{0,80}") {
        if let Err(error) = parse(&text) {
            prop_assert!(error.offset <= text.len());
            prop_assert!(error.line <= text.matches('\n').count() + 1);
            prop_assert!(!error.message.ends_with('.'));
        }
    }

    #[test]
    fn single_quotes_protect_everything_but_themselves(text in "[^'\0]{0,60}") {
        let script = format!("x '{text}'");
        prop_assert_eq!(crate::render::simple(&script).words[1].literal(), Some(text));
    }
}
