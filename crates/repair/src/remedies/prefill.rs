// SPDX-License-Identifier: Apache-2.0
//! An `emptyDir` into which an init container copies what the image has there, with the image's own `cp`.
//!
//! `cp -Rf` and not `cp -a`: the root of the volume belongs to root, and GNU `cp -a` fails for others when it cannot give
//! it the times of its source. A second run, when the node has restarted the pod's containers, replaces the files.
//!
//! For a file that is to be written its directory is copied. Where that would be a whole program, the file alone is, and
//! the copy is mounted over it: what writes to the file can do so, what replaces it by a rename cannot.

use writeway_facts::ToolsKind;
use writeway_yaml::Value;

use super::new_volume::{NewVolume, SIZE_ON_DISK};
use super::shipped_files::{ShippedFiles, Target};
use crate::{Answer, Case, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "prefill",
    costs: "an init container, which copies the files at each start, and disk space of the node",
    limits: "the image has to have `cp`, and its user to be able to read the files; what is changed there is lost with the pod",
    propose,
};

/// Where the init container has the volume.
const TARGET: &str = "/prefill";

fn propose(case: &Case<'_>) -> Answer {
    let files = match ShippedFiles::of(case) {
        Ok(Some(files)) => files,
        Ok(None) => return Answer::NotMine,
        Err(why) => return Answer::Cannot(why),
    };
    if let Err(why) = has_cp(case, &files.volume) {
        return Answer::Cannot(why);
    }
    let (Some(edits), Some(copy)) = (case.edits(), init_container(case, &files)) else {
        return Answer::not_reachable();
    };
    let (mounted, file) = match files.target {
        Target::File(_) => {
            let path = files.volume.needed_path();
            (path, path.rsplit('/').next())
        }
        Target::New(_) | Target::There { .. } => (files.volume.path, None),
    };
    let edits = match &files.target {
        Target::New(name) | Target::File(name) => {
            let mut mount = vec![
                ("name", Value::from(name.as_str())),
                ("mountPath", mounted.into()),
            ];
            mount.extend(file.map(|file| ("subPath", file.into())));
            let source = Value::map([("sizeLimit", SIZE_ON_DISK.into())]);
            edits
                .mount(files.volume.container, Value::map(mount))
                .volume(Value::map([
                    ("name", Value::from(name.as_str())),
                    ("emptyDir", source),
                ]))
        }
        Target::There { .. } => edits,
    };
    Answer::Try(files.propose(edits.first_init_container(copy), ""))
}

/// Whether the image can copy its files.
fn has_cp(case: &Case<'_>, volume: &NewVolume<'_>) -> Result<(), String> {
    let Some(image) = &volume.container.image else {
        return Err("no image is named".to_owned());
    };
    let facts = case.context.facts.image(image);
    let Some(tools) = facts.and_then(|facts| facts.tools.as_ref()) else {
        return Err(format!(
            "the image's files have to be copied, and no facts say whether image `{}` has `cp`",
            image.value
        ));
    };
    let named = tools.commands.as_ref();
    if tools.kind == ToolsKind::None || named.is_some_and(|names| !names.iter().any(|name| name == "cp")) {
        return Err(format!(
            "the image's files have to be copied, and image `{}` has no `cp`",
            image.value
        ));
    }
    Ok(())
}

/// The container's image, with its rights and its user, copies its files and nothing else.
fn init_container(case: &Case<'_>, files: &ShippedFiles<'_>) -> Option<Value> {
    let container = files.volume.container;
    let node = case.draft.node(&case.container_path(container)?)?;
    let as_written = |key: &str| node.get(key).and_then(Value::read);
    let mut mount = vec![
        ("name", Value::from(files.volume_name())),
        ("mountPath", TARGET.into()),
    ];
    if let Target::There { sub_path, .. } = files.target {
        mount.extend(sub_path.map(|path| ("subPath", Value::from(path))));
    }
    let source = match files.target {
        Target::File(_) => files.volume.needed_path().to_owned(),
        Target::New(_) | Target::There { .. } => format!("{}/.", files.volume.path),
    };
    let resources = Value::map([
        (
            "requests",
            Value::map([("cpu", Value::from("10m")), ("memory", "32Mi".into())]),
        ),
        (
            "limits",
            Value::map([("cpu", Value::from("100m")), ("memory", "64Mi".into())]),
        ),
    ]);
    let mut entries = vec![
        ("name", Value::from(files.container_name(case))),
        ("image", Value::from(container.image.as_ref()?.value.as_str())),
    ];
    entries.extend(as_written("imagePullPolicy").map(|policy| ("imagePullPolicy", policy)));
    entries.extend([
        ("command", Value::list(["cp", "-Rf", source.as_str(), TARGET])),
        ("resources", resources),
    ]);
    entries.extend(as_written("securityContext").map(|context| ("securityContext", context)));
    entries.push(("volumeMounts", Value::List(vec![Value::map(mount)])));
    Some(Value::map(entries))
}
