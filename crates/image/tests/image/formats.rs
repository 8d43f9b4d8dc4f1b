// SPDX-License-Identifier: Apache-2.0
//! Every form in which images are saved, and what the config says.

use std::collections::BTreeMap;

use serde_json::json;
use tar::EntryType;
use writeway_facts::{GroupEntry, ImageFacts, UserEntry};
use writeway_image::{Options, Platform};

use crate::build::{Files, Image, Layer, Pack, Saved, assert_paths, digest, dir, file};

fn sample() -> Image {
    let mut image = Image::of([
        Layer::new()
            .dir("etc", (0, 0), 0o755)
            .file(
                "etc/passwd",
                (0, 0),
                0o644,
                b"root:x:0:0::/root:/bin/sh\nold:x:1:1::/:\n",
            )
            .file("etc/group", (0, 0), 0o644, b"root:x:0:\nextra:x:2500:app\n"),
        Layer::new()
            .file(
                "etc/passwd",
                (0, 0),
                0o644,
                b"root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:\n",
            )
            .dir("home/app", (1000, 1000), 0o750),
    ]);
    image.execution = json!({
        "User": "app",
        "WorkingDir": "/home/app",
        "Env": ["PATH=/usr/bin:/bin", "HOME=/home/app"],
        "Volumes": { "/data": {} },
    });
    image
}

fn assert_sample(facts: &ImageFacts) {
    assert!(facts.complete);
    assert_eq!(facts.user.as_deref(), Some("app"));
    assert_eq!(facts.working_dir.as_deref(), Some("/home/app"));
    let env = [("PATH", "/usr/bin:/bin"), ("HOME", "/home/app")];
    assert_eq!(
        facts.env,
        Some(
            env.iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect()
        )
    );
    assert_eq!(facts.volumes, Some(vec!["/data".to_owned()]));
    let user = |id, home: &str| UserEntry {
        uid: id,
        gid: id,
        home: Some(home.to_owned()),
    };
    let users = [("app", user(1000, "/home/app")), ("root", user(0, "/root"))];
    assert_eq!(
        facts.users,
        Some(users.map(|(name, user)| (name.to_owned(), user)).into())
    );
    let groups = [
        (
            "extra",
            GroupEntry {
                gid: 2500,
                members: vec!["app".to_owned()],
            },
        ),
        (
            "root",
            GroupEntry {
                gid: 0,
                members: vec![],
            },
        ),
    ];
    assert_eq!(
        facts.groups,
        Some(groups.map(|(name, group)| (name.to_owned(), group)).into())
    );
    let paths = [
        ("/", dir((0, 0), 0o755)),
        ("/etc", dir((0, 0), 0o755)),
        ("/etc/group", file((0, 0), 0o644)),
        ("/etc/passwd", file((0, 0), 0o644)),
        ("/home", dir((0, 0), 0o755)),
        ("/home/app", dir((1000, 1000), 0o750)),
    ];
    assert_eq!(
        facts.paths,
        paths.map(|(path, fact)| (path.to_owned(), fact)).into()
    );
}

#[test]
fn every_form_and_every_compression_gives_the_same_facts() {
    for pack in [Pack::Plain, Pack::Gzip, Pack::Zstd] {
        let image = sample().packed(pack);
        let old = image.docker_old(&["acme/app:1"]);
        let new = image.docker_new("acme/app:1");
        let oci = image.oci(json!({ "org.opencontainers.image.ref.name": "acme/app:1" }));
        for files in [old, new, oci] {
            for saved in [
                files.tar(),
                files.folder(),
                files.packed_tar("image.tar.gz", Pack::Gzip),
                files.packed_tar("image.tar.zst", Pack::Zstd),
            ] {
                let image = saved.read_one();
                assert_eq!(image.name, "acme/app:1");
                assert_eq!(image.notes, Vec::<String>::new());
                assert_sample(&image.facts);
            }
        }
    }
}

#[test]
fn an_image_without_config_has_empty_facts_not_unknown_ones() {
    let facts = Image::of([Layer::new().dir("tmp", (0, 0), 0o1777)]).read().facts;
    assert_eq!(facts.user.as_deref(), Some(""));
    assert_eq!(facts.working_dir.as_deref(), Some("/"));
    assert_eq!(facts.env, Some(BTreeMap::new()));
    assert_eq!(facts.users, Some(BTreeMap::new()));
    assert_eq!(facts.groups, Some(BTreeMap::new()));
    assert_eq!(facts.volumes, Some(vec![]));
}

#[test]
fn further_tags_are_further_names() {
    let image = sample()
        .docker_old(&["acme/app:1", "acme/app:latest"])
        .tar()
        .read_one();
    assert_eq!(
        (image.name.as_str(), image.other_names),
        ("acme/app:1", vec!["acme/app:latest".to_owned()])
    );
}

#[test]
fn an_image_saved_without_a_name_is_called_like_its_file() {
    let files = sample().docker_old(&[]);
    assert_eq!(files.tar().read_one().name, "image.tar");
    assert_eq!(files.folder().read_one().name, "image");
    assert_eq!(sample().oci(json!({})).folder().read_one().name, "image");
    let tag = sample().oci(json!({ "org.opencontainers.image.ref.name": "1.2" }));
    assert_eq!(tag.tar().read_one().name, "image.tar:1.2");
}

#[test]
fn several_images_of_one_archive_are_all_read() {
    let (first, second) = (sample(), Image::of([Layer::new().dir("b", (0, 0), 0o755)]));
    let mut files = Files::default();
    let descriptors = vec![first.blobs(&mut files), second.blobs(&mut files)];
    let mut unnamed = files.clone();
    unnamed.index(descriptors.clone());
    let images = unnamed.tar().read().unwrap();
    let names: Vec<&str> = images.iter().map(|image| image.name.as_str()).collect();
    let expected: Vec<String> = descriptors
        .iter()
        .map(|descriptor| format!("image.tar@{}", descriptor["digest"].as_str().unwrap()))
        .collect();
    assert_eq!(names, expected);
    let mut named = descriptors;
    named[0]["annotations"] = json!({ "org.opencontainers.image.ref.name": "b/second:1" });
    named[1]["annotations"] = json!({ "org.opencontainers.image.ref.name": "a/first:1" });
    files.index(named);
    let images = files.tar().read().unwrap();
    assert_eq!(
        images.iter().map(|image| image.name.as_str()).collect::<Vec<_>>(),
        ["a/first:1", "b/second:1"]
    );
    assert_eq!(images[1].digests.len(), 1);
    assert_sample(&images[1].facts);
}

/// A layout with one name for two platforms, behind a nested index, with an attestation beside them.
fn two_platforms(described: bool) -> Files {
    let mut files = Files::default();
    let mut manifests = Vec::new();
    for architecture in ["arm64", "amd64"] {
        let mut image = Image::of([Layer::new().dir(architecture, (0, 0), 0o755)]);
        image.platform = ("linux", architecture);
        let mut descriptor = image.blobs(&mut files);
        if described {
            descriptor["platform"] = json!({ "os": "linux", "architecture": architecture });
        }
        manifests.push(descriptor);
    }
    let mut attestation = Image::of([]).blobs(&mut files);
    attestation["platform"] = json!({ "os": "unknown", "architecture": "unknown" });
    manifests.push(attestation);
    let nested = json!({ "schemaVersion": 2, "manifests": manifests })
        .to_string()
        .into_bytes();
    let mut nested = files.blob("application/vnd.oci.image.index.v1+json", nested);
    nested["annotations"] = json!({ "io.containerd.image.name": "docker.io/acme/app:1" });
    files.index(vec![nested]);
    files
}

#[test]
fn the_platform_is_linux_amd64_unless_another_is_asked_for() {
    for described in [true, false] {
        let saved = two_platforms(described).tar();
        let image = saved.read_one();
        assert_eq!(image.name, "docker.io/acme/app:1");
        assert_eq!(image.digests.len(), 2, "the index and the manifest in it");
        assert_paths(&image, &[("/amd64", dir((0, 0), 0o755))]);
        let options = |platform: &str| Options {
            platform: Some(platform.parse().unwrap()),
            ..Options::default()
        };
        let images = saved.read_with(&options("linux/arm64")).unwrap();
        assert_paths(&images[0], &[("/arm64", dir((0, 0), 0o755))]);
        let error = saved
            .read_with(&options("linux/s390x"))
            .unwrap_err()
            .problem
            .to_string();
        assert_eq!(
            error,
            "no image for linux/s390x here; there is linux/amd64, linux/arm64"
        );
    }
}

#[test]
fn the_only_platform_is_read_without_asking() {
    let mut image = sample();
    image.platform = ("linux", "riscv64");
    assert_sample(&image.oci(json!({})).tar().read_one().facts);
    assert_sample(&image.docker_old(&[]).tar().read_one().facts);
    let options = Options {
        platform: Some(Platform::linux_amd64()),
        ..Options::default()
    };
    for files in [
        image.oci(json!({})),
        image.docker_old(&[]),
        image.docker_new("a:1"),
    ] {
        let error = files.tar().read_with(&options).unwrap_err().problem.to_string();
        assert_eq!(error, "no image for linux/amd64 here; there is linux/riscv64");
    }
}

#[test]
fn platforms_that_the_archive_does_not_hold_are_passed_over() {
    let mut files = Files::default();
    let mut here = sample().blobs(&mut files);
    here["platform"] = json!({ "os": "linux", "architecture": "arm64" });
    let absent = json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": digest(b"elsewhere"),
        "size": 9,
        "platform": { "os": "linux", "architecture": "amd64" },
    });
    let index = json!({ "manifests": [absent, here] }).to_string().into_bytes();
    let index = files.blob("application/vnd.oci.image.index.v1+json", index);
    files.index(vec![index]);
    assert_sample(&files.tar().read_one().facts);
}

#[test]
fn artifacts_beside_the_image_are_passed_over() {
    let mut files = Files::default();
    let image = sample().blobs(&mut files);
    let config = files.blob("application/vnd.cncf.helm.config.v1+json", b"{}".to_vec());
    let chart = json!({ "config": config, "layers": [] }).to_string().into_bytes();
    let chart = files.blob("application/vnd.oci.image.manifest.v1+json", chart);
    files.index(vec![chart, image]);
    assert_sample(&files.tar().read_one().facts);
}

#[test]
fn a_repeated_layer_may_be_a_link_to_the_first() {
    let layer = Layer::new().dir("tmp", (0, 0), 0o1777).tar();
    let mut image = Image::of([]);
    image.layers = vec![layer.clone(), layer.clone(), layer];
    let config = image.config();
    let record = json!([{
        "Config": "config.json",
        "RepoTags": null,
        "Layers": ["a/layer.tar", "b/layer.tar", "c/layer.tar"],
    }]);
    let archive = Layer::new()
        .symlink("b/layer.tar", "../a/layer.tar")
        .file("a/layer.tar", (0, 0), 0o644, &image.layers[0])
        .hard_link("c/layer.tar", "b/layer.tar", (0, 0), 0o644)
        .file("config.json", (0, 0), 0o644, &config)
        .file("manifest.json", (0, 0), 0o644, record.to_string().as_bytes());
    let image = Saved::file("x.tar", &archive.tar()).read_one();
    assert_eq!(image.name, "x.tar");
    assert_paths(&image, &[("/tmp", dir((0, 0), 0o1777))]);
}

#[test]
fn accounts_are_found_through_links() {
    let image = Image::of([
        Layer::new()
            .file("usr/etc/passwd", (0, 0), 0o644, b"app:x:7:8::/app:\n")
            .hard_link("usr/etc/again", "usr/etc/passwd", (0, 0), 0o644)
            .symlink("etc", "usr/etc"),
        Layer::new().file("usr/etc/group", (0, 0), 0o644, b"g:x:9:app\n"),
        Layer::new()
            .empty("usr/etc/.wh.passwd")
            .symlink("usr/etc/passwd", "../etc/again"),
    ])
    .read();
    let users = image.facts.users.unwrap();
    assert_eq!(
        users["app"],
        UserEntry {
            uid: 7,
            gid: 8,
            home: Some("/app".to_owned())
        }
    );
    assert_eq!(image.facts.groups.unwrap()["g"].gid, 9);
}

#[test]
fn accounts_that_are_too_large_or_no_files_are_unknown() {
    let mut options = Options::default();
    options.limits.account_bytes = 10;
    let saved = Image::of([Layer::new()
        .file("etc/passwd", (0, 0), 0o644, b"app:x:7:8::/app:\n")
        .member("etc/group", EntryType::Fifo, (0, 0), 0o644, "", b"")])
    .docker_old(&[])
    .tar();
    let image = saved.read_with(&options).unwrap().remove(0);
    assert_eq!((image.facts.users, image.facts.groups), (None, None));
    assert_eq!(image.notes.len(), 2);
}
