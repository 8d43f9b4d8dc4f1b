// SPDX-License-Identifier: Apache-2.0
//! The image of the agent: the same bytes each time, and what the specifications demand of them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::process::Command;

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use xtask::agent::{MACHINES, Machine};
use xtask::image::{Image, Licence, Source, labels, licences};

const PROGRAM: &[u8] = &[0x7f; 100_000];

fn source() -> Source<'static> {
    Source {
        program: PROGRAM,
        licences: &[],
        machine: MACHINES[0],
        made: 0,
        revision: None,
    }
}

fn image(source: Source<'_>) -> Image {
    Image::of(source).unwrap()
}

fn json(image: &Image, path: &str) -> Value {
    serde_json::from_slice(&image.files[path]).unwrap()
}

/// The document that a descriptor refers to.
fn referred(image: &Image, descriptor: &Value) -> Value {
    let digest = descriptor["digest"].as_str().unwrap();
    json(image, &format!("blobs/{}", digest.replace(':', "/")))
}

#[test]
fn the_same_program_is_the_same_image() {
    let image = image(source());
    assert_eq!(image, self::image(source()));
    assert_eq!(image.archive().unwrap(), self::image(source()).archive().unwrap());
}

/// What changes it can be told from its digest.
#[test]
fn another_program_licence_time_revision_or_machine_is_another_image() {
    let licence = Licence {
        name: "some.txt",
        text: "As you like it.".to_owned(),
    };
    let sources = [
        source(),
        Source {
            licences: &[licence],
            ..source()
        },
        Source {
            program: b"another",
            ..source()
        },
        Source { made: 1, ..source() },
        Source {
            revision: Some("a"),
            ..source()
        },
        Source {
            machine: MACHINES[1],
            ..source()
        },
    ];
    let digests: BTreeSet<String> = sources.iter().map(|source| image(*source).digest).collect();
    assert_eq!(digests.len(), sources.len());
}

#[test]
fn every_blob_is_named_by_its_digest_and_size() {
    let image = image(source());
    let blobs = image.files.iter().filter(|(path, _)| path.starts_with("blobs/"));
    let mut sizes = BTreeSet::new();
    for (path, content) in blobs {
        let digest = HEXLOWER.encode(&Sha256::digest(content));
        assert_eq!(*path, format!("blobs/sha256/{digest}"));
        sizes.insert(content.len() as u64);
    }
    let manifest = json(&image, "index.json")["manifests"][0].clone();
    assert_eq!(manifest["digest"], image.digest.as_str());
    let document = referred(&image, &manifest);
    let described = [&manifest, &document["config"], &document["layers"][0]];
    let described: BTreeSet<u64> = described
        .iter()
        .map(|part| part["size"].as_u64().unwrap())
        .collect();
    assert_eq!(described, sizes);
    assert_eq!(sizes.len(), 3);
}

/// OCI image-spec, `config.md`: `created` as RFC 3339 has it; `architecture` as Go calls it.
#[test]
fn the_configuration_says_user_program_platform_and_time() {
    for (machine, architecture) in MACHINES.into_iter().zip(["amd64", "arm64"]) {
        let image = image(Source {
            machine,
            made: 86_400,
            ..source()
        });
        let manifest = referred(&image, &json(&image, "index.json")["manifests"][0]);
        let config = referred(&image, &manifest["config"]);
        for (pointer, expected) in [
            ("/architecture", architecture),
            ("/os", "linux"),
            ("/created", "1970-01-02T00:00:00Z"),
            ("/config/User", "65532:65532"),
            ("/config/Entrypoint/0", "/writeway-agent"),
            ("/config/Labels/org.opencontainers.image.title", "writeway-agent"),
            ("/rootfs/type", "layers"),
        ] {
            assert_eq!(config.pointer(pointer).unwrap(), expected, "{pointer}");
        }
        assert!(config["config"].get("Cmd").is_none(), "{config}");
    }
}

#[test]
fn a_time_that_no_calendar_has_is_an_error() {
    let error = Image::of(Source {
        made: u64::MAX,
        ..source()
    })
    .unwrap_err();
    assert!(error.to_string().contains("is no time"), "{error}");
}

#[test]
fn a_folder_that_is_no_layout_is_not_replaced() {
    let folder = std::env::temp_dir().join(format!("writeway-image-{}", std::process::id()));
    let precious = folder.join("oci/precious");
    std::fs::create_dir_all(precious.parent().unwrap()).unwrap();
    std::fs::write(&precious, "").unwrap();
    let error = image(source()).write(&folder).unwrap_err();
    assert!(error.to_string().contains("is no OCI layout"), "{error}");
    assert!(precious.exists());
    std::fs::remove_file(&precious).unwrap();
    std::fs::remove_dir(folder.join("oci")).unwrap();

    for _ in 0..2 {
        image(source()).write(&folder).unwrap();
        let index = std::fs::read(folder.join("oci/index.json")).unwrap();
        assert_eq!(index, image(source()).files["index.json"]);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// MIT, BSD and ISC ask for the notice wherever the code goes.
#[test]
fn the_licences_have_the_notices_of_all_that_is_linked() {
    let machine = Machine::named(None).unwrap();
    let found = licences(machine).unwrap();
    assert_eq!(found, licences(machine).unwrap());
    let text = |name: &str| &found.iter().find(|licence| licence.name == name).unwrap().text;
    for (name, notice) in [
        ("glibc.txt", "GNU LESSER GENERAL PUBLIC LICENSE"),
        ("packages.txt", "Copyright (c) 2021 Jan Verbeek"),
        ("packages.txt", "Copyright 2015-2016 Brian Smith"),
        ("packages.txt", "the fiat-crypto authors"),
        (
            "rust-standard-library.html",
            "Copyright notices for The Rust Standard Library",
        ),
    ] {
        assert!(text(name).contains(notice), "{name}: {notice}");
    }
    let headings: BTreeSet<&str> = text("packages.txt")
        .lines()
        .filter_map(|line| line.strip_prefix("==== ")?.strip_suffix(" ===="))
        .flat_map(|of| of.split(", "))
        .collect();
    for line in linked("{p}").lines() {
        let package = line.split(' ').take(2).collect::<Vec<_>>().join(" ");
        assert!(headings.contains(package.as_str()), "{package}");
    }
}

/// What is linked into the executable, a line each.
fn linked(format: &str) -> String {
    let mut tree = Command::new(env!("CARGO"));
    tree.args(["tree", "--locked", "--offline", "--package=writeway-agent"]);
    tree.args([
        "--edges=normal,no-proc-macro",
        "--prefix=none",
        "--format",
        format,
    ]);
    tree.args(["--target", Machine::named(None).unwrap().triple]);
    let tree = tree.current_dir(xtask::workspace()).output().unwrap();
    String::from_utf8(tree.stdout).unwrap()
}

/// Of alternatives one is chosen, of what has to be kept together all counts (SPDX 2.3, annex D).
#[test]
fn the_label_has_the_licence_of_everything_that_is_linked() {
    let label = labels(None)["org.opencontainers.image.licenses"].clone();
    let named: BTreeSet<&str> = label.split(" AND ").collect();
    let tree = linked("{p}|{l}");
    let mut packages = 0;
    for line in tree.lines() {
        let (package, licence) = line.split_once('|').unwrap();
        let licence = licence.trim_end_matches(" (*)");
        let mut choices = licence.split(" OR ");
        let covered = choices.any(|choice| choice.split(" AND ").all(|one| named.contains(one)));
        assert!(covered, "{package}: {licence} is not covered by {label}");
        packages += 1;
    }
    assert!(packages > 20, "{tree}");
}
