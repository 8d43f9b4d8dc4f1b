// SPDX-License-Identifier: Apache-2.0
//! Archives made to do harm.

use std::io::Write;

use serde_json::json;
use tar::EntryType;
use writeway_image::{Options, Problem};

use crate::build::{Files, Image, Layer, Pack, Saved, assert_paths, dir, file, link};

#[test]
fn names_that_lead_out_of_the_image_are_left_out() {
    let image = Image::of([Layer::new()
        .file("../evil", (0, 0), 0o644, b"")
        .file("/../evil", (0, 0), 0o644, b"")
        .file("a/../../evil", (0, 0), 0o644, b"")
        .dir("..", (0, 0), 0o777)
        .hard_link("stolen", "../../etc/shadow", (0, 0), 0o644)
        .file("/etc//x/../inside", (0, 0), 0o644, b"")])
    .read();
    assert_paths(
        &image,
        &[("/etc", dir((0, 0), 0o755)), ("/etc/inside", file((0, 0), 0o644))],
    );
    assert_eq!(image.notes.len(), 5, "{:?}", image.notes);
    assert_eq!(
        image.notes[0],
        "layer 1: \"../evil\" was left out: it leads out of the image"
    );
}

#[test]
fn links_never_lead_out_of_the_image() {
    let image = Image::of([Layer::new()
        .symlink("up", "../../..")
        .file("up/inside", (1, 1), 0o600, b"")
        .symlink("abs", "/srv")
        .file("abs/inside", (1, 1), 0o600, b"")
        .symlink("loop", "loop")
        .file("loop/x", (1, 1), 0o600, b"")])
    .read();
    assert_paths(
        &image,
        &[
            ("/abs", link("/srv")),
            ("/inside", file((1, 1), 0o600)),
            ("/loop", link("loop")),
            ("/srv", dir((0, 0), 0o755)),
            ("/srv/inside", file((1, 1), 0o600)),
            ("/up", link("../../..")),
        ],
    );
    assert_eq!(image.notes.len(), 1, "{:?}", image.notes);
}

#[test]
fn nonsense_members_are_left_out_with_a_note() {
    let image = Image::of([Layer::new()
        .file("file", (0, 0), 0o644, b"")
        .file("file/below", (0, 0), 0o644, b"")
        .empty(".wh.")
        .empty("d/.wh..")
        .empty("d/.wh...")
        .empty("d/.wh..wh.plnk")
        .member("odd", EntryType::new(b'V'), (0, 0), 0o644, "", b"label")
        .member(
            "global",
            EntryType::XGlobalHeader,
            (0, 0),
            0o644,
            "",
            b"52 comment=x\n",
        )
        .symlink("no-target", "")
        .pax(&[("linkpath", b"nul\0byte")])
        .symlink("nul", "")
        .hard_link("self", "self", (0, 0), 0o644)
        .hard_link("to-dir", "d", (0, 0), 0o644)
        .file("/", (0, 0), 0o644, b"")
        .pax(&[("path", b"not-\xff-utf8")])
        .file("x", (0, 0), 0o644, b"")
        .pax(&[("path", b"new\x1b[31m\nline")])
        .file("x", (0, 0), 0o644, b"")])
    .read();
    assert_paths(
        &image,
        &[
            ("/d", dir((0, 0), 0o755)),
            ("/file", file((0, 0), 0o644)),
            ("/new\u{1b}[31m\nline", file((0, 0), 0o644)),
        ],
    );
    assert_eq!(image.notes.len(), 11, "{:#?}", image.notes);
    assert!(
        image
            .notes
            .iter()
            .all(|note| !note.contains(|c: char| c.is_control()))
    );
}

#[test]
fn notes_are_bounded() {
    let many = (0..500).fold(Layer::new(), |layer, number| layer.empty(&format!("../{number}")));
    let notes = Image::of([many]).read().notes;
    assert_eq!(notes.len(), 51);
    assert_eq!(notes[50], "450 more notes of this kind");
}

/// 8 MiB of zeros as a file of a layer, in some 8 KiB.
fn bomb() -> Image {
    Image::of([Layer::new().file("zeros", (0, 0), 0o644, &vec![0; 8 << 20])])
}

#[test]
fn a_bomb_ends_at_the_limit() {
    let mut options = Options::default();
    options.limits.decompressed_bytes = 1 << 20;
    for pack in [Pack::Gzip, Pack::Zstd] {
        let error = bomb()
            .packed(pack)
            .docker_old(&[])
            .tar()
            .read_with(&options)
            .unwrap_err();
        let message = error.problem.to_string();
        assert!(
            message.ends_with("layer.tar: more than 1048576 bytes after decompression; refusing to read on"),
            "{message}"
        );
        let outer = bomb()
            .docker_old(&[])
            .packed_tar("x.tar.gz", pack)
            .read_with(&options)
            .unwrap_err();
        assert!(matches!(outer.problem, Problem::TooLarge { .. }), "{outer}");
    }
    // What is not decompressed is no bomb: it was that large on disk already.
    assert_eq!(bomb().read().facts.paths.len(), 2);
}

#[test]
fn entries_and_names_are_bounded_over_all_layers() {
    let layer = || Layer::new().empty("a/b/c/d/e").empty("f");
    let saved = Image::of([layer(), layer()]).docker_old(&[]).tar();
    let mut options = Options::default();
    options.limits.entries = 11;
    let error = saved.read_with(&options).unwrap_err().problem.to_string();
    assert!(
        error.ends_with("more than 11 entries in all layers; refusing to read on"),
        "{error}"
    );
    options.limits.entries = 12;
    assert_eq!(saved.read_with(&options).unwrap().len(), 1);
    options.limits.name_bytes = 50;
    assert!(saved.read_with(&options).is_err());
}

#[test]
fn implied_directories_count_too() {
    // One member of 2,000 levels implies 2,000 directories, whose names add up to 4 MB.
    let deep = |name: &str| format!("{name}/{}x", "d/".repeat(1990));
    let layer = (0..20).fold(Layer::new(), |layer, number| {
        layer
            .pax(&[("path", deep(&number.to_string()).as_bytes())])
            .empty("x")
    });
    let mut options = Options::default();
    options.limits.name_bytes = 8 << 20;
    let error = Image::of([layer])
        .docker_old(&[])
        .tar()
        .read_with(&options)
        .unwrap_err();
    assert!(matches!(error.problem, Problem::TooLarge { .. }), "{error}");
}

#[test]
fn a_huge_extension_header_is_not_loaded() {
    let layer = Layer::new().with(|tar| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(EntryType::GNULongName);
        header.set_size(2 << 20);
        header.set_cksum();
        tar.append(&header, vec![b'a'; 2 << 20].as_slice()).unwrap();
    });
    let error = Image::of([layer]).docker_old(&[]).tar().error();
    assert!(error.contains("an extension header of 2097152 bytes"), "{error}");
}

#[test]
fn impossible_sizes_are_errors() {
    for size in [u64::MAX, u64::MAX - 511, 1 << 62] {
        let layer = Layer::new().with(|tar| {
            let mut header = tar::Header::new_gnu();
            header.set_size(size);
            header.set_cksum();
            tar.append(&header, &b""[..]).unwrap();
        });
        assert!(Image::of([layer]).docker_old(&[]).tar().read().is_err());
    }
}

#[test]
fn names_of_parts_cannot_leave_the_folder() {
    let outside = "../../../../../../../../etc/hostname";
    let mut files = Image::of([]).docker_old(&[]);
    let record = json!([{ "Config": outside, "RepoTags": [], "Layers": [] }]);
    files.replace("manifest.json", record.to_string().into_bytes());
    for saved in [files.tar(), files.folder()] {
        let error = saved.read().unwrap_err();
        assert!(matches!(error.problem, Problem::Missing { .. }), "{error}");
    }
    let mut files = Files::default();
    files.index(vec![json!({ "digest": format!("sha256:{outside}"), "size": 1 })]);
    let error = files.folder().error();
    assert!(error.contains("is not a digest"), "{error}");
}

#[test]
fn indexes_inside_one_another_end_somewhere() {
    let mut files = Files::default();
    let mut descriptor = Image::of([]).blobs(&mut files);
    for _ in 0..20 {
        let index = json!({ "manifests": [descriptor] }).to_string().into_bytes();
        descriptor = files.blob("application/vnd.oci.image.index.v1+json", index);
    }
    files.index(vec![descriptor]);
    assert!(
        files
            .tar()
            .error()
            .contains("more than 8 indexes inside one another")
    );
    // Many ways to one manifest: 40 entries of 40 entries of 40 entries.
    let mut files = Files::default();
    let mut descriptor = Image::of([]).blobs(&mut files);
    for _ in 0..3 {
        let index = json!({ "manifests": vec![descriptor; 40] })
            .to_string()
            .into_bytes();
        descriptor = files.blob("application/vnd.oci.image.index.v1+json", index);
    }
    files.index(vec![descriptor]);
    assert!(files.tar().error().contains("more than 10000 manifests"));
}

#[test]
fn links_between_parts_that_never_end_are_missing_parts() {
    let archive = Layer::new()
        .symlink("manifest.json", "other")
        .symlink("other", "manifest.json")
        .symlink("index.json", "../../etc/hostname");
    let error = Saved::file("x.tar", &archive.tar()).error();
    assert!(error.contains("neither manifest.json nor index.json"), "{error}");
}

#[test]
fn random_bytes_never_panic() {
    // A fixed generator: the same bytes on every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let whole = {
        let image = Image::of([Layer::new().dir("a", (0, 0), 0o755).symlink("b", "a").file(
            "b/c",
            (1, 1),
            0o600,
            b"x",
        )]);
        std::fs::read(image.docker_old(&["a:1"]).tar().path()).unwrap()
    };
    for _ in 0..200 {
        let mut bytes = whole.clone();
        for _ in 0..1 + next() % 8 {
            let place = (next() % bytes.len() as u64) as usize;
            bytes[place] = next() as u8;
        }
        // Whether it is an error or not depends on the place; it must come to an end without a panic.
        let _ = Saved::file("x.tar", &bytes).read();
    }
    let mut noise = Vec::new();
    for _ in 0..1000 {
        noise.write_all(&next().to_le_bytes()).unwrap();
    }
    assert!(Saved::file("x.tar", &noise).read().is_err());
}
