// SPDX-License-Identifier: Apache-2.0
//! `check --format`: which formats there are, and where they go.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::process::{Command, Stdio};

use common::{Folder, WITHOUT_TEMP, WRITABLE, run};
use serde_json::Value;

const FORMATS: [&str; 10] = [
    "human", "concise", "json", "jsonl", "sarif", "junit", "github", "gitlab", "markdown", "html",
];

fn one() -> Folder {
    Folder::with(&[("pod.yaml", WITHOUT_TEMP)])
}

fn read(folder: &Folder, name: &str) -> String {
    fs::read_to_string(folder.path().join(name)).unwrap()
}

#[test]
fn every_format_is_in_the_help() {
    let help = run(&["check", "--help"]).stdout;
    for format in FORMATS {
        assert!(
            help.contains(&format!("\n          - {format}")),
            "{format}: {help}"
        );
    }
}

#[test]
fn files_hold_what_standard_output_would() {
    let folder = one();
    for format in FORMATS {
        let shown = folder.run(&["check", "--format", format]);
        let written = folder.run(&["check", "--color", "always", "--format", &format!("{format}=out")]);
        assert_eq!(
            (shown.code, written.code),
            (Some(1), Some(1)),
            "{format}: {written:?}"
        );
        assert_eq!(
            (read(&folder, "out"), written.stdout.as_str()),
            (shown.stdout, ""),
            "{format}"
        );
    }
}

#[test]
fn every_format_with_room_names_the_fix_and_how_it_is_made() {
    let folder = one();
    for format in FORMATS {
        let shown = folder.run(&["check", "--format", format]).stdout;
        let (fix, room) = match format {
            "concise" => ("--fix", false),
            "json" | "jsonl" => ("\"title\"", true),
            _ => ("(--fix)", true),
        };
        assert_eq!(shown.contains(fix), room, "{format}: {shown}");
    }
}

#[test]
fn several_formats_are_written_at_once() {
    let folder = one();
    let human = folder.run(&["check"]).stdout;
    let run = folder.run(&[
        "check",
        "--format",
        "sarif=out.sarif",
        "--format",
        "human",
        "--format",
        "jsonl=out.jsonl",
    ]);
    assert_eq!((run.code, run.stdout), (Some(1), human.clone()));
    let log: Value = serde_json::from_str(&read(&folder, "out.sarif")).unwrap();
    assert_eq!(log["runs"][0]["results"].as_array().unwrap().len(), 1);
    assert_eq!(read(&folder, "out.jsonl").lines().count(), 1);

    let mut command = folder.command(&["check"]);
    let run = command
        .env("WRITEWAY_FORMAT", "human,gitlab=gitlab.json")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(run.stdout).unwrap(), human);
    assert!(read(&folder, "gitlab.json").starts_with('['));
    let mut command = folder.command(&["check", "--format", "concise"]);
    let run = command.env("WRITEWAY_FORMAT", "json").output().unwrap();
    assert!(run.stdout.starts_with(b"pod.yaml:"), "the command line wins");
}

#[test]
fn formats_that_would_mix_are_refused_before_anything_is_read() {
    for (args, said) in [
        (
            &["--format", "json", "--format", "sarif"][..],
            "standard output: give one of them a file",
        ),
        (
            &["--format", "json,human"],
            "standard output: give one of them a file",
        ),
        (
            &["--format", "json=a", "--format", "sarif=a"],
            "written to a: give each a file",
        ),
        (&["--format", "sarif="], "`sarif=` names no file"),
        (&["--format", "xml"], "[possible values: human, concise, "),
        (&["--format", "srif=out"], "a similar value exists: 'sarif'"),
        (&["--format", "git"], "a similar value exists: 'gitlab'"),
    ] {
        let run = Folder::with(&[("broken.yaml", "a: [1\n")]).run(&[&["check"], args].concat());
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (Some(2), ""),
            "{args:?}: {run:?}"
        );
        assert!(
            run.stderr.contains(said) && !run.stderr.contains("broken"),
            "{args:?}: {run:?}"
        );
    }
}

/// The variable is set once, and each command takes of it what it has.
#[test]
fn commands_leave_what_only_check_has_in_the_shared_variable() {
    let folder = one();
    let with = |args: &[&str], value: &str| {
        let run = folder
            .command(args)
            .env("WRITEWAY_FORMAT", value)
            .output()
            .unwrap();
        let texts = [run.stdout, run.stderr].map(|text| String::from_utf8(text).unwrap());
        (run.status.code(), texts)
    };
    let usual = |args: &[&str]| with(args, "").1[0].clone();
    let admit = ["admit", "--level", "baseline"];
    for (args, json) in [
        (&["map"][..], "{\n  \"version\": 1"),
        (&["rule", "WW101"], "{\n  \"version\": 1"),
        (&admit, "{\n  \"version\": 1"),
    ] {
        for (value, begins) in [
            ("json", json),
            ("sarif=x.sarif,json", json),
            ("human", &usual(args)),
            ("human,sarif=x.sarif", &usual(args)),
            ("json=x.json", &usual(args)),
            ("sarif", &usual(args)),
            ("junit=x,github=y", &usual(args)),
        ] {
            let (code, [stdout, stderr]) = with(args, value);
            assert_eq!(code, Some(0), "{args:?} {value}: {stderr}");
            assert!(
                !begins.is_empty() && stdout.starts_with(begins),
                "{args:?} {value}: {stdout}"
            );
        }
        let (code, [stdout, stderr]) = with(args, "json,xml");
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{args:?}");
        assert!(stderr.contains("WRITEWAY_FORMAT holds `xml`"), "{stderr}");
        let given = [args, &["--format", "json"]].concat();
        assert!(
            with(&given, "xml").1[0].starts_with(json),
            "{args:?}: the command line wins"
        );
    }
    assert!(with(&["map"], "html").1[0].starts_with("<!doctype html>"));
    assert!(with(&["map"], "svg").1[0].starts_with("<svg "));
    assert!(!folder.path().join("x.sarif").exists());
}

#[test]
fn statistics_replace_the_findings_of_the_human_format_only() {
    let run = one().run(&["check", "--statistics", "--format", "json"]);
    assert!(
        run.stdout.starts_with('{') && run.stdout.contains("\"message\""),
        "{run:?}"
    );
    let folder = one();
    let run = folder.run(&[
        "check",
        "--statistics",
        "--format",
        "concise=out",
        "--format",
        "human",
    ]);
    assert!(run.stdout.starts_with("1  WW101"), "{run:?}");
    assert!(read(&folder, "out").starts_with("pod.yaml:"));
}

#[test]
fn a_file_is_replaced_with_its_permissions_and_behind_links() {
    let folder = one();
    let target = folder.write("reports/out.json", b"old");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    let before = fs::metadata(&target).unwrap();
    symlink("reports/out.json", folder.path().join("link.json")).unwrap();
    let run = folder.run(&["check", "pod.yaml", "--format", "json=link.json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(1), ""));
    let after = fs::metadata(&target).unwrap();
    assert!(read(&folder, "reports/out.json").starts_with('{'));
    assert!(folder.path().join("link.json").is_symlink());
    assert_eq!(after.mode() & 0o777, 0o640);
    assert_ne!(after.ino(), before.ino(), "another file took its place");
    let left: Vec<_> = fs::read_dir(folder.path().join("reports")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_new_file_has_the_permissions_that_the_umask_leaves() {
    let folder = one();
    let script = "umask 027; exec \"$0\" check --format json=out.json";
    let run = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_writeway")])
        .current_dir(folder.path())
        .output();
    assert_eq!(run.unwrap().status.code(), Some(1));
    assert_eq!(
        fs::metadata(folder.path().join("out.json")).unwrap().mode() & 0o777,
        0o640
    );
}

#[test]
fn a_pipe_is_written_to_and_stays_a_pipe() {
    let folder = one();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = Command::new("cat")
        .arg(&pipe)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let run = folder.run(&["check", "--format", "concise=pipe"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    let read = reader.wait_with_output().unwrap();
    assert!(read.stdout.starts_with(b"pod.yaml:"), "{read:?}");
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn what_cannot_be_written_is_named_and_2() {
    let folder = one();
    folder.write("folder/file", b"");
    for (file, said) in [
        ("missing/out.json", "cannot write missing/out.json: "),
        ("folder", "cannot write folder: "),
        ("pod.yaml/out.json", "cannot write pod.yaml/out.json: "),
        ("/dev/full", "cannot write /dev/full: "),
    ] {
        let run = folder.run(&["check", "--format", &format!("json={file}"), "--format", "human"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{file}: {run:?}");
        assert!(run.stderr.contains(said), "{file}: {run:?}");
    }
    assert_eq!(read(&folder, "pod.yaml"), WITHOUT_TEMP);
}

#[test]
fn a_reader_that_leaves_early_keeps_no_file_away() {
    let pods: Vec<_> = (0..500)
        .map(|index| WITHOUT_TEMP.replace("without-temp", &format!("pod-{index}")))
        .collect();
    let folder = Folder::with(&[("pods.yaml", &pods.join("---\n"))]);
    let mut command = folder.command(&["check", "--format", "human", "--format", "jsonl=out.jsonl"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(read(&folder, "out.jsonl").lines().count(), 500);
}

#[test]
fn an_input_that_cannot_be_read_is_no_success_anywhere() {
    let folder = Folder::with(&[("good.yaml", WRITABLE), ("broken.yaml", "a: [1\n")]);
    let inputs = ["good.yaml", "broken.yaml", "gone.yaml"];
    let run = folder.run(&[&["check", "--format", "sarif"], &inputs[..]].concat());
    assert_eq!(run.code, Some(2), "{run:?}");
    let log: Value = serde_json::from_str(&run.stdout).unwrap();
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
    let texts: Vec<_> = notifications
        .iter()
        .map(|one| one["message"]["text"].as_str().unwrap())
        .collect();
    assert!(texts.len() == 2 && texts[0].contains("gone.yaml"), "{texts:?}");
    for (more, counts) in [
        (&[][..], "tests=\"3\" failures=\"1\" errors=\"1\""),
        (&["--ignore", "WW903"], "tests=\"3\" failures=\"0\" errors=\"2\""),
    ] {
        let junit = folder.run(&[&["check", "--format", "junit"], more, &inputs].concat());
        assert!(junit.stdout.contains(counts), "{junit:?}");
    }
}

/// Whatever a file is called, its name is a name: no format lets it colour the terminal, break a line or end a string.
#[test]
fn names_of_files_are_names_in_every_format() {
    let names = [
        "two\nlines.yaml",
        "\u{1b}[31mred.yaml",
        "\"quoted\" 'single'.yaml",
        "]]>&<b>.yaml",
        "100%25 :: ,=.yaml",
        "\u{1f600}|`.yaml",
    ];
    let folder = Folder::with(&names.map(|name| (name, WITHOUT_TEMP)));
    for format in FORMATS {
        let run = folder.run(&["check", "--format", format]);
        assert_eq!(run.code, Some(1), "{format}: {run:?}");
        let is_raw = |character: char| character.is_control() && character != '\n';
        assert!(!run.stdout.contains(is_raw), "{format}: {run:?}");
        if ["concise", "jsonl", "github"].contains(&format) {
            assert_eq!(run.stdout.lines().count(), names.len(), "{format}: {run:?}");
        }
    }
    let log: Value = serde_json::from_str(&folder.run(&["check", "--format", "sarif"]).stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let location = |result: &Value| result["locations"][0]["physicalLocation"]["artifactLocation"].clone();
    let uris: Vec<_> = results.iter().map(location).collect();
    assert!(
        uris.contains(&serde_json::json!({"uri": "two%0Alines.yaml", "uriBaseId": "%SRCROOT%"})),
        "{uris:?}"
    );
}

/// CI servers look for the files in the repository.
#[test]
fn paths_below_the_current_folder_are_relative_for_ci_servers() {
    let folder = Folder::with(&[("k8s/pod.yaml", WITHOUT_TEMP)]);
    let home = fs::canonicalize(folder.path()).unwrap();
    let absolute = home.join("k8s/pod.yaml").display().to_string();
    for path in ["k8s/pod.yaml", "./k8s", &absolute] {
        let said = |format| folder.run(&["check", "--format", format, path]).stdout;
        let log: Value = serde_json::from_str(&said("sarif")).unwrap();
        let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
        assert_eq!(
            *location,
            serde_json::json!({"uri": "k8s/pod.yaml", "uriBaseId": "%SRCROOT%"}),
            "{path}"
        );
        let issues: Value = serde_json::from_str(&said("gitlab")).unwrap();
        assert_eq!(issues[0]["location"]["path"], "k8s/pod.yaml", "{path}");
        assert!(said("github").contains(",file=k8s/pod.yaml,line="), "{path}");
    }
    let elsewhere = Folder::with(&[]);
    let log: Value =
        serde_json::from_str(&elsewhere.run(&["check", "--format", "sarif", &absolute]).stdout).unwrap();
    let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(
        *location,
        serde_json::json!({"uri": format!("file://{absolute}")})
    );
}

/// Many manifests with many findings, in folders, some of them alike, some unreadable.
fn repository() -> Folder {
    let folder = Folder::with(&[]);
    for index in 0..120 {
        let namespaced = format!("name: without-temp-{index}\n  namespace: team-{}", index % 7);
        let pod = WITHOUT_TEMP.replace("name: without-temp", &namespaced);
        let file = [pod.as_str(), WRITABLE, WITHOUT_TEMP, &pod].join("---\n");
        folder.write(&format!("team-{}/app-{index}.yaml", index % 7), file.as_bytes());
    }
    folder.write("team-3/broken.yaml", b"a: [1\n");
    folder
}

#[test]
fn every_format_has_the_same_bytes_on_one_core_and_on_two() {
    let folder = repository();
    let mut args = vec!["check".to_owned()];
    args.extend(
        FORMATS
            .iter()
            .map(|format| format!("--format={format}={format}.out")),
    );
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let written = |threads: &str| {
        let run = folder
            .command(&args)
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2), "{run:?}");
        (
            FORMATS.map(|format| read(&folder, &format!("{format}.out"))),
            run.stderr,
        )
    };
    let one = written("1");
    for (format, text) in FORMATS.iter().zip(&one.0) {
        assert!(text.len() > 10_000, "{format}: {} bytes", text.len());
    }
    for _ in 0..3 {
        assert!(written("2") == one, "the output differs");
    }
}
