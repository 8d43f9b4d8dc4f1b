// SPDX-License-Identifier: Apache-2.0
//! Texts under repair: every fix has to be what it says and nothing else.

mod intended;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use writeway_access::Context;
use writeway_check::{Finding, Policy, RuleSet, Selection, Settings, Verdict, check_files, judge};
use writeway_facts::Facts;
use writeway_manifest::{FileId, Inventory, ParsedFile};
use writeway_pod_security::Request;
use writeway_repair::{Options, Repair, repair};

/// The image of init containers that fixes add; which one makes no difference here.
const AGENT: &str = "ghcr.io/writeway/agent:0.1.0";

/// What came of some texts.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    /// Texts that were judged.
    pub(crate) texts: usize,
    /// Of these, texts that became others.
    pub(crate) changed: usize,
    /// How often each remedy was used.
    pub(crate) remedies: BTreeMap<&'static str, usize>,
    /// Findings that could not be repaired, of rules that have fixes.
    pub(crate) refused: usize,
    /// Of these, findings for which a remedy is there that the namespace does not take.
    pub(crate) forbidden: usize,
    /// Changed texts that nobody else can judge, as the independent reader does not take the old one.
    pub(crate) unread: usize,
    /// The new text, when there is one; of several texts, that of none.
    pub(crate) repaired: Option<String>,
    /// What must not be: one line each.
    pub(crate) remarks: Vec<String>,
}

impl Sum {
    /// Both.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.texts += other.texts;
        self.changed += other.changed;
        self.refused += other.refused;
        self.forbidden += other.forbidden;
        self.unread += other.unread;
        for (remedy, count) in other.remedies {
            *self.remedies.entry(remedy).or_default() += count;
        }
        self.remarks.extend(other.remarks);
        self.repaired = None;
        self
    }
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fixes: usize = self.remedies.values().sum();
        write!(
            f,
            "{} texts, {} changed by {fixes} fixes, {} findings refused ({} by Pod Security), {} changes not judged, \
             {} wrong",
            self.texts,
            self.changed,
            self.refused,
            self.forbidden,
            self.unread,
            self.remarks.len()
        )
    }
}

/// Repairs a text, and judges what came of it; a panic is a remark, too.
pub(crate) fn examined(name: &str, text: &str, facts: &Facts, is_unsafe: bool) -> Sum {
    let options = Options {
        agent_image: AGENT.to_owned(),
        unsafe_fixes: is_unsafe,
        frozen: BTreeSet::new(),
        left_out: BTreeSet::new(),
    };
    catch_unwind(AssertUnwindSafe(|| judged(name, text, facts, &options))).unwrap_or_else(|_| Sum {
        texts: 1,
        remarks: vec![format!("{name}: panicked")],
        ..Sum::default()
    })
}

fn judged(name: &str, text: &str, facts: &Facts, options: &Options) -> Sum {
    let inventory = Inventory::from_parsed(vec![ParsedFile::parse("manifest.yaml", text)]);
    let (findings, repair) = repaired(&inventory, facts, options);
    let mut sum = Sum {
        texts: 1,
        refused: repair.refused.len(),
        ..Sum::default()
    };
    for refused in &repair.refused {
        let is_forbidden = |(_, why): &(_, String)| why.contains("Pod Security");
        sum.forbidden += usize::from(refused.remedies.iter().any(is_forbidden));
    }
    for fix in &repair.applied {
        *sum.remedies.entry(fix.remedy.name).or_default() += 1;
    }
    let Some(new) = repair.texts.values().next() else {
        if !repair.applied.is_empty() {
            sum.remarks.push(format!("{name}: fixes without a change"));
        }
        return sum;
    };
    sum.changed = 1;
    sum.repaired = Some(new.clone());
    let mut remark = |what: String| sum.remarks.push(format!("{name}: {what}"));
    if repair.applied.is_empty() {
        remark("a change without a fix".to_owned());
    }
    let edits: Vec<_> = repair
        .applied
        .iter()
        .flat_map(|fix| fix.edits.iter().map(|(object, edits)| (object, edits.as_slice())))
        .collect();
    match intended::difference(text, new, &edits) {
        Ok(None) => {}
        Ok(Some(difference)) => remark(format!("not what is intended: {difference}")),
        Err(_) => sum.unread = 1,
    }
    let mut remark = |what: String| sum.remarks.push(format!("{name}: {what}"));
    if let Some(lost) = lost_comment(text, new) {
        remark(format!("a comment is gone: {lost}"));
    }
    if let Some(foreign) = foreign_line_end(text, new) {
        remark(format!("a line ends as no other does: {foreign:?}"));
    }
    let after = inventory.edited(&repair.texts);
    let (left, again) = repaired(&after, facts, options);
    if !again.texts.is_empty() {
        let titles: Vec<_> = again.applied.iter().map(|fix| &fix.title).collect();
        remark(format!("a second repair changes something: {titles:?}"));
    }
    // What a fix says that it leaves of its fault, another rule finds.
    let leaves: BTreeSet<_> = repair
        .applied
        .iter()
        .flat_map(|fix| fix.leaves.iter().copied())
        .collect();
    let left: Vec<_> = left
        .into_iter()
        .filter(|finding| !leaves.contains(finding.rule.code))
        .collect();
    let fixed: BTreeSet<_> = repair.applied.iter().map(|fix| fix.finding).collect();
    if left.len() + fixed.len() > findings.len() {
        let (was, is, fixed) = (findings.len(), left.len(), fixed.len());
        remark(format!(
            "{was} findings, {fixed} of them repaired, and {is} are left"
        ));
    }
    let mut before: Vec<_> = findings.iter().map(key).collect();
    for finding in &left {
        let found = key(finding);
        match before.iter().position(|known| *known == found) {
            Some(index) => drop(before.swap_remove(index)),
            None => remark(format!(
                "a new finding: {} {}",
                finding.rule.code, finding.message
            )),
        }
    }
    let refused = |inventory: &Inventory| -> Vec<BTreeSet<_>> {
        let admissions = inventory
            .workloads()
            .iter()
            .map(|workload| Request::default().admit(inventory, workload));
        admissions
            .map(|admission| {
                let refusals = admission.verdict.refusals.iter();
                refusals.map(|refusal| refusal.check).collect()
            })
            .collect()
    };
    for (index, (was, is)) in refused(&inventory).iter().zip(refused(&after)).enumerate() {
        if let Some(check) = is.difference(was).next() {
            remark(format!("its namespace no longer takes pod {index}: {check}"));
        }
    }
    sum
}

/// What a user who selects nothing gets reported, and what comes of a repair.
fn repaired(inventory: &Inventory, facts: &Facts, options: &Options) -> (Vec<Finding>, Repair) {
    let settings = Settings {
        rules: RuleSet::resolve(&[Selection::default()]),
        ..Settings::default()
    };
    let reported = |inventory: &Inventory, wanted: &(dyn Fn(FileId) -> bool + Sync)| -> Vec<Finding> {
        let context = context(inventory, facts);
        let findings = check_files(&context, &settings, wanted);
        let judged = judge(inventory, findings, &settings, &Policy::default());
        let judged = judged.into_iter().filter(|judged| {
            judged.verdict == Verdict::Reported && wanted(judged.finding.primary.place.file)
        });
        judged.map(|judged| judged.finding).collect()
    };
    let findings = reported(inventory, &|_| true);
    let again = |after: &Inventory, files: &BTreeSet<FileId>| reported(after, &|file| files.contains(&file));
    let all: Vec<_> = findings.iter().collect();
    let repair = repair(&context(inventory, facts), options, &all, &again);
    (findings, repair)
}

fn context<'a>(inventory: &'a Inventory, facts: &'a Facts) -> Context<'a> {
    Context {
        inventory,
        facts,
        extra_paths: &[],
    }
}

/// What a finding is about, whatever its words are.
fn key(finding: &Finding) -> (&'static str, String, Option<String>) {
    let object = finding.subject.object.as_ref();
    let object = object.map_or(String::new(), |object| {
        format!("{} {:?} {}", object.kind, object.namespace, object.name)
    });
    (finding.rule.code, object, finding.subject.container.clone())
}

/// The first comment of the old text that the new one does not have in the same order.
fn lost_comment<'t>(old: &'t str, new: &str) -> Option<&'t str> {
    let comments = |text| {
        let stream = writeway_yaml::Stream::parse(text);
        let spans = stream.comments();
        spans.into_iter().map(|span| span.range()).collect::<Vec<_>>()
    };
    let mut kept = comments(new).into_iter().map(|range| &new[range]);
    let mut old = comments(old).into_iter().map(|range| &old[range]);
    old.find(|comment| !kept.any(|kept| kept == *comment))
}

/// A line of the new text that does not end as the lines of the old one do, when those all end alike.
fn foreign_line_end<'t>(old: &str, new: &'t str) -> Option<&'t str> {
    let windows = |line: &&str| line.ends_with("\r\n");
    let ends = |text: &str| {
        let lines = text.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let count = lines.clone().count();
        (count, lines.filter(windows).count())
    };
    let (lines, with_return) = ends(old);
    let mut new = new.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    match with_return {
        0 => new.find(windows),
        _ if with_return == lines => new.find(|line| !windows(line)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_lost_when_they_go_or_change_their_order() {
        let old = "# a\nk: 1 # b\n";
        for (new, lost) in [
            (old, None),
            ("# a\nm: \"# no\"\nk: 1 # b\n# c\n", None),
            ("k: 1 # b\n", Some("# a")),
            ("k: 1 # b\n# a\n", Some("# b")),
        ] {
            assert_eq!(lost_comment(old, new), lost, "{new}");
        }
    }

    #[test]
    fn new_lines_end_as_the_old_ones() {
        for (old, new, foreign) in [
            ("a\nb\n", "a\nc\nb\n", None),
            ("a\nb\n", "a\nc\r\nb\n", Some("c\r\n")),
            ("a\r\nb\r\n", "a\r\nc\nb\r\n", Some("c\n")),
            ("a\r\nb\n", "a\r\nc\nb\n", None),
        ] {
            assert_eq!(foreign_line_end(old, new), foreign, "{new:?}");
        }
    }
}
