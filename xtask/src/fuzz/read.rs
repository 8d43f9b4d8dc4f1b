// SPDX-License-Identifier: Apache-2.0
//! The reader: any text becomes the same documents and objects each time, and every place lies within the text.

use anyhow::{Context as _, ensure};
use writeway_manifest::{Inventory, ObjectRef, ParsedFile, Span, Which, Workload};
use writeway_yaml::{Kind, Node, Stream};

/// Bytes that are no UTF-8 are refused before they are parsed.
pub(super) fn holds(bytes: &[u8]) -> anyhow::Result<()> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return Ok(());
    };
    let stream = Stream::parse(text);
    ensure!(stream.text() == text, "the stream keeps another text");
    for document in stream.documents() {
        within(text, document.span(), "document")?;
        node(text, document.root())?;
    }
    for error in stream.errors() {
        within(text, error.span, "error")?;
        stream.position(error.span.start);
    }
    for duplicate in stream.duplicates() {
        within(text, duplicate.first, "duplicate")?;
        within(text, duplicate.second, "duplicate")?;
    }
    for comment in stream.comments() {
        within(text, comment, "comment")?;
        let written = text.get(comment.range()).unwrap_or_default();
        ensure!(
            written.starts_with('#'),
            "a comment at {comment:?} is {written:?}"
        );
    }

    let (first, second) = (inventory(text), inventory(text));
    ensure!(
        format!("{first:?}") == format!("{second:?}"),
        "two inventories of one text differ"
    );
    places(text, &first)
}

/// The inventory of one file.
pub(super) fn inventory(text: &str) -> Inventory {
    Inventory::from_parsed(vec![ParsedFile::parse("input.yaml", text)])
}

fn node(text: &str, root: Node<'_>) -> anyhow::Result<()> {
    // A tree is as deep as the reader lets it be; aliases lead to what is looked at where it stands.
    let mut pending = vec![root];
    while let Some(node) = pending.pop() {
        within(text, node.span(), "node")?;
        if node.is_alias() {
            continue;
        }
        match node.kind() {
            Kind::Scalar => {
                ensure!(node.content().is_some(), "a scalar without content");
                ensure!(node.scalar().is_some(), "a scalar without value");
            }
            Kind::Sequence => pending.extend(node.items()),
            Kind::Mapping => {
                for (key, value) in node.entries() {
                    let name = key.key_text();
                    ensure!(node.get(&name).is_some(), "key `{name}` is not found by its name");
                    // What merge keys bring in stands elsewhere, and is looked at there.
                    if node.span().contains(key.span()) {
                        pending.extend([key, value]);
                    }
                }
            }
        }
    }
    Ok(())
}

fn places(text: &str, inventory: &Inventory) -> anyhow::Result<()> {
    for problem in inventory.problems() {
        within(text, problem.span, &problem.message)?;
        if let Some(also) = problem.also {
            within(text, also.span, &problem.message)?;
        }
    }
    for field in inventory.unknown_fields() {
        within(text, field.span, &field.path)?;
    }
    for skipped in inventory.skipped() {
        within(text, skipped.place.span, "skipped")?;
    }
    inventory
        .others()
        .iter()
        .try_for_each(|other| object(text, other))?;
    for workload in inventory.workloads() {
        object(text, &workload.object)?;
        pod(text, workload).with_context(|| format!("workload `{}`", workload.object.name))?;
    }
    Ok(())
}

fn object(text: &str, object: &ObjectRef) -> anyhow::Result<()> {
    within(text, object.span, "object")?;
    within(text, object.name_span, "name")
}

fn pod(text: &str, workload: &Workload) -> anyhow::Result<()> {
    within(text, workload.pod.span, "pod")?;
    for container in workload.pod.containers(Which::All) {
        within(text, container.span, "container")?;
        within(text, container.name.span, "container's name")?;
        for mount in &container.mounts {
            within(text, mount.span, "mount")?;
            within(text, mount.mount_path.span, "mount path")?;
        }
        for variable in &container.env {
            within(text, variable.name.span, "variable")?;
        }
        for word in container.command.iter().chain(&container.args).flatten() {
            within(text, word.span, "word of the command")?;
        }
    }
    for volume in &workload.pod.volumes {
        within(text, volume.span, "volume")?;
        within(text, volume.name.span, "volume's name")?;
    }
    Ok(())
}

/// A span that does not cut the text where it can be cut is not in it.
pub(super) fn within(text: &str, span: Span, what: &str) -> anyhow::Result<()> {
    ensure!(
        text.get(span.range()).is_some(),
        "{what}: {span:?} is not within a text of {} bytes",
        text.len()
    );
    Ok(())
}
