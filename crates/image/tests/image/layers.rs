// SPDX-License-Identifier: Apache-2.0
//! What layers make of one another.

use tar::EntryType;
use writeway_facts::EntryType as Kind;

use crate::build::{Image, Layer, assert_paths, dir, fact, file, link};

#[test]
fn every_kind_of_file_keeps_owner_and_mode() {
    let image = Image::of([Layer::new()
        .dir("./", (0, 0), 0o751)
        .dir("./tmp/", (0, 0), 0o1777)
        .file("app", (1000, 2000), 0o4755, b"x")
        .symlink("run", "/var/run")
        .member("pipe", EntryType::Fifo, (1, 2), 0o620, "", b"")
        .member("null", EntryType::Char, (0, 0), 0o666, "", b"")
        .member("disk", EntryType::Block, (0, 6), 0o660, "", b"")])
    .read();
    assert_paths(
        &image,
        &[
            ("/app", file((1000, 2000), 0o4755)),
            ("/disk", fact(Kind::Other, (0, 6), 0o660)),
            ("/null", fact(Kind::Other, (0, 0), 0o666)),
            ("/pipe", fact(Kind::Other, (1, 2), 0o620)),
            ("/run", link("/var/run")),
            ("/tmp", dir((0, 0), 0o1777)),
        ],
    );
    assert_eq!(image.facts.paths["/"], dir((0, 0), 0o751));
    assert!(image.facts.complete);
    assert_eq!(image.notes, Vec::<String>::new());
}

#[test]
fn parents_that_no_member_describes_are_root_owned_0755() {
    let image = Image::of([
        Layer::new().dir("opt", (7, 7), 0o700),
        Layer::new().file("opt/app/bin/tool", (1000, 1000), 0o755, b""),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/opt", dir((7, 7), 0o700)),
            ("/opt/app", dir((0, 0), 0o755)),
            ("/opt/app/bin", dir((0, 0), 0o755)),
            ("/opt/app/bin/tool", file((1000, 1000), 0o755)),
        ],
    );
}

#[test]
fn a_directory_described_after_its_content_keeps_the_content() {
    let image = Image::of([Layer::new()
        .file("a/b", (1, 1), 0o600, b"")
        .dir("a", (5, 5), 0o711)])
    .read();
    assert_paths(
        &image,
        &[("/a", dir((5, 5), 0o711)), ("/a/b", file((1, 1), 0o600))],
    );
}

#[test]
fn an_upper_directory_merges_and_takes_the_attributes() {
    let image = Image::of([
        Layer::new()
            .dir("d", (1, 1), 0o755)
            .file("d/low", (1, 1), 0o644, b""),
        Layer::new()
            .dir("d", (2, 2), 0o2775)
            .file("d/up", (2, 2), 0o640, b""),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/d", dir((2, 2), 0o2775)),
            ("/d/low", file((1, 1), 0o644)),
            ("/d/up", file((2, 2), 0o640)),
        ],
    );
}

#[test]
fn whiteouts_delete_from_lower_layers_only() {
    let image = Image::of([
        Layer::new()
            .dir("d", (1, 1), 0o755)
            .file("d/gone", (1, 1), 0o644, b"")
            .file("d/gone-too", (1, 1), 0o644, b"")
            .file("d/sub/deep", (1, 1), 0o644, b"")
            .file("d/stays", (1, 1), 0o644, b""),
        Layer::new()
            .empty("d/.wh.gone")
            .file("d/gone-too", (3, 3), 0o600, b"")
            .empty("d/.wh.gone-too")
            .empty("d/.wh.sub")
            .file("d/sub/new", (3, 3), 0o600, b"")
            .empty("d/.wh.never-there"),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/d", dir((1, 1), 0o755)),
            ("/d/gone-too", file((3, 3), 0o600)),
            ("/d/stays", file((1, 1), 0o644)),
            ("/d/sub", dir((0, 0), 0o755)),
            ("/d/sub/new", file((3, 3), 0o600)),
        ],
    );
}

#[test]
fn a_name_that_only_starts_like_a_deleted_one_stays() {
    let image = Image::of([
        Layer::new()
            .file("a/x", (1, 1), 0o644, b"")
            .file("a-b", (1, 1), 0o644, b"")
            .file("ab", (1, 1), 0o644, b"")
            .file("a0", (1, 1), 0o644, b""),
        Layer::new().empty(".wh.a"),
    ])
    .read();
    let kept = file((1, 1), 0o644);
    assert_paths(
        &image,
        &[("/a-b", kept.clone()), ("/a0", kept.clone()), ("/ab", kept)],
    );
}

#[test]
fn an_opaque_directory_hides_what_lies_below_it_in_any_order() {
    let lower = || {
        Layer::new()
            .dir("d", (1, 1), 0o755)
            .file("d/old/x", (1, 1), 0o644, b"")
    };
    let expected = [("/d", dir((2, 2), 0o700)), ("/d/new", file((2, 2), 0o600))];
    let first =
        Layer::new()
            .dir("d", (2, 2), 0o700)
            .empty("d/.wh..wh..opq")
            .file("d/new", (2, 2), 0o600, b"");
    assert_paths(&Image::of([lower(), first]).read(), &expected);
    let last = Layer::new()
        .dir("d", (2, 2), 0o700)
        .file("d/new", (2, 2), 0o600, b"")
        .empty("d/.wh..wh..opq");
    assert_paths(&Image::of([lower(), last]).read(), &expected);
    let undescribed = Layer::new().empty("d/.wh..wh..opq");
    assert_paths(
        &Image::of([lower(), undescribed]).read(),
        &[("/d", dir((1, 1), 0o755))],
    );
}

#[test]
fn files_and_directories_replace_one_another() {
    let image = Image::of([
        Layer::new()
            .file("dir/x", (1, 1), 0o644, b"")
            .file("file", (1, 1), 0o644, b"")
            .symlink("link", "/dir"),
        Layer::new()
            .file("dir", (2, 2), 0o600, b"")
            .dir("file", (2, 2), 0o700)
            .dir("link", (2, 2), 0o701),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/dir", file((2, 2), 0o600)),
            ("/file", dir((2, 2), 0o700)),
            ("/link", dir((2, 2), 0o701)),
        ],
    );
}

#[test]
fn a_directory_above_a_lower_link_hides_the_link() {
    // containerd and Docker unpack a layer into an empty directory: they cannot follow a lower layer's link.
    let image = Image::of([
        Layer::new().dir("run", (0, 0), 0o755).symlink("var/run", "/run"),
        Layer::new().file("var/run/app.pid", (5, 5), 0o644, b""),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/run", dir((0, 0), 0o755)),
            ("/var", dir((0, 0), 0o755)),
            ("/var/run", dir((0, 0), 0o755)),
            ("/var/run/app.pid", file((5, 5), 0o644)),
        ],
    );
}

#[test]
fn hard_links_share_owner_and_mode_until_a_layer_replaces_one() {
    let image = Image::of([
        Layer::new()
            .file("bin/a", (1000, 1000), 0o755, b"x")
            .hard_link("bin/b", "bin/a", (1000, 1000), 0o755)
            .hard_link("bin/c", "./bin/b", (1000, 1000), 0o755)
            .hard_link("bin/d", "/bin/c", (1000, 1000), 0o755),
        Layer::new()
            .file("bin/b", (0, 0), 0o4711, b"x")
            .empty("bin/.wh.a"),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/bin", dir((0, 0), 0o755)),
            ("/bin/b", file((0, 0), 0o4711)),
            ("/bin/c", file((1000, 1000), 0o755)),
            ("/bin/d", file((1000, 1000), 0o755)),
        ],
    );
    assert_eq!(image.notes, Vec::<String>::new());
}

#[test]
fn a_hard_link_is_its_target_whatever_its_header_says() {
    let image =
        Image::of([Layer::new()
            .file("a", (1000, 1000), 0o600, b"x")
            .hard_link("b", "a", (0, 0), 0o644)])
        .read();
    assert_paths(
        &image,
        &[
            ("/a", file((1000, 1000), 0o600)),
            ("/b", file((1000, 1000), 0o600)),
        ],
    );
    assert!(image.notes[0].contains("\"b\""), "{:?}", image.notes);
}

#[test]
fn a_hard_link_to_a_lower_layer_is_noted() {
    let image = Image::of([
        Layer::new()
            .file("low", (9, 9), 0o640, b"x")
            .file("kept", (8, 8), 0o600, b""),
        Layer::new()
            .hard_link("up", "low", (9, 9), 0o640)
            .hard_link("more", "up", (9, 9), 0o640)
            .empty(".wh.low")
            .hard_link("nowhere", "missing", (0, 0), 0o644),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/kept", file((8, 8), 0o600)),
            ("/more", file((9, 9), 0o640)),
            ("/up", file((9, 9), 0o640)),
        ],
    );
    assert_eq!(image.notes.len(), 3, "{:?}", image.notes);
}

#[test]
fn long_names_and_large_ids_are_read_from_extension_headers() {
    let long = format!("deep/{}/end", "n".repeat(150));
    let path = format!("/{long}");
    let parent = format!("/deep/{}", "n".repeat(150));
    let image = Image::of([
        Layer::new()
            .pax(&[
                ("path", long.as_bytes()),
                ("uid", b"3000000000"),
                ("gid", b"2097152"),
                ("SCHILY.xattr.user.x", b"a\nb"),
            ])
            .file("short", (1, 1), 0o640, b"")
            .pax(&[("linkpath", b"/target/of/pax"), ("uid", b"0"), ("gid", b"0")])
            .symlink("link", "short"),
        // GNU long name and base-256 ids.
        Layer::new().with(|tar| {
            let mut header = tar::Header::new_gnu();
            header.set_uid(4_000_000_000);
            header.set_gid(8u64.pow(7));
            header.set_mode(0o711);
            header.set_size(0);
            tar.append_data(&mut header, format!("{}/gnu", "g".repeat(120)), &b""[..])
                .unwrap();
        }),
    ])
    .read();
    assert_paths(
        &image,
        &[
            ("/deep", dir((0, 0), 0o755)),
            (&parent, dir((0, 0), 0o755)),
            (&path, file((3_000_000_000, 2_097_152), 0o640)),
            (&format!("/{}", "g".repeat(120)), dir((0, 0), 0o755)),
            (
                &format!("/{}/gnu", "g".repeat(120)),
                file((4_000_000_000, 2_097_152), 0o711),
            ),
            ("/link", link("/target/of/pax")),
        ],
    );
}

#[test]
fn old_archives_mark_directories_by_a_slash() {
    let image = Image::of([Layer::new().with(|tar| {
        let mut header = tar::Header::new_old();
        header.as_old_mut().name[..4].copy_from_slice(b"old/");
        header.as_old_mut().linkflag = [0];
        header.set_mode(0o750);
        header.set_size(0);
        header.set_cksum();
        tar.append(&header, &b""[..]).unwrap();
    })])
    .read();
    assert_paths(&image, &[("/old", dir((0, 0), 0o750))]);
}

#[test]
fn an_owner_that_linux_does_not_have_is_unknown() {
    let image = Image::of([Layer::new().file("x", (1 << 33, 0), 0o644, b"")]).read();
    assert_eq!(image.facts.paths["/x"].owner, None);
    assert!(image.notes[0].contains("8589934592:0"), "{:?}", image.notes);
}

#[test]
fn an_image_without_layers_is_an_empty_root() {
    assert_paths(&Image::of([]).read(), &[]);
}
