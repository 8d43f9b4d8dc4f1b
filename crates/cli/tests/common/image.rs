// SPDX-License-Identifier: Apache-2.0
//! An image as container tools save it.

use serde_json::json;
use tar::{Builder, EntryType, Header};

fn entry(path: &str, kind: EntryType, owner: (u64, u64), mode: u32, content: &[u8]) -> (Header, Vec<u8>) {
    let mut header = Header::new_ustar();
    header.set_path(path).unwrap();
    header.set_entry_type(kind);
    header.set_uid(owner.0);
    header.set_gid(owner.1);
    header.set_mode(mode);
    header.set_size(content.len() as u64);
    header.set_cksum();
    (header, content.to_vec())
}

fn archive(entries: Vec<(Header, Vec<u8>)>) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (header, content) in entries {
        builder.append(&header, content.as_slice()).unwrap();
    }
    builder.into_inner().unwrap()
}

/// What `docker save` writes for an image of one layer, but for the layer's digest.
pub fn saved_image(reference: &str) -> Vec<u8> {
    let folder = |path, owner, mode| entry(path, EntryType::Directory, owner, mode, b"");
    let file = |path, content: &[u8]| entry(path, EntryType::Regular, (0, 0), 0o644, content);
    let layer = archive(vec![
        folder("etc/", (0, 0), 0o755),
        file("etc/passwd", b"app:x:1000:3000::/home/app:/bin/sh\n"),
        folder("tmp/", (0, 0), 0o1777),
        folder("opt/app/", (1000, 3000), 0o750),
    ]);
    let config = json!({
        "os": "linux", "architecture": "amd64",
        "config": { "User": "app", "WorkingDir": "/opt/app", "Env": ["PATH=/usr/bin:/bin"] },
    });
    let manifest = json!([{ "Config": "config.json", "RepoTags": [reference], "Layers": ["layer.tar"] }]);
    archive(vec![
        file("manifest.json", manifest.to_string().as_bytes()),
        file("config.json", config.to_string().as_bytes()),
        file("layer.tar", &layer),
    ])
}
