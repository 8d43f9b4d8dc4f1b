// SPDX-License-Identifier: Apache-2.0
//! Archives that are damaged, incomplete or something else: each error says what, where and why.

use serde_json::json;
use tempfile::TempDir;
use writeway_image::Problem;

use crate::build::{Image, Layer, Pack, Saved, digest};

fn sample() -> Image {
    Image::of([
        Layer::new().file("data", (0, 0), 0o644, &[7; 4000]),
        Layer::new().dir("x", (0, 0), 0o755),
    ])
}

#[test]
fn what_is_no_image_is_said_to_be_none() {
    let none = |saved: Saved, why: &str| {
        let error = saved.error();
        assert!(
            error.starts_with("not a saved image: ") && error.contains(why),
            "{error}"
        );
    };
    none(Saved::file("empty", b""), "neither manifest.json nor index.json");
    none(
        Saved::file("text", &b"apiVersion: v1\n".repeat(100)),
        "not a tar header at byte 0",
    );
    none(
        Saved::file("other.tar", &Layer::new().empty("README").tar()),
        "neither manifest.json nor index.json",
    );
    let mut files = sample().docker_old(&[]);
    files.replace("manifest.json", b"[]".to_vec());
    none(files.tar(), "it lists no image");
    let mut files = sample().oci(json!({}));
    files.replace("index.json", br#"{"manifests": []}"#.to_vec());
    none(files.tar(), "index.json lists no image");
    let place = TempDir::new().unwrap();
    assert!(matches!(
        writeway_image::read(place.path()).unwrap_err().problem,
        Problem::NotAnImage { .. }
    ));
    let absent = writeway_image::read(&place.path().join("absent.tar")).unwrap_err();
    assert!(matches!(absent.problem, Problem::Unreadable { .. }));
    assert!(
        absent.to_string().contains("absent.tar: cannot read it: "),
        "{absent}"
    );
}

#[test]
fn a_truncated_archive_is_said_to_be_truncated() {
    for files in [sample().docker_old(&[]), sample().oci(json!({}))] {
        let whole = std::fs::read(files.tar().path()).unwrap();
        let mut truncated = 0;
        for length in (1..whole.len() - 1024).step_by(97) {
            let error = Saved::file("x.tar", &whole[..length]).read().unwrap_err().problem;
            match error {
                Problem::Truncated { .. } => truncated += 1,
                // Cut between two members, the rest is a whole archive that lacks some.
                Problem::NotAnImage { .. } | Problem::Missing { .. } => {}
                other => panic!("{length}: {other}"),
            }
        }
        assert!(truncated > 50, "{truncated}");
    }
}

#[test]
fn a_truncated_layer_is_named() {
    for pack in [Pack::Plain, Pack::Gzip, Pack::Zstd] {
        let image = sample().packed(pack);
        let mut files = image.docker_old(&[]);
        let layer = format!("{:064x}/layer.tar", 0);
        let packed = pack.pack(&image.layers[0]);
        files.replace(&layer, packed[..packed.len() / 2].to_vec());
        assert_eq!(
            files.tar().error(),
            format!("{layer} ends in the middle; the file was not copied completely")
        );
    }
}

#[test]
fn a_layer_of_another_size_is_noticed_before_it_is_read() {
    let mut files = sample().oci(json!({}));
    let layer = files.largest("blobs/");
    files.replace(&layer, vec![0; 100]);
    let error = files.folder().error();
    assert!(
        error.starts_with(&format!("{layer}: it has 100 bytes, but blobs/sha256/")),
        "{error}"
    );
}

#[test]
fn wrong_digests_are_errors_wherever_they_are() {
    let other = Layer::new().dir("y", (0, 0), 0o755).tar();
    // The plain layers, by the config.
    let mut files = sample().docker_old(&[]);
    let layer = format!("{:064x}/layer.tar", 1);
    files.replace(&layer, other.clone());
    let error = files.tar().error();
    assert!(
        error.starts_with(&format!("{layer}, decompressed: content has the digest")),
        "{error}"
    );
    assert!(error.contains(&digest(&other)), "{error}");
    // Blobs, by their names.
    let image = sample();
    let whole = image.oci(json!({}));
    let blobs = whole.0.iter().filter(|(name, _)| name.starts_with("blobs/"));
    let mut seen = 0;
    for (name, content) in blobs {
        let mut changed = content.clone();
        // Still a document or an archive of the same length: only the digest tells.
        let place = changed
            .iter()
            .position(|byte| matches!(byte, b'l' | 7))
            .unwrap_or(0);
        changed[place] ^= 1;
        let mut files = whole.clone();
        files.replace(name, changed);
        let problem = files.tar().read().unwrap_err().problem;
        assert!(
            matches!(&problem, Problem::WrongDigest { .. } | Problem::Malformed { .. }),
            "{name}: {problem}"
        );
        seen += usize::from(matches!(problem, Problem::WrongDigest { .. }));
    }
    assert!(seen >= 3, "{seen}");
}

#[test]
fn the_stored_bytes_are_verified_even_when_their_content_is_right() {
    let image = sample().packed(Pack::Gzip);
    let mut files = image.oci(json!({}));
    let layer = files.largest("blobs/");
    let mut repacked = Pack::Gzip.pack(&image.layers[0]);
    // The operating system byte of the gzip header (RFC 1952) has no effect on the content.
    repacked[9] ^= 1;
    files.replace(&layer, repacked);
    let error = files.tar().error();
    assert!(
        error.starts_with(&format!("{layer}: content has the digest")),
        "{error}"
    );
}

#[test]
fn bytes_after_the_end_of_a_layer_are_digested_too() {
    let mut files = sample().docker_old(&[]);
    let layer = format!("{:064x}/layer.tar", 0);
    let mut longer = sample().layers[0].clone();
    longer.extend([0; 512]);
    files.replace(&layer, longer);
    assert!(files.tar().error().contains("content has the digest"));
}

#[test]
fn layers_and_config_must_agree_in_number() {
    let image = sample();
    let mut files = image.docker_old(&[]);
    let (config, _) = files.0.iter().find(|(name, _)| name.len() == 69).unwrap().clone();
    let record = json!([{ "Config": config, "Layers": [format!("{:064x}/layer.tar", 0)] }]);
    files.replace("manifest.json", record.to_string().into_bytes());
    let error = files.tar().error();
    assert!(
        error.starts_with("manifest.json: the image has 1 layers, but its config"),
        "{error}"
    );
}

#[test]
fn a_config_without_layer_digests_is_read_with_a_note() {
    let mut files = sample().docker_old(&[]);
    let (config, _) = files.0.iter().find(|(name, _)| name.len() == 69).unwrap().clone();
    files.replace(&config, b"{}".to_vec());
    let image = files.tar().read_one();
    assert_eq!(
        image.notes,
        [format!(
            "{config} has no `rootfs.diff_ids`: the layers were not verified"
        )]
    );
}

#[test]
fn a_missing_part_is_named_with_the_document_that_names_it() {
    let mut files = sample().docker_old(&[]);
    let layer = format!("{:064x}/layer.tar", 1);
    files.remove(&layer);
    for saved in [files.tar(), files.folder()] {
        assert_eq!(
            saved.error(),
            format!("`{layer}` is missing, but manifest.json names it; save the image again")
        );
    }
    let mut files = sample().oci(json!({}));
    files.remove(&files.largest("blobs/"));
    assert!(matches!(
        files.tar().read().unwrap_err().problem,
        Problem::Missing { .. }
    ));
}

#[test]
fn broken_documents_are_named_with_line_and_column() {
    let mut files = sample().docker_old(&[]);
    files.replace("manifest.json", b"[\n  {\"Config\": 5}]".to_vec());
    assert_eq!(
        files.tar().error(),
        "manifest.json:2:14: invalid type: integer `5`, expected a string"
    );
    let mut files = sample().oci(json!({}));
    files.replace("index.json", b"{".to_vec());
    assert_eq!(files.tar().error(), "index.json:1:1: EOF while parsing an object");
}

#[test]
fn other_compressions_are_named() {
    let mut files = sample().docker_old(&[]);
    let layer = format!("{:064x}/layer.tar", 0);
    files.replace(&layer, b"\xfd7zXZ\0\0\0\0\0".to_vec());
    assert_eq!(
        files.tar().error(),
        format!("{layer} is compressed with xz; only gzip and zstd are read, decompress it first")
    );
    assert!(
        Saved::file("x.tar.bz2", b"BZh91AY&SY")
            .error()
            .contains("compressed with bzip2")
    );
}
