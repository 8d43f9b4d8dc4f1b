// SPDX-License-Identifier: Apache-2.0
//! `--output kustomize DIR`: repairs as a kustomization, with the inputs as resources and a patch for each object.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, bail};
use writeway_input::{Origin, WRITTEN_KUSTOMIZATION};
use writeway_manifest::{FileId, Inventory, ObjectRef};
use writeway_repair::{ObjectPatch, Patch, patches};
use writeway_yaml::Value;

use super::left_out::LeftOut;
use crate::inputs::Inputs;
use crate::output_file::write_file;

const FILE: &str = "kustomization.yaml";
/// The folders in it, which are written anew.
const RESOURCES: &str = "resources";
const PATCHES: &str = "patches";

/// Writes the kustomization, and says of how many patches it is.
///
/// # Errors
/// When the folder holds something else, or cannot be written.
pub(super) fn write(
    folder: &Path,
    inputs: &Inputs,
    left_out: &LeftOut,
    after: &Inventory,
    changed: &BTreeSet<FileId>,
) -> anyhow::Result<usize> {
    holds_no_input(folder, inputs)?;
    make_way(folder)?;
    let mut names = Names::default();
    let mut resources = Vec::new();
    let inventory = &inputs.inventory;
    let with_objects: BTreeSet<FileId> = inventory.objects().iter().map(|it| it.object.file).collect();
    for ((id, file), origin) in inventory.files().zip(&inputs.origins) {
        let rest = left_out.rest_of(inventory, id);
        if let (Origin::Kustomization(base), None) = (origin, &rest) {
            resources.push(way(folder, base)?);
        } else if with_objects.contains(&id) && rest.as_ref().is_none_or(|rest| !rest.is_empty()) {
            let extension = if file.name.ends_with(".json") && rest.is_none() {
                "json"
            } else {
                "yaml"
            };
            let stem = file
                .name
                .trim_end_matches(".json")
                .trim_end_matches(".yaml")
                .trim_end_matches(".yml");
            let name = format!("{RESOURCES}/{}", names.free(stem, extension));
            let text = rest.map(|rest| documents(&rest));
            written(&folder.join(&name), text.as_deref().unwrap_or(file.stream.text()))?;
            resources.push(name);
        }
    }
    let patches = patches(&inputs.inventory, after, changed);
    let mut entries = Vec::with_capacity(patches.len());
    for ObjectPatch { object, patch } in &patches {
        let stem = format!("{} {}", object.kind, object.name);
        let path = format!("{PATCHES}/{}", names.free(&stem, "yaml"));
        let mut entry = vec![("path", Value::from(path.as_str()))];
        let text = match patch {
            Patch::Strategic(value) => value.to_yaml(),
            Patch::Json(value) => {
                entry.push(("target", target(object)));
                value.to_yaml()
            }
        };
        written(&folder.join(&path), &text)?;
        entries.push(Value::map(entry));
    }
    let kustomization = Value::map([
        ("apiVersion", Value::from("kustomize.config.k8s.io/v1beta1")),
        ("kind", "Kustomization".into()),
        ("resources", Value::list(resources)),
        ("patches", Value::List(entries)),
    ]);
    written(
        &folder.join(FILE),
        &format!("{WRITTEN_KUSTOMIZATION}{}", kustomization.to_yaml()),
    )?;
    Ok(patches.len())
}

/// Objects as a stream of documents.
fn documents(objects: &[Value]) -> String {
    let documents: Vec<_> = objects.iter().map(Value::to_yaml).collect();
    documents.join("---\n")
}

/// What is checked must not be written over.
fn holds_no_input(folder: &Path, inputs: &Inputs) -> anyhow::Result<()> {
    let Ok(real) = folder.canonicalize() else {
        return Ok(());
    };
    let paths = inputs.origins.iter().filter_map(|origin| match origin {
        Origin::Stdin => None,
        Origin::File(path) | Origin::Chart(path) | Origin::Kustomization(path) => Some(path),
    });
    for path in paths {
        if path.canonicalize().is_ok_and(|path| path.starts_with(&real)) {
            bail!(
                "{}: {} in it is checked; name another folder",
                folder.display(),
                path.display()
            );
        }
    }
    Ok(())
}

/// Makes the folder, or takes out of it what was written before. A folder that holds anything else stays.
fn make_way(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    let file = folder.join(FILE);
    match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| shown.to_string()),
        Ok(mut entries) => {
            let is_own =
                || fs::read_to_string(&file).is_ok_and(|text| text.starts_with(WRITTEN_KUSTOMIZATION));
            if entries.next().is_some() && !is_own() {
                bail!("{shown}: the folder holds something else; name one that is empty or not there yet");
            }
        }
    }
    for part in [RESOURCES, PATCHES] {
        let part = folder.join(part);
        match fs::remove_dir_all(&part) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| part.display().to_string());
            }
            _ => fs::create_dir_all(&part).with_context(|| part.display().to_string())?,
        }
    }
    Ok(())
}

fn written(file: &Path, text: &str) -> anyhow::Result<()> {
    write_file(file, |out| out.write_all(text.as_bytes()))
        .with_context(|| format!("cannot write {}", file.display()))
}

/// What a JSON patch is for. Names are patterns there (kustomize, `types.Selector`).
fn target(object: &ObjectRef) -> Value {
    let version = object.api_version.rsplit('/').next().unwrap_or_default();
    let mut target = vec![
        ("group", Value::from(object.group())),
        ("version", version.into()),
        ("kind", object.kind.as_str().into()),
        ("name", pattern(&object.name).into()),
    ];
    if let Some(namespace) = &object.namespace {
        target.push(("namespace", pattern(namespace).into()));
    }
    Value::map(target)
}

fn pattern(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len());
    for character in name.chars() {
        if !character.is_ascii_alphanumeric() && character != '-' {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern
}

/// The way from one folder to another, as kustomize takes bases: not absolute.
fn way(from: &Path, to: &Path) -> anyhow::Result<String> {
    let real = |path: &Path| path.canonicalize().with_context(|| path.display().to_string());
    let (from, to) = (real(from)?, real(to)?);
    let common = from
        .components()
        .zip(to.components())
        .take_while(|(from, to)| from == to)
        .count();
    let up = from.components().skip(common).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(to.components().skip(common)).collect();
    let way = if way.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        way
    };
    way.into_os_string()
        .into_string()
        .map_err(|way| anyhow::anyhow!("{}: the name is no UTF-8, which kustomize needs", way.display()))
}

/// File names that are taken.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    /// A file name that says what is in the file, and that none has.
    fn free(&mut self, stem: &str, extension: &str) -> String {
        let words: Vec<_> = stem
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let stem: String = words.join("-").to_ascii_lowercase().chars().take(200).collect();
        let stem = if stem.is_empty() { "stdin".to_owned() } else { stem };
        let mut name = format!("{stem}.{extension}");
        let mut number = 2;
        while !self.0.insert(name.clone()) {
            name = format!("{stem}-{number}.{extension}");
            number += 1;
        }
        name
    }
}
