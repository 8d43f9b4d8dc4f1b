// SPDX-License-Identifier: Apache-2.0
//! An `emptyDir` on the node's disk, mounted where nothing is mounted.
//!
//! kubelet makes its root directory for everybody (0777; `pkg/volume/emptydir/empty_dir.go`, setupDir), so that any user
//! can write to it; Ruby's `Dir.tmpdir` refuses such a directory, and the proof then fails.

use writeway_check::NeedKind;
use writeway_yaml::Value;

use crate::{Answer, Case, Proposal, Remedy};

pub(super) static REMEDY: Remedy = Remedy {
    name: "empty-dir",
    costs: "disk space of the node, up to the size limit",
    limits: "everybody in the pod can write to it; it is lost with the pod",
    propose,
};

/// More than that evicts the pod (`sizeLimit`): enough for what programs keep in passing, little enough for a node.
const SIZE_LIMIT: &str = "256Mi";

fn propose(case: &Case<'_>) -> Answer {
    let Some(need) = case.need.filter(|need| need.purpose.is_for_the_pod()) else {
        return Answer::NotMine;
    };
    let (Some(container), Some(path)) = (case.container(), case.path()) else {
        return Answer::NotMine;
    };
    if need.kind == NeedKind::File || path.mount.is_some() {
        return Answer::NotMine;
    }
    if need.prefill {
        return Answer::cannot(format!("the image's files in `{}` would be hidden", need.path));
    }
    let Some(edits) = case.edits() else {
        return Answer::cannot("the pod is not written where it could be changed");
    };
    let name = case.new_volume_name(&volume_name(&need.path));
    let volume = Value::map([
        ("name", Value::from(name.as_str())),
        ("emptyDir", Value::map([("sizeLimit", SIZE_LIMIT.into())])),
    ]);
    let mount = Value::map([
        ("name", Value::from(name.as_str())),
        ("mountPath", need.path.as_str().into()),
    ]);
    let edits = edits.mount(container, mount).volume(volume).into_list();
    let title = format!(
        "mount an `emptyDir` at `{}` in container `{}`",
        need.path, *container.name
    );
    Answer::Try(Proposal::safe(title, edits))
}

/// A name for a volume by what it is mounted at, as people choose it: `tmp` for `/tmp`, `var-cache` for `/var/cache`.
fn volume_name(path: &str) -> String {
    let allowed = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let text = path.to_ascii_lowercase();
    let words: Vec<_> = text
        .split(|letter| !allowed(letter))
        .filter(|word| !word.is_empty())
        .collect();
    // A DNS label has 63 characters at most; a number may be added.
    let name: String = words.join("-").chars().take(56).collect();
    let name = name.trim_matches('-');
    if name.is_empty() {
        "data".to_owned()
    } else {
        name.to_owned()
    }
}
