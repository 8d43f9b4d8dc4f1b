// SPDX-License-Identifier: Apache-2.0
//! What a chart's template calls, read from its text: templates are not rendered here.

use std::ops::Range;

/// Functions of Helm and Sprig that give another value each time.
const RANDOM: &[&str] = &[
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "randAlpha",
    "randAlphaNum",
    "randAscii",
    "randBytes",
    "randInt",
    "randNumeric",
    "uuidv4",
];

/// The first call of `lookup` in a template, from its name to the end of its action.
pub(crate) fn first_lookup(text: &str) -> Option<Range<usize>> {
    actions(text).find_map(|action| {
        let (at, _) = words(&text[action.clone()]).find(|(_, word)| *word == "lookup")?;
        let start = action.start + at;
        let call = text[start..action.end].trim_end_matches(['-', ' ', '\n', '\t', '\r']);
        // On one line, so that it can be shown.
        let call = call.lines().next().unwrap_or_default();
        Some(start..start + call.len())
    })
}

/// A function among those that give another value each time, where a template calls one.
pub(crate) fn random_function(text: &str) -> Option<&str> {
    actions(text).find_map(|action| {
        let (_, word) = words(&text[action]).find(|(_, word)| RANDOM.contains(word))?;
        Some(word)
    })
}

/// What stands between `{{` and `}}`, comments left out.
fn actions(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    std::iter::from_fn(move || {
        loop {
            let start = from + text.get(from..)?.find("{{")? + 2;
            let end = start + text[start..].find("}}")?;
            from = end + 2;
            let inside = text[start..end].trim_start_matches('-').trim_start();
            if !inside.starts_with("/*") {
                return Some(start..end);
            }
        }
    })
}

/// The words of an action that are no strings, fields or variables, with their offsets.
fn words(action: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut quote = None;
    let mut start = None;
    let mut before = ' ';
    let mut found = Vec::new();
    let ends = action.char_indices().chain([(action.len(), ' ')]);
    for (at, character) in ends {
        let in_word = quote.is_none() && (character.is_ascii_alphanumeric() || character == '_');
        match (start, in_word) {
            (None, true) if !matches!(before, '.' | '$') => start = Some(at),
            (Some(from), false) => {
                found.push((from, &action[from..at]));
                start = None;
            }
            _ => {}
        }
        match quote {
            Some(open) if open == character && before != '\\' => quote = None,
            None if matches!(character, '"' | '`') => quote = Some(character),
            _ => {}
        }
        // The rest of a field is no word: `.Values.lookup`.
        if !(in_word && start.is_none()) {
            before = character;
        }
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_is_a_call_and_not_a_name_or_a_text() {
        let rows = [
            (
                "{{ lookup \"v1\" \"Secret\" \"a\" \"b\" }}",
                Some("lookup \"v1\" \"Secret\" \"a\" \"b\""),
            ),
            (
                "{{- $s := (lookup \"v1\" \"Secret\" .ns .name) -}}",
                Some("lookup \"v1\" \"Secret\" .ns .name)"),
            ),
            ("{{- if lookup \"v1\"\n  \"Secret\" }}", Some("lookup \"v1\"")),
            ("a: {{ .Values.lookup }}", None),
            ("a: {{ $lookup }}", None),
            ("{{/* lookup \"v1\" */}}", None),
            ("{{- /* lookup \"v1\" */ -}}", None),
            ("{{ print \"lookup\" }}", None),
            ("# lookup \"v1\"", None),
            ("{{ include \"x.lookup-it\" . }}", None),
            ("{{ lookup", None),
        ];
        for (text, expected) in rows {
            assert_eq!(first_lookup(text).map(|found| &text[found]), expected, "{text}");
        }
    }

    #[test]
    fn what_gives_another_value_each_time_is_known() {
        for (text, expected) in [
            ("{{ randAlphaNum 16 | b64enc }}", Some("randAlphaNum")),
            ("{{ $ca := genCA \"ca\" 365 }}", Some("genCA")),
            ("{{ .Values.uuidv4 }}", None),
            ("randAlphaNum 16", None),
        ] {
            assert_eq!(random_function(text), expected, "{text}");
        }
    }
}
