// SPDX-License-Identifier: Apache-2.0
//! `check --fix` and `check --diff`: what is written, what is said, and how it ends.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::{Folder, WITHOUT_TEMP, WRITABLE};

/// What a fix adds to [`WITHOUT_TEMP`].
const ADDED: &str = "      volumeMounts:
        - name: tmp
          mountPath: /tmp
  volumes:
    - name: tmp
      emptyDir:
        sizeLimit: 256Mi
";

/// A finding that no remedy is for.
const FLOATING: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: floating}
spec:
  initContainers:
    - name: prepare
      image: busybox:latest
      command: [chown, -R, '1000:1000', /data]
      resources: {requests: {cpu: 10m}}
      volumeMounts: [{name: data, mountPath: /data}]
  containers:
    - {name: app, image: 'acme/app:1', volumeMounts: [{name: data, mountPath: /data}]}
  volumes:
    - {name: data, emptyDir: {}}
";

fn read(folder: &Folder, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

fn fixed() -> String {
    format!("{WITHOUT_TEMP}{ADDED}")
}

#[test]
fn a_file_is_repaired_in_place_and_the_derivation_that_changed_is_shown() {
    let folder = Folder::with(&[("pod.yaml", WITHOUT_TEMP), ("good.yaml", WRITABLE)]);
    let run = folder.run(&["check", "--fix"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (Some(0), "no findings, 2 workloads in 2 files\n"),
        "{run:?}"
    );
    assert_eq!(read(&folder, "pod.yaml"), fixed());
    assert_eq!(read(&folder, "good.yaml"), WRITABLE);
    let said: Vec<_> = run.stderr.lines().collect();
    assert_eq!(
        said[0],
        "pod.yaml:10:33: WW101 fixed: mount an `emptyDir` at `/tmp` in container `app`"
    );
    assert!(
        said.iter()
            .any(|line| line.starts_with("  was: ") && line.contains("read-only"))
    );
    assert!(
        said.iter()
            .any(|line| line.starts_with("  is: ") && line.contains("emptyDir"))
    );
    assert_eq!(*said.last().unwrap(), "fixed 1 finding in 1 file");
    let again = folder.run(&["check", "--fix"]);
    assert_eq!(
        (again.code, again.stderr.as_str()),
        (Some(0), "fixed 0 findings in 0 files\n")
    );
    let quiet = Folder::with(&[("pod.yaml", WITHOUT_TEMP)]).run(&["check", "--fix", "--quiet"]);
    assert_eq!((quiet.code, quiet.stderr.as_str()), (Some(0), ""));
}

#[test]
fn what_is_left_is_reported_at_its_new_place_and_decides_the_exit_code() {
    let both = format!("{WITHOUT_TEMP}---\n{FLOATING}");
    let folder = Folder::with(&[("both.yaml", &both)]);
    let before = folder.run(&["check", "--format", "concise"]);
    let floating = |text: &str| {
        text.lines()
            .find(|line| line.contains("WW402"))
            .unwrap()
            .to_owned()
    };
    assert!(
        floating(&before.stdout).starts_with("both.yaml:18:"),
        "{before:?}"
    );
    let run = folder.run(&["check", "--fix", "--format", "concise"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(!run.stdout.contains("WW101"), "{run:?}");
    assert!(floating(&run.stdout).starts_with("both.yaml:25:"), "{run:?}");
    assert_eq!(folder.run(&["check", "--fix", "--exit-zero"]).code, Some(0));
}

#[test]
fn fixes_in_two_documents_and_in_two_containers_of_one_pod_stand_beside_each_other() {
    let two = WITHOUT_TEMP.to_owned()
        + "    - name: log\n      image: acme/log:1\n      securityContext: {readOnlyRootFilesystem: true}\n";
    let text = format!("---\n{two}---\n# Another.\n{WITHOUT_TEMP}");
    let folder = Folder::with(&[("pods.yaml", &text)]);
    let run = folder.run(&["check", "--fix"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.ends_with("fixed 3 findings in 1 file\n"), "{run:?}");
    let mount = "      volumeMounts:\n        - name: tmp\n          mountPath: /tmp\n";
    let log_mount = mount.replace("tmp\n          ", "tmp-log\n          ");
    let expected = format!(
        "---\n{}{log_mount}  volumes:\n    - name: tmp\n      emptyDir:\n        sizeLimit: 256Mi\n    - name: tmp-log\n      \
         emptyDir:\n        sizeLimit: 256Mi\n---\n# Another.\n{}",
        two.replace(
            "readOnlyRootFilesystem: true\n    - name: log",
            &format!("readOnlyRootFilesystem: true\n{mount}    - name: log")
        ),
        fixed()
    );
    assert_eq!(read(&folder, "pods.yaml"), expected);
}

#[test]
fn windows_line_ends_a_byte_order_mark_and_a_missing_newline_stay() {
    let windows = |text: &str| format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n"));
    let folder = Folder::with(&[("pod.yaml", &windows(WITHOUT_TEMP))]);
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    assert_eq!(read(&folder, "pod.yaml"), windows(&fixed()));
}

#[test]
fn a_pod_in_a_list_is_repaired_where_it_stands() {
    let item: String = WITHOUT_TEMP
        .lines()
        .enumerate()
        .map(|(index, line)| format!("{}{line}\n", if index == 0 { "  - " } else { "    " }))
        .collect();
    let list = format!("apiVersion: v1\nkind: List\nitems:\n{item}");
    let folder = Folder::with(&[("list.yaml", &list)]);
    assert_eq!(folder.run(&["check", "--fix"]).code, Some(0));
    let added: String = ADDED.lines().map(|line| format!("    {line}\n")).collect();
    assert_eq!(read(&folder, "list.yaml"), list + &added);
}

#[test]
fn a_manifest_from_standard_input_goes_to_standard_output_and_the_report_does_not() {
    let folder = Folder::with(&[]);
    let both = format!("{WITHOUT_TEMP}---\n{FLOATING}");
    let run = folder.run_with_stdin(&["check", "--fix", "-"], &both);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.stdout, format!("{}---\n{FLOATING}", fixed()));
    assert!(
        run.stderr.contains("WW402") && run.stderr.contains("fixed 1 finding"),
        "{run:?}"
    );
    let nothing = folder.run_with_stdin(&["check", "--fix", "-"], WRITABLE);
    assert_eq!((nothing.code, nothing.stdout.as_str()), (Some(0), WRITABLE));
}

#[test]
fn a_diff_changes_nothing_and_says_by_its_exit_code_whether_there_is_one() {
    let folder = Folder::with(&[("k8s/pod.yaml", WITHOUT_TEMP), ("floating.yaml", FLOATING)]);
    let run = folder.run(&["check", "--diff"]);
    let added: String = ADDED.lines().map(|line| format!("+{line}\n")).collect();
    let expected = format!(
        "--- a/k8s/pod.yaml\n+++ b/k8s/pod.yaml\n@@ -8,3 +8,10 @@\n       image: acme/app:1\n       securityContext:\n         \
         readOnlyRootFilesystem: true\n{added}"
    );
    assert_eq!((run.code, run.stdout), (Some(1), expected));
    assert!(
        run.stderr.ends_with("would fix 1 finding in 1 file\n"),
        "{}",
        run.stderr
    );
    assert_eq!(read(&folder, "k8s/pod.yaml"), WITHOUT_TEMP);
    let none = folder.run(&["check", "--diff", "floating.yaml"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(0), ""), "{none:?}");
    let both = folder.run(&["check", "--diff", "--fix", "k8s"]);
    assert_eq!(both.code, Some(1));
    assert_eq!(read(&folder, "k8s/pod.yaml"), WITHOUT_TEMP, "--diff wins");
    let file = folder.run(&["check", "--diff", "--format", "json=report.json"]);
    assert_eq!(file.code, Some(1));
    assert!(read(&folder, "report.json").contains("WW101"));
    std::fs::write(folder.path().join("broken.yaml"), "a: [1\n").unwrap();
    assert_eq!(folder.run(&["check", "--diff"]).code, Some(2));
}

#[test]
fn git_takes_the_diff_whatever_the_line_ends_and_names_are() {
    let windows = WITHOUT_TEMP.replace('\n', "\r\n");
    let files = [
        ("k8s/pod.yaml", WITHOUT_TEMP.to_owned()),
        ("with blanks/my pod.yaml", WITHOUT_TEMP.to_owned()),
        ("quo\"te.yaml", WITHOUT_TEMP.to_owned()),
        ("dos.yaml", windows),
        ("cut.yaml", WITHOUT_TEMP.trim_end().to_owned()),
    ];
    let listed: Vec<_> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let (patched, repaired) = (Folder::with(&listed), Folder::with(&listed));
    let run = patched.run(&["check", "--diff"]);
    let patch = patched.write("../diff", run.stdout.as_bytes());
    assert_eq!(run.code, Some(1), "{run:?}");
    let git = |args: &[&str]| {
        let mut git = std::process::Command::new("git");
        let git = git.args(args).current_dir(patched.path());
        let git = git.env("GIT_CONFIG_GLOBAL", "/dev/null").output().unwrap();
        assert!(git.status.success(), "{git:?}");
    };
    git(&["init", "--quiet"]);
    git(&["apply", "--whitespace=error-all", patch.to_str().unwrap()]);
    assert_eq!(repaired.run(&["check", "--fix"]).code, Some(0));
    for (name, text) in files {
        assert_eq!(read(&patched, name), read(&repaired, name), "{name}");
        assert_ne!(read(&patched, name), text, "{name}");
    }
}

#[test]
fn only_what_is_reported_is_repaired() {
    let suppressed = WITHOUT_TEMP.replace(
        "readOnlyRootFilesystem: true",
        "readOnlyRootFilesystem: true # writeway: ignore[WW101] writes nothing",
    );
    let folder = Folder::with(&[("pod.yaml", &suppressed), ("other.yaml", WITHOUT_TEMP)]);
    assert_eq!(folder.run(&["check", "--fix", "--ignore", "WW101"]).code, Some(0));
    assert_eq!(read(&folder, "other.yaml"), WITHOUT_TEMP);
    folder.run(&["check", "--write-baseline", ".baseline.json"]);
    let known = folder.run(&["check", "--fix", "--baseline", ".baseline.json"]);
    assert_eq!(known.code, Some(0), "{known:?}");
    assert_eq!(read(&folder, "other.yaml"), WITHOUT_TEMP);
    let run = folder.run(&["check", "--fix"]);
    assert!(run.stdout.contains("1 suppressed"), "{run:?}");
    assert_eq!(read(&folder, "other.yaml"), fixed());
    assert_eq!(read(&folder, "pod.yaml"), suppressed);
}
