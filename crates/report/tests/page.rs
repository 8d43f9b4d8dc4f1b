// SPDX-License-Identifier: Apache-2.0
//! The HTML page: that its data say what the JSON documents say, and that nothing in them becomes markup. What a browser
//! makes of it is tested by `cargo xtask browser`.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod common;

use common::checked::{Checked, finding, hostile_texts, many};
use data_encoding::BASE64;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use writeway_access::Context;
use writeway_check::{Finding, map_all};
use writeway_facts::Facts;
use writeway_manifest::{Inventory, ParsedFile, Place, Span};
use writeway_report::{printable, write_map_html, write_map_json};

/// What stands between two texts.
fn between<'t>(text: &'t str, start: &str, end: &str) -> &'t str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, "id=\"data\">", "</script>")).unwrap()
}

/// The text of an index; null for none.
fn text(page: &Value, index: &Value) -> Value {
    let Some(index) = index.as_u64() else {
        return Value::Null;
    };
    match &page["texts"][index as usize] {
        Value::Array(parts) => {
            let parts = parts.iter().map(|part| text(page, part));
            let parts = parts.map(|part| part.as_str().unwrap().to_owned());
            Value::String(parts.collect())
        }
        whole => whole.clone(),
    }
}

/// The fields of a finding, by name.
fn finding_at(page: &Value, index: usize) -> Value {
    let row = &page["findings"][index];
    let why = &page["derivations"][row[8].as_u64().unwrap() as usize];
    json!({
        "subject": row[0],
        "code": row[1],
        "severity": text(page, &row[2]),
        "confidence": text(page, &row[3]),
        "message": text(page, &row[4]),
        "container": text(page, &row[5]),
        "file": text(page, &row[6]),
        "line": row[7],
        "why": why.as_array().unwrap().iter().map(|step| text(page, step)).collect::<Value>(),
        "help": text(page, &row[9]),
        "fixes": row[10].as_array().unwrap().iter().map(|fix| text(page, fix)).collect::<Value>(),
        "fingerprint": row[11],
        "excerpts": row[12],
    })
}

/// Reads the tables of the page as its program does.
struct Tables(Value);

impl Tables {
    fn text(&self, index: &Value) -> Value {
        text(&self.0, index)
    }

    fn texts(&self, derivation: &Value) -> Value {
        let steps = &self.0["derivations"][derivation.as_u64().unwrap() as usize];
        steps
            .as_array()
            .unwrap()
            .iter()
            .map(|step| self.text(step))
            .collect()
    }

    fn row(&self, table: &str, index: &Value) -> &Value {
        &self.0[table][index.as_u64().unwrap() as usize]
    }

    fn verdict(&self, index: &Value) -> Value {
        let row = self.row("verdicts", index);
        json!({"verdict": self.text(&row[0]), "errno": self.text(&row[1]), "why": self.texts(&row[2])})
    }

    /// A path as `map --format json` has it.
    fn path(&self, index: &Value) -> Value {
        let row = self.row("paths", index);
        let (place, acts) = (&row[0], &row[1]);
        let file_verdict = |act: usize, file: Value| {
            let mut verdict = self.verdict(&acts[0][act]);
            verdict["file"] = file;
            verdict
        };
        json!({
            "path": self.text(&place[0]),
            "source": self.text(&place[1]),
            "volume": self.text(&place[2]),
            "exists": self.text(&place[3]),
            "type": self.text(&place[4]),
            "mode": self.text(&place[5]),
            "uid": place[6],
            "gid": place[7],
            "readOnly": place[8],
            "lifetime": self.text(&place[9]),
            "fsGroup": self.text(&place[10]),
            "rubyTmpdir": self.text(&place[11]),
            "create": self.verdict(&acts[0][0]),
            "overwrite": file_verdict(1, self.text(&acts[1][0])),
            "replace": file_verdict(2, self.text(&acts[1][1])),
            "delete": file_verdict(3, self.text(&acts[1][2])),
            "exec": file_verdict(4, Value::Null),
        })
    }

    fn container(&self, index: &Value) -> Value {
        let row = self.row("containers", index);
        let identity = &row[2];
        let names = |set: &Value| set.as_array().unwrap().iter().map(|it| self.text(it)).collect();
        let capabilities = if identity[3].is_null() {
            Value::Null
        } else {
            names(&identity[3])
        };
        let paths: Value = row[4]
            .as_array()
            .unwrap()
            .iter()
            .map(|path| self.path(path))
            .collect();
        json!({
            "name": self.text(&row[0]),
            "role": self.text(&row[1]),
            "identity": {"uid": identity[0], "gid": identity[1], "groups": identity[2], "capabilities": capabilities},
            "paths": paths,
        })
    }

    fn workload(&self, subject: &Value) -> Value {
        let containers = subject["containers"].as_array().cloned().unwrap_or_default();
        let containers: Value = containers.iter().map(|index| self.container(index)).collect();
        json!({
            "file": self.text(&subject["file"]),
            "kind": self.text(&subject["object"][0]),
            "namespace": self.text(&subject["object"][1]),
            "name": self.text(&subject["object"][2]),
            "starts": {"verdict": self.text(&subject["starts"][0]), "why": self.texts(&subject["starts"][1])},
            "containers": containers,
        })
    }
}

const PODS: &str = r"
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  securityContext: {runAsUser: 1000, runAsGroup: 1000, fsGroup: 2000}
  initContainers:
    - {name: own, image: busybox, securityContext: {runAsUser: 0}, command: [sh, -c, 'chown 1000 /data'], volumeMounts: [{name: data, mountPath: /data}]}
  containers:
    - name: app
      image: acme/app:1
      securityContext: {readOnlyRootFilesystem: true, capabilities: {add: [CHOWN]}}
      volumeMounts: [{name: data, mountPath: /data}, {name: key, mountPath: /key}]
  volumes: [{name: data, emptyDir: {}}, {name: key, secret: {secretName: key}}]
---
apiVersion: v1
kind: Pod
metadata: {name: twin}
spec: {containers: [{name: app, image: acme/app:1}]}
---
apiVersion: v1
kind: Pod
metadata: {name: never}
spec:
  containers: [{name: app, image: acme/app:1, volumeMounts: [{name: gone, mountPath: /gone}]}]
---
apiVersion: v1
kind: Secret
metadata: {name: key, namespace: shop}
stringData: {token: hunter2}
";

#[test]
fn the_page_says_of_every_path_what_the_json_document_says() {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pods.yaml", PODS)]);
    let context = Context {
        inventory: &inventory,
        facts: &Facts::default(),
        extra_paths: &[],
    };
    let (mut page, mut document) = (Vec::new(), Vec::new());
    write_map_html(&mut page, &inventory, &[], map_all(&context)).unwrap();
    write_map_json(&mut document, &inventory, &[], map_all(&context)).unwrap();
    let document: Value = serde_json::from_slice(&document).unwrap();
    let tables = Tables(data(std::str::from_utf8(&page).unwrap()));

    let subjects = tables.0["subjects"].as_array().unwrap();
    let workloads = document["workloads"].as_array().unwrap();
    assert_eq!((subjects.len(), workloads.len()), (3, 3));
    for (subject, workload) in subjects.iter().zip(workloads) {
        assert_eq!(tables.workload(subject), *workload);
    }
    let containers = |index: usize| workloads[index]["containers"].as_array().unwrap().len();
    assert_eq!([0, 1, 2].map(containers), [2, 1, 0]);
}

#[test]
fn findings_belong_to_the_workload_that_they_are_about() {
    let checked = Checked::one();
    let page = data(&checked.print("html"));
    let document: Value = serde_json::from_str(&checked.print("json")).unwrap();
    let (shown, told) = (finding_at(&page, 0), &document["findings"][0]);
    assert_eq!(
        (&shown["subject"], page["subjects"].as_array().unwrap().len()),
        (&json!(0), 1)
    );
    for field in [
        "code",
        "severity",
        "confidence",
        "fingerprint",
        "message",
        "help",
        "why",
    ] {
        assert_eq!(shown[field], told[field], "{field}");
    }
    assert_eq!(shown["container"], told["object"]["container"]);
    assert_eq!(shown["line"], told["locations"][0]["line"]);
    assert_eq!(page["rules"]["WW201"]["name"], told["name"]);
}

#[test]
fn fixes_are_shown_with_the_options_that_make_them_and_counted() {
    let page = data(&Checked::fixable().print("html"));
    assert_eq!(
        finding_at(&page, 0)["fixes"],
        json!([
            "give `data` to 1000 (--fix)",
            "run as uid 0 (--fix --unsafe-fixes)"
        ])
    );
    assert_eq!(
        page["line"],
        "1 finding (1 error), 1 workload in 2 files, 1 fixable with --fix --unsafe-fixes"
    );
}

#[test]
fn what_is_no_workload_gets_a_section_of_its_own() {
    let inventory = common::inventory();
    let mut about_claim = finding(&inventory);
    about_claim.subject.object.as_mut().unwrap().kind = "PersistentVolumeClaim".to_owned();
    let mut about_nothing = finding(&inventory);
    about_nothing.subject.object = None;
    let page =
        data(&Checked::new(inventory, vec![about_claim.clone(), about_nothing, about_claim]).print("html"));
    let subjects = page["subjects"].as_array().unwrap();
    let sections: Vec<_> = subjects
        .iter()
        .map(|subject| subject.get("starts").is_some())
        .collect();
    assert_eq!(sections, [true, false, false]);
    let mut of: Vec<_> = page["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it[0].clone())
        .collect();
    of.sort_by_key(Value::as_u64);
    assert!(
        of == [json!(1), json!(1), json!(2)] || of == [json!(1), json!(2), json!(2)],
        "{of:?}"
    );
}

/// The lines of a finding's first excerpt: number, pieces and notes, as text.
fn lines(page: &Value) -> Vec<(u64, String, Vec<String>)> {
    let marked = |pair: &[Value]| {
        let shown = text(page, &pair[1]);
        let shown = shown.as_str().unwrap();
        match pair[0].as_u64().unwrap() {
            0 => shown.to_owned(),
            1 => format!("[{shown}]"),
            _ => format!("<{shown}>"),
        }
    };
    let finding = finding_at(page, 0);
    let lines = finding["excerpts"][0][1].as_array().unwrap().iter();
    let lines = lines.map(|line| {
        let pairs = |flat: &Value| flat.as_array().unwrap().chunks(2).map(marked).collect::<Vec<_>>();
        (
            line[0].as_u64().unwrap(),
            pairs(&line[1]).concat(),
            pairs(&line[2]),
        )
    });
    lines.collect()
}

#[test]
fn an_excerpt_has_the_marked_lines_and_a_single_one_between_them() {
    let shown = lines(&data(&Checked::one().print("html")));
    let line = |number, text: &str, notes: &[&str]| {
        (
            number,
            text.to_owned(),
            notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        shown,
        [
            line(11, "        - <name: data>", &[]),
            line(12, "          <mountPath: /data>", &["<not writable (EACCES)>"]),
            line(13, "  volumes:", &[]),
            line(14, "    - [name: data]", &["[the volume]"]),
        ]
    );
}

/// A finding that marks these parts of a text, the first one being where it is.
fn marking(text: &str, parts: &[&str]) -> Checked {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("pod.yaml", text)]);
    let (file, _) = inventory.files().next().unwrap();
    let place = |part: &&str| {
        let start = text.find(part).unwrap() as u32;
        Place {
            file,
            span: Span {
                start,
                end: start + part.len() as u32,
            },
        }
    };
    let places: Vec<_> = parts.iter().map(place).collect();
    let rule = writeway_check::find("WW201").unwrap();
    let mut finding = Finding::about(rule, None, "message", places[0], "here");
    for place in &places[1..] {
        finding = finding.related(*place, "there");
    }
    Checked::new(inventory, vec![finding])
}

#[test]
fn nothing_beside_the_marked_lines_is_shown() {
    let text = "kind: Secret\nstringData:\n  a: hunter1\n  b: hunter2\n  c: hunter3\n  d: hunter4\n";
    let page = marking(text, &["stringData", "d"]).print("html");
    assert!(page.contains("stringData") && !page.contains("hunter1") && !page.contains("hunter3"));
}

#[test]
fn marks_may_overlap_and_lie_far_apart_on_one_long_line() {
    let filler = "x".repeat(300_000);
    let text = format!("a: {{b: [c, {filler}, d]}}\r\ne: 1\r\n");
    let page = marking(&text, &["b: [c", "[c, ", "d]", "c"]).print("html");
    assert!(page.len() < 200_000, "{} bytes", page.len());
    let shown = lines(&data(&page));
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(shown[0].1.starts_with("a: {<b: ><[><c>[,] xxx"), "{shown:?}");
    assert!(
        shown[1].1.starts_with('…') && shown[1].1.ends_with("xxx, [d]]}"),
        "{shown:?}"
    );
}

#[test]
fn the_policy_names_the_style_and_the_script_by_their_digests() {
    let page = Checked::one().print("html");
    let policy = between(&page, "Content-Security-Policy\" content=\"", "\">");
    let digest = |text: &str| BASE64.encode(&Sha256::digest(text));
    let style = digest(between(&page, "<style>", "</style>"));
    let script = digest(between(&page, "<script type=\"module\">", "</script>"));
    assert_eq!(
        policy,
        format!(
            "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; \
             form-action 'none'"
        )
    );
}

/// What a manifest says is text: between the tags of the page, and in its data.
#[test]
fn no_text_of_a_manifest_becomes_markup() {
    let (plain, hostile) = (Checked::one().print("html"), Checked::hostile().print("html"));
    let elements = |page: &str, name: &str| page.matches(name).count();
    for tag in [
        "<script", "</script", "<style", "</style", "<!--", "<meta", "<link", "<img", "</main",
    ] {
        assert_eq!(elements(&hostile, tag), elements(&plain, tag), "{tag}");
    }
    for unseen in ['\u{2028}', '\u{2029}', '\u{202e}', '\u{0}', '\u{1b}', '\r'] {
        assert!(!hostile.contains(unseen), "{unseen:?}");
    }
    let page = data(&hostile);
    let number = page["texts"].as_array().unwrap().len();
    let texts: Vec<_> = (0..number).map(|index| text(&page, &json!(index))).collect();
    for text in hostile_texts() {
        assert!(texts.contains(&json!(printable(&text))), "{text:?}");
    }
}

#[test]
fn without_a_program_there_are_tables_of_bounded_length() {
    let inventory = common::inventory();
    let findings = many(&inventory, 1000);
    let page = Checked::new(inventory, findings).print("html");
    let plain = between(&page, "<main", "</main>");
    assert_eq!(
        plain
            .matches("container `app` cannot create files in `/data`")
            .count(),
        200
    );
    assert!(plain.contains("<p>And 800 more.</p>"), "{plain}");
    let one = Checked::one().print("html");
    let plain = between(&one, "<main", "</main>");
    for cell in [
        "error",
        "WW201",
        "pod.yaml:11",
        "Pod shop/web",
        "mount-not-writable",
    ] {
        assert!(plain.contains(&format!("<td>{cell}</td>")), "{cell}: {plain}");
    }
    assert!(between(&Checked::clean().print("html"), "<main", "</main>").contains("<td>Pod shop/web</td>"));
}
