// SPDX-License-Identifier: Apache-2.0
//! The image as others find it: our own reader, the programs that copy and unpack images, and its program, run in its
//! root file system with nothing else.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use serde::Deserialize;
use serde_json::{Value, json};
use writeway_shell::agent::IMAGE as AGENT_IMAGE;

use super::document::{TAG, USER};
use super::{ARCHIVE, Image, LAYOUT, Source, labels, licences};
use crate::agent::{self, LIMIT, Machine};
use crate::verdict::Verdict;
use crate::{process, tools};

/// Runs the program in its root file system.
const INSIDE: &str = include_str!("inside.py");

/// What judges an image that lies in a folder.
type Judge = fn(&Path, &Image, &Source<'_>) -> anyhow::Result<Verdict>;

/// Makes the image of the executable that is built now, and has it read, copied, unpacked and run; whether all was as it
/// should be. Only root can run it.
///
/// # Errors
/// When the executable does not compile, or a program cannot be had.
pub fn judge(out: &mut dyn Write) -> anyhow::Result<bool> {
    let machine = Machine::named(None)?;
    let agent = agent::build(machine)?;
    let mut verdict = Verdict::default();
    let wrong = agent.wrong()?;
    verdict.expect(wrong.is_empty(), "it is what pods can run", &wrong);
    let size = agent.content.len();
    let mut good = verdict.tell(out, &format!("agent, {size} of {LIMIT} bytes"))?;

    let folder = crate::workspace().join("target/image-judged");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    fs::create_dir_all(&folder)?;
    let licences = licences::collect(machine)?;
    let source = Source {
        program: &agent.content,
        licences: &licences,
        machine,
        made: 1_700_000_000,
        revision: Some("0123456789abcdef0123456789abcdef01234567"),
    };
    let image = Image::of(source)?;
    image.write(&folder)?;
    tools::image_programs()?;
    for (name, judge) in [
        ("writeway facts", facts as Judge),
        ("skopeo", copied),
        ("umoci", unpacked),
        ("the image's program, with nothing else", run),
    ] {
        good &= judge(&folder, &image, &source)?.tell(out, &format!("image, {name}"))?;
    }
    if good {
        fs::remove_dir_all(&folder)?;
    } else {
        writeln!(out, "the image is in {}", folder.display())?;
    }
    Ok(good)
}

/// Our own reader takes the image's user and its files from both forms.
fn facts(folder: &Path, _: &Image, source: &Source<'_>) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let program = process::writeway("dev")?;
    for form in [LAYOUT, ARCHIVE] {
        let mut facts = Command::new(&program);
        let printed = process::output(facts.args(["facts", "--format=json"]).arg(folder.join(form)))?;
        let facts: Value = serde_json::from_str(&printed)?;
        let found = &facts["images"][format!("{AGENT_IMAGE}:{TAG}")];
        let expected = [
            ("user", json!(USER)),
            ("workingDir", json!("/")),
            ("complete", json!(true)),
        ];
        for (key, value) in expected {
            verdict.expect(found[key] == value, &format!("{form}: {key} is {value}"), &facts);
        }
        let mut paths = json!({
            "/": { "owner": "0:0", "mode": "0755" },
            "/licenses": { "owner": "0:0", "mode": "0755" },
            "/writeway-agent": { "type": "file", "owner": "0:0", "mode": "0755" },
        });
        for licence in source.licences {
            let path = format!("/licenses/{}", licence.name);
            paths[path] = json!({ "type": "file", "owner": "0:0", "mode": "0644" });
        }
        verdict.expect(found["paths"] == paths, &format!("{form}: its files"), &facts);
    }
    Ok(verdict)
}

/// skopeo finds the digest, the platform and the labels, and makes the same image of it in another form.
fn copied(folder: &Path, image: &Image, source: &Source<'_>) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let layout = format!("oci:{}:{TAG}", folder.join(LAYOUT).display());
    let archive = format!("docker-archive:{}", folder.join(ARCHIVE).display());
    let inspected = inspect(&layout, &[])?;
    let name = source.machine.goarch;
    verdict.expect(inspected["Digest"] == image.digest, "the digest", &inspected);
    verdict.expect(inspected["Architecture"] == name, "the processor", &inspected);
    verdict.expect(
        inspected["Created"] == "2023-11-14T22:13:20Z",
        "the time",
        &inspected,
    );
    let labels = json!(labels(source.revision));
    verdict.expect(inspected["Labels"] == labels, "the labels", &inspected);
    let layers = inspected["Layers"].as_array().map_or(0, Vec::len);
    verdict.expect(layers == 1, "one layer", &inspected);

    // Docker 25 and later, containerd and podman read the archive as a layout, the others by its list.
    let copy = folder.join("copy.tar");
    for (number, from) in [&archive, &layout].into_iter().enumerate() {
        let copy = copy.with_extension(format!("{number}.tar"));
        let to = format!("docker-archive:{}:{AGENT_IMAGE}:{TAG}", copy.display());
        process::output(Command::new("skopeo").args(["copy", "--quiet", "--insecure-policy", from, &to]))?;
        let config = inspect(&format!("docker-archive:{}", copy.display()), &["--config"])?;
        let same = config == inspect(&layout, &["--config"])?;
        verdict.expect(
            same,
            &format!("a copy of {from} has the same configuration"),
            &config,
        );
        let entrypoint = &config["config"]["Entrypoint"];
        verdict.expect(
            *entrypoint == json!(["/writeway-agent"]),
            "the entry point",
            &config,
        );
    }
    let whole = folder.join("whole");
    fs::create_dir_all(&whole)?;
    process::output(
        Command::new("tar")
            .arg("-xf")
            .arg(folder.join(ARCHIVE))
            .arg("-C")
            .arg(&whole),
    )?;
    let inspected = inspect(&format!("oci:{}:{TAG}", whole.display()), &[])?;
    verdict.expect(
        inspected["Digest"] == image.digest,
        "the archive is a layout, too",
        &inspected,
    );
    Ok(verdict)
}

fn inspect(image: &str, options: &[&str]) -> anyhow::Result<Value> {
    let mut skopeo = Command::new("skopeo");
    let printed = process::output(skopeo.arg("inspect").args(options).arg(image))?;
    serde_json::from_str(&printed).with_context(|| format!("skopeo printed no JSON of {image}"))
}

/// umoci makes a root file system of it that has the executable and nothing else.
fn unpacked(folder: &Path, _: &Image, source: &Source<'_>) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let image = format!("{}:{TAG}", folder.join(LAYOUT).display());
    let mut umoci = Command::new("umoci");
    process::output(
        umoci
            .args(["unpack", "--image", &image])
            .arg(folder.join("bundle")),
    )?;
    let root = folder.join("bundle/rootfs");
    let mut found = fs::read_dir(&root)?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<std::io::Result<Vec<_>>>()?;
    found.sort();
    verdict.expect(found == ["licenses", "writeway-agent"], "nothing else", &found);
    for licence in source.licences {
        let text = fs::read_to_string(root.join("licenses").join(licence.name))?;
        verdict.expect(text == licence.text, licence.name, &text.len());
    }
    let file = root.join("writeway-agent");
    let status = fs::metadata(&file)?;
    let owned = (status.uid(), status.gid(), status.mode() & 0o7777);
    verdict.expect(owned == (0, 0, 0o755), "owner and mode", &owned);
    let time = u64::try_from(status.mtime()).ok();
    verdict.expect(time == Some(source.made), "its time", &time);
    verdict.expect(fs::read(&file)? == source.program, "its bytes", &status.len());
    Ok(verdict)
}

/// How the program ended that ran inside.
#[derive(Debug, Deserialize)]
struct Run {
    words: String,
    code: i32,
    out: String,
    said: String,
}

/// What ran inside.
#[derive(Debug, Deserialize)]
struct Runs {
    verbs: Vec<String>,
    runs: Vec<Run>,
}

/// Every verb starts in the unpacked image, as its user, with no file but the resolv.conf that each container gets; and a
/// server with TLS is found by its name.
fn run(folder: &Path, _: &Image, _: &Source<'_>) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::default();
    let script = folder.join("inside.py");
    fs::write(&script, INSIDE)?;
    let mut inside = Command::new("unshare");
    inside.args(["--net", "python3"]).arg(script);
    let printed = process::output(inside.arg(folder.join("bundle/rootfs")).arg(USER))?;
    let Runs { verbs, runs } = serde_json::from_str(&printed)?;
    verdict.expect(verbs.len() > 3, "the help lists verbs", &verbs);
    let mut ended = BTreeMap::new();
    for run in &runs {
        ended.insert(run.words.as_str(), run);
        let starts = run.words.ends_with("--help") || run.words == "version";
        let good = run.code == 0 && !run.out.is_empty() && run.said.is_empty();
        verdict.expect(!starts || good, &run.words, run);
    }
    // Without a file of the C library; and no authority is trusted that nobody named.
    for (words, code, said) in [
        ("wait dns://ready.", 0, "ready"),
        ("wait dns://nobody.", 3, "nobody.writeway.test"),
        ("wait --ca ", 0, "ready"),
        ("wait --budget ", 3, "certificate"),
    ] {
        let run = runs.iter().find(|run| run.words.starts_with(words));
        let met = run.is_some_and(|run| run.code == code && run.said.contains(said));
        verdict.expect(met, &format!("{words}… ends with {code}"), &run);
    }
    let started = verbs
        .iter()
        .filter(|verb| ended.contains_key(format!("{verb} --help").as_str()));
    verdict.expect(started.count() == verbs.len(), "each verb starts", &verbs);
    Ok(verdict)
}
