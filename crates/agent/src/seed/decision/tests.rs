// SPDX-License-Identifier: Apache-2.0
//! The table row by row, and what has to hold whatever happens in whatever order.

use proptest::prelude::*;

use super::*;

fn file(name: &str) -> Content {
    Content::of_file(name.as_bytes())
}

fn seeded(name: &str) -> Record {
    Record::settled(file(name))
}

#[test]
fn the_table_row_by_row() {
    use Decision::{Conflict, Keep as Kept, Obstacle, Right, Write as Written};
    let is = |name| There::Is(file(name));
    let link = |name: &str| Content::of_link(name.as_bytes());
    let none = Record::default();
    let pending = Record {
        seeded: Some(file("old")),
        pending: Some(file("new")),
    };
    for (record, source, target, decision) in [
        (none, file("s"), There::Missing, Written(Write::Missing)),
        (none, file("s"), is("s"), Right),
        (none, file("s"), is("t"), Conflict),
        (none, file("s"), is(""), Written(Write::Torn)),
        (none, file(""), is(""), Right),
        (none, file(""), is("t"), Conflict),
        (seeded("s"), file("s"), There::Missing, Written(Write::Missing)),
        (seeded("s"), file("s"), is("s"), Right),
        (seeded("s"), file("s"), is("t"), Kept(Keep::Refreshed)),
        (seeded("s"), file("s"), is(""), Written(Write::Torn)),
        (seeded("old"), file("s"), is("old"), Written(Write::Changed)),
        (seeded("old"), file("s"), is("s"), Right),
        (seeded("old"), file("s"), is("t"), Conflict),
        (seeded(""), file("s"), is(""), Written(Write::Changed)),
        // Killed before the rename, and after it; then the source changed once more.
        (pending, file("new"), is("old"), Written(Write::Changed)),
        (pending, file("new"), is("new"), Right),
        (pending, file("newer"), is("old"), Written(Write::Changed)),
        (pending, file("newer"), is("new"), Written(Write::Changed)),
        (pending, file("new"), is("t"), Conflict),
        (
            none,
            file("s"),
            There::Other("a directory"),
            Obstacle("a directory"),
        ),
        (seeded("s"), file("s"), There::Other("a FIFO"), Obstacle("a FIFO")),
        (none, file("s"), There::Is(link("s")), Obstacle("a symbolic link")),
        (none, link("s"), is("s"), Obstacle("a file")),
        (
            Record::settled(link("l")),
            file("s"),
            There::Is(link("l")),
            Written(Write::Changed),
        ),
    ] {
        let decided = decide(record, source, target, false, OnConflict::Fail);
        assert_eq!(decided, decision, "{record:?} {source:?} {target:?}");
    }
}

#[test]
fn a_conflict_is_decided_as_asked() {
    use OnConflict::{Newest, Source, Target};
    for (on_conflict, source_is_newer, decision) in [
        (Source, false, Decision::Write(Write::Conflict)),
        (Target, true, Decision::Keep(Keep::Conflict)),
        (Newest, true, Decision::Write(Write::Conflict)),
        (Newest, false, Decision::Keep(Keep::Conflict)),
    ] {
        let there = There::Is(file("t"));
        let decided = decide(seeded("old"), file("s"), there, source_is_newer, on_conflict);
        assert_eq!(decided, decision, "{on_conflict:?}");
    }
}

#[test]
fn what_left_its_source_goes_if_nobody_changed_it() {
    let is = |name| There::Is(file(name));
    let pending = Record {
        seeded: Some(file("old")),
        pending: Some(file("new")),
    };
    for (record, target, leaving) in [
        (seeded("s"), There::Missing, Leaving::Gone),
        (seeded("s"), is("s"), Leaving::Remove),
        (seeded("s"), is("t"), Leaving::Keep),
        (seeded("s"), There::Other("a directory"), Leaving::Keep),
        (pending, is("old"), Leaving::Remove),
        (pending, is("new"), Leaving::Remove),
        (pending, is("t"), Leaving::Keep),
    ] {
        assert_eq!(leave(record, target), leaving, "{record:?} {target:?}");
    }
}

/// What may happen to one entry.
#[derive(Clone, Debug)]
enum Event {
    /// The source gets another content.
    SourceChanges,
    /// The program writes another content.
    Refreshed,
    /// The program removes the file.
    Removed,
    /// A write in place, or the node, stops between truncation and data.
    Torn,
    /// Seeding, which may be killed before or after the rename.
    Run(OnConflict, Killed),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Killed {
    Never,
    BeforeRename,
    AfterRename,
}

fn event() -> impl Strategy<Value = Event> {
    let on_conflict = prop::sample::select(vec![
        OnConflict::Fail,
        OnConflict::Source,
        OnConflict::Target,
        OnConflict::Newest,
    ]);
    let killed = prop::sample::select(vec![Killed::Never, Killed::BeforeRename, Killed::AfterRename]);
    prop_oneof![
        2 => Just(Event::SourceChanges),
        2 => Just(Event::Refreshed),
        1 => Just(Event::Removed),
        1 => Just(Event::Torn),
        4 => (on_conflict, killed).prop_map(|(on_conflict, killed)| Event::Run(on_conflict, killed)),
    ]
}

/// One entry, and what really happened to it.
struct World {
    contents: u32,
    source: Content,
    target: There,
    record: Record,
    /// Whether the program wrote what the target has.
    is_refreshed: bool,
    /// Whether the source changed since the entry was settled last.
    source_changed: bool,
    /// Whether the program wrote it between a killed run and the next one: nobody can know which content it refreshed.
    is_ambiguous: bool,
}

impl World {
    fn new() -> Self {
        Self {
            contents: 0,
            source: file("0"),
            target: There::Missing,
            record: Record::default(),
            is_refreshed: false,
            source_changed: false,
            is_ambiguous: false,
        }
    }

    /// A content that nothing had before.
    fn another(&mut self) -> Content {
        self.contents += 1;
        file(&self.contents.to_string())
    }

    fn happens(&mut self, event: &Event) {
        match event {
            Event::SourceChanges => {
                self.source = self.another();
                self.source_changed = true;
            }
            Event::Refreshed if self.target != There::Missing => {
                self.target = There::Is(self.another());
                self.is_refreshed = true;
                self.is_ambiguous |= self.record.pending.is_some();
            }
            Event::Torn if self.target != There::Missing => {
                self.target = There::Is(file(""));
                self.is_refreshed = false;
            }
            Event::Refreshed | Event::Torn => {}
            Event::Removed => {
                self.target = There::Missing;
                self.is_refreshed = false;
            }
            Event::Run(on_conflict, killed) => {
                let decision = self.run(*on_conflict, *killed);
                let both = self.is_refreshed && self.source_changed;
                if *on_conflict == OnConflict::Fail && !self.is_ambiguous {
                    assert_eq!(decision == Decision::Conflict, both, "{decision:?}");
                }
                let lost = matches!(decision, Decision::Write(_)) && self.is_refreshed;
                assert!(
                    !lost || decision == Decision::Write(Write::Conflict),
                    "{decision:?}"
                );
                if lost && *killed != Killed::BeforeRename {
                    self.is_refreshed = false;
                }
                let renamed = matches!(decision, Decision::Write(_)) && *killed != Killed::BeforeRename;
                let recorded = decision != Decision::Conflict && *killed == Killed::Never;
                if renamed || recorded {
                    self.source_changed = false;
                }
                self.is_ambiguous &= self.is_refreshed && self.record.pending.is_some();
            }
        }
    }

    /// Seeds, in the order of steps that the verb keeps: intent, rename, lineage.
    fn run(&mut self, on_conflict: OnConflict, killed: Killed) -> Decision {
        let decision = decide(self.record, self.source, self.target, true, on_conflict);
        match decision {
            Decision::Write(_) => {
                self.record = self.record.replacing(self.target, self.source);
                if killed == Killed::BeforeRename {
                    return decision;
                }
                self.target = There::Is(self.source);
            }
            Decision::Conflict | Decision::Obstacle(_) => return decision,
            Decision::Right | Decision::Keep(_) => {}
        }
        if killed == Killed::Never {
            self.record = Record::settled(self.source);
        }
        decision
    }
}

proptest! {
    /// Nothing that the program wrote is lost unless it is asked for; there is a conflict when both changed and never
    /// else, though runs were killed in between (unless the program wrote after a killed run before there was another); and the run after a whole one finds nothing to do.
    #[test]
    fn no_refresh_is_lost_and_no_conflict_is_made_up(events in prop::collection::vec(event(), 1..40)) {
        let mut world = World::new();
        for event in &events {
            world.happens(event);
        }
        world.run(OnConflict::Target, Killed::Never);
        let record = world.record;
        let again = world.run(OnConflict::Fail, Killed::Never);
        prop_assert!(matches!(again, Decision::Right | Decision::Keep(Keep::Refreshed)), "{:?}", again);
        prop_assert_eq!(record, world.record);
    }
}
