// SPDX-License-Identifier: Apache-2.0
//! What a misspelt name was meant to be.

/// The one of `known` that was probably meant by `written`, letter case aside; none when all of them are far from it.
pub fn closest<'a>(written: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // Longer texts are no typing errors, and the distance costs time with the product of the lengths.
    if written.len() > 64 {
        return None;
    }
    let lower = written.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let (distance, name) = known.map(|name| (distance(name), name)).min()?;
    (distance <= 1 + name.len() / 5).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_key_is_suggested_only_if_it_is_close() {
        let known = ["user", "users", "workingDir", "fsGroupPolicy", "to"];
        for (written, meant) in [
            ("workingdir", Some("workingDir")),
            ("workDir", Some("workingDir")),
            ("usr", Some("user")),
            ("fsGroupPolcy", Some("fsGroupPolicy")),
            ("entrypoint", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(closest(written, known.into_iter()), meant, "{written}");
        }
        assert_eq!(closest(&"user".repeat(100), known.into_iter()), None);
    }
}
