// SPDX-License-Identifier: Apache-2.0
//! The table's text, strictly read.

use super::{Confidence, KnownWrite, Language, Persistence, WriteKind};
use crate::model::Permissions;

/// Tab-separated: a licence line, a line of column names, then one row a line. An empty field means no or none;
/// alternatives are separated by `|`.
const TEXT: &str = include_str!("../../data/image-writes.tsv");

const COLUMNS: [&str; 18] = [
    "images",
    "tags",
    "start_uid",
    "drop_uid",
    "gid",
    "path",
    "kind",
    "persistence",
    "modes",
    "image_mode",
    "sticky",
    "prefill",
    "optional",
    "language",
    "confidence",
    "purpose",
    "note",
    "source",
];

/// The rows in their order; an unreadable one with the reason.
pub(super) fn rows() -> impl Iterator<Item = Result<KnownWrite, String>> {
    TEXT.lines()
        .enumerate()
        .skip(2)
        .map(|(number, line)| row(line).map_err(|why| format!("line {}: {why}", number + 1)))
}

fn row(line: &'static str) -> Result<KnownWrite, String> {
    let fields: Vec<&'static str> = line.split('\t').collect();
    let Ok(fields) = <[&'static str; COLUMNS.len()]>::try_from(fields) else {
        return Err(format!("expected {} columns", COLUMNS.len()));
    };
    let [
        images,
        tags,
        start_uid,
        drop_uid,
        gid,
        path,
        kind,
        persistence,
        modes,
        image_mode,
        sticky,
        prefill,
        optional,
        language,
        confidence,
        purpose,
        note,
        source,
    ] = fields;
    Ok(KnownWrite {
        images: alternatives(images)?,
        tags: alternatives(tags)?,
        start_uid: number(start_uid)?,
        drop_uid: filled(drop_uid).map(number).transpose()?,
        gid: number(gid)?,
        path: filled(path).map(absolute).transpose()?,
        kind: one_of(kind, &[("dir", WriteKind::Directory), ("file", WriteKind::File)])?,
        persistence: one_of(
            persistence,
            &[
                ("tmp", Persistence::Temporary),
                ("run", Persistence::Run),
                ("cache", Persistence::Cache),
                ("data", Persistence::Data),
            ],
        )?,
        modes: filled(modes).map_or(Ok(Vec::new()), |modes| modes.split('|').map(mode).collect())?,
        image_mode: filled(image_mode).map(mode).transpose()?,
        sticky: flag(sticky)?,
        prefill: flag(prefill)?,
        optional: flag(optional)?,
        language: filled(language)
            .map(|language| one_of(language, LANGUAGES))
            .transpose()?,
        confidence: one_of(
            confidence,
            &[
                ("low", Confidence::Low),
                ("medium", Confidence::Medium),
                ("high", Confidence::High),
            ],
        )?,
        purpose: filled(purpose).ok_or("no purpose")?,
        note: filled(note),
        source: filled(source).ok_or("no source")?,
    })
}

const LANGUAGES: &[(&str, Language)] = &[
    ("dotnet", Language::DotNet),
    ("java", Language::Java),
    ("node", Language::Node),
    ("php", Language::Php),
    ("python", Language::Python),
    ("ruby", Language::Ruby),
];

fn filled(field: &'static str) -> Option<&'static str> {
    Some(field).filter(|field| !field.is_empty())
}

fn alternatives(field: &'static str) -> Result<Vec<&'static str>, String> {
    let alternatives: Vec<_> = field.split('|').collect();
    match alternatives.iter().any(|alternative| alternative.is_empty()) {
        true => Err(format!("`{field}` has an empty alternative")),
        false => Ok(alternatives),
    }
}

fn number(field: &str) -> Result<u32, String> {
    field.parse().map_err(|_| format!("`{field}` is not an id"))
}

fn mode(field: &str) -> Result<Permissions, String> {
    field.parse().map_err(|error| format!("{error}, found `{field}`"))
}

fn absolute(field: &'static str) -> Result<&'static str, String> {
    match crate::notation::absolute_path_error(field) {
        None => Ok(field),
        Some(why) => Err(format!("the path `{field}` {why}")),
    }
}

fn flag(field: &str) -> Result<bool, String> {
    one_of(field, &[("", false), ("yes", true)])
}

fn one_of<T: Copy>(field: &str, choices: &[(&str, T)]) -> Result<T, String> {
    let choice = choices.iter().find(|(name, _)| *name == field);
    choice
        .map(|(_, value)| *value)
        .ok_or_else(|| format!("`{field}` is none of the column's values"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::pattern::Pattern;
    use super::*;
    use crate::ImageReference;

    fn all() -> Vec<KnownWrite> {
        rows().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn the_columns_are_those_that_are_read() {
        let mut lines = TEXT.lines();
        assert_eq!(lines.next(), Some("# SPDX-License-Identifier: Apache-2.0"));
        assert_eq!(
            lines.next().map(|line| line.split('\t').collect::<Vec<_>>()),
            Some(COLUMNS.to_vec())
        );
    }

    #[test]
    fn every_row_is_read_and_none_is_missing() {
        let rows = all();
        // The rows were collected by hand from the images' own sources; these are the counts of that collection.
        let count = |wanted: fn(&KnownWrite) -> bool| rows.iter().filter(|row| wanted(row)).count();
        assert_eq!(rows.len(), 558);
        assert_eq!(count(|row| row.kind == WriteKind::File), 13);
        assert_eq!(count(|row| row.persistence == Persistence::Temporary), 280);
        assert_eq!(count(|row| row.persistence == Persistence::Run), 171);
        assert_eq!(count(|row| row.persistence == Persistence::Data), 76);
        assert_eq!(count(|row| row.persistence == Persistence::Cache), 31);
        assert_eq!(count(|row| row.drop_uid.is_some()), 105);
        assert_eq!(count(|row| row.path.is_none()), 9);
        assert_eq!(count(|row| row.confidence == Confidence::Low), 87);
        assert_eq!(count(|row| row.tags == ["*"]), 465);
        let names: BTreeSet<&str> = rows.iter().flat_map(|row| row.images.iter().copied()).collect();
        assert_eq!(names.len(), 299);
    }

    #[test]
    fn no_two_rows_say_the_same() {
        let mut seen = BTreeSet::new();
        for row in all() {
            for image in &row.images {
                for tag in &row.tags {
                    let key = (*image, *tag, row.path.unwrap_or(row.purpose));
                    assert!(seen.insert(key), "{key:?} stands twice");
                }
            }
        }
    }

    #[test]
    fn images_are_in_their_normal_form_and_patterns_are_valid() {
        for row in all() {
            for image in &row.images {
                assert!(Pattern::new(image).is_some(), "{image}");
                let sample = image.replace('*', "x");
                let name = ImageReference::parse(&sample).unwrap().name();
                assert_eq!(name, sample, "{image}");
            }
            assert!(
                row.tags.iter().all(|tag| Pattern::new(tag).is_some()),
                "{:?}",
                row.tags
            );
        }
    }

    #[test]
    fn what_was_not_verified_is_trusted_least() {
        for row in all() {
            let texts = [row.purpose, row.note.unwrap_or_default(), row.source];
            let doubt = ["UNVERIFIED", "no source"];
            let unverified = texts
                .iter()
                .any(|text| doubt.iter().any(|word| text.contains(word)));
            assert!(
                !unverified || row.confidence == Confidence::Low,
                "{:?} {:?}",
                row.images,
                row.path
            );
        }
    }

    #[test]
    fn only_root_can_become_somebody_else() {
        assert!(
            all()
                .iter()
                .all(|row| row.drop_uid.is_none_or(|uid| row.start_uid == 0 && uid != 0))
        );
    }

    #[test]
    fn damaged_rows_are_refused() {
        let good = "docker.io/library/x\t*\t0\t\t0\t/tmp\tdir\ttmp\t\t\t\t\t\t\thigh\ttemp\t\tsomewhere";
        assert!(row(good).is_ok());
        for (field, wrong) in [
            (0, ""),
            (0, "a||b"),
            (2, "x"),
            (2, ""),
            (5, "tmp"),
            (6, "link"),
            (8, "rwx"),
            (10, "no"),
            (13, "cobol"),
        ] {
            let mut fields: Vec<&str> = good.split('\t').collect();
            fields[field] = wrong;
            // Rows borrow from the program; a test may leak a few.
            assert!(row(fields.join("\t").leak()).is_err(), "{field} {wrong}");
        }
        assert!(row("too\tfew").is_err());
    }
}
