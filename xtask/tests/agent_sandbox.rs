// SPDX-License-Identifier: Apache-2.0
//! The agent in containers, by real container runtimes: each verb hardened, under its seccomp profile, and where
//! `openat2(2)` or `clone3(2)` is missing; and its tables of system calls, measured. They need root on Linux x86_64.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::BTreeSet;
use std::sync::LazyLock;

use writeway_agent::VERBS;
use writeway_agent::needs::{NEEDS, PROCESS};
use xtask::sandbox::container::Runtime;
use xtask::sandbox::{self, Sandbox, Way};

static SANDBOX: LazyLock<Sandbox> = LazyLock::new(|| Sandbox::new().unwrap());

#[test]
fn every_verb_has_its_needs_and_its_runs() {
    let verbs: Vec<_> = VERBS.iter().map(|verb| verb.name).collect();
    let needs: Vec<_> = NEEDS.iter().map(|needs| needs.verb).collect();
    assert_eq!(
        needs, verbs,
        "crates/agent/src/needs.rs has a row for each verb, in the order of the verbs"
    );
    let verbs = verbs.into_iter().collect::<BTreeSet<_>>();
    assert_eq!(
        sandbox::verbs(),
        verbs,
        "xtask/src/sandbox/runs.rs has runs for each verb"
    );
}

#[test]
fn the_tables_are_in_order_and_say_nothing_twice() {
    for needs in NEEDS {
        let mut seen = BTreeSet::new();
        for calls in needs
            .parts
            .iter()
            .map(|part| part.calls)
            .chain([PROCESS.calls, needs.calls])
        {
            assert!(
                calls.is_sorted_by_key(|call| call.name),
                "{}: {calls:?}",
                needs.verb
            );
            for call in calls {
                assert!(
                    !call.why.is_empty() && seen.insert(call.name),
                    "{}: {}",
                    needs.verb,
                    call.name
                );
            }
        }
    }
}

#[track_caller]
fn judge(way: Way) {
    let wrong: Vec<String> = NEEDS
        .iter()
        .flat_map(|needs| way.judge(&SANDBOX, needs).unwrap())
        .collect();
    assert!(wrong.is_empty(), "{way:?}:\n{}", wrong.join("\n"));
}

#[test]
fn each_verb_works_without_privileges_on_a_read_only_root_as_any_user() {
    judge(Way::Hardened);
}

#[test]
fn each_verb_works_under_its_seccomp_profile_by_crun() {
    judge(Way::UnderProfile(Runtime::Crun));
}

#[test]
fn each_verb_works_under_its_seccomp_profile_by_runc() {
    judge(Way::UnderProfile(Runtime::Runc));
}

#[test]
fn each_verb_works_where_openat2_or_clone3_is_refused() {
    judge(Way::WithoutNewerCalls);
}

#[test]
fn each_verb_calls_what_its_table_says_and_nothing_else() {
    judge(Way::Calls);
}

#[test]
fn the_profiles_allow_what_the_runtimes_call_after_loading_them() {
    for runtime in [Runtime::Crun, Runtime::Runc] {
        let missing = sandbox::missing_for(&SANDBOX, runtime).unwrap();
        assert!(missing.is_empty(), "{runtime:?}: {missing:?}");
    }
}
