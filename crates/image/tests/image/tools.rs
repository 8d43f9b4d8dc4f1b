// SPDX-License-Identifier: Apache-2.0
//! Whose tools an image has.

use serde_json::json;
use writeway_facts::{Tools, ToolsKind};

use crate::build::{Image, Layer};

fn tools(layer: Layer, path: &str) -> Option<Tools> {
    let mut image = Image::of([layer]);
    image.execution = json!({ "Env": [format!("PATH={path}")] });
    image.read().facts.tools
}

fn found(kind: ToolsKind, commands: &[&str]) -> Option<Tools> {
    Some(Tools {
        kind,
        commands: Some(commands.iter().map(|name| (*name).to_owned()).collect()),
    })
}

#[test]
fn applets_are_links_to_busybox() {
    let layer = Layer::new()
        .file("bin/busybox", (0, 0), 0o755, b"elf")
        .symlink("bin/chmod", "/bin/busybox")
        .symlink("bin/sh", "busybox")
        .symlink("bin/broken", "/bin/missing")
        .symlink("usr/bin/env", "../../bin/busybox")
        .file("bin/readme", (0, 0), 0o644, b"");
    assert_eq!(
        tools(layer, "/usr/bin:/bin"),
        found(ToolsKind::Busybox, &["busybox", "chmod", "env", "sh"])
    );
}

#[test]
fn applets_may_be_hard_links_in_any_order() {
    let layer = Layer::new()
        .file("bin/[", (0, 0), 0o755, b"elf")
        .hard_link("bin/busybox", "bin/[", (0, 0), 0o755)
        .hard_link("bin/chmod", "bin/[", (0, 0), 0o755);
    assert_eq!(
        tools(layer, "/bin"),
        found(ToolsKind::Busybox, &["[", "busybox", "chmod"])
    );
}

#[test]
fn own_programs_are_coreutils_even_beside_busybox() {
    let layer = Layer::new()
        .symlink("bin", "usr/bin")
        .file("usr/bin/busybox", (0, 0), 0o755, b"elf")
        .file("usr/bin/chmod", (0, 0), 0o755, b"other elf");
    assert_eq!(
        tools(layer, "/bin:/usr/bin"),
        found(ToolsKind::Coreutils, &["busybox", "chmod"])
    );
    let single = Layer::new()
        .file("usr/bin/coreutils", (0, 0), 0o755, b"elf")
        .symlink("usr/bin/chmod", "coreutils");
    assert_eq!(
        tools(single, "/usr/bin"),
        found(ToolsKind::Coreutils, &["chmod", "coreutils"])
    );
}

#[test]
fn an_image_with_nothing_but_its_program_has_none() {
    let layer = || {
        Layer::new()
            .file("app/server", (0, 0), 0o755, b"elf")
            .file("bin/chmod", (0, 0), 0o644, b"")
    };
    assert_eq!(tools(layer(), "/bin"), found(ToolsKind::None, &[]));
    assert_eq!(
        tools(layer(), "/app:/bin:/missing:relative"),
        found(ToolsKind::None, &["server"])
    );
}

#[test]
fn tools_of_another_make_are_unknown() {
    let layer = Layer::new()
        .file("bin/toybox", (0, 0), 0o755, b"elf")
        .symlink("bin/chmod", "toybox");
    assert_eq!(tools(layer, "/bin"), None);
}

#[test]
fn without_path_the_runtimes_default_counts() {
    let layer = Layer::new().file("sbin/chown", (0, 0), 0o755, b"elf");
    let facts = Image::of([layer]).read().facts;
    assert_eq!(facts.tools, found(ToolsKind::Coreutils, &["chown"]));
}
