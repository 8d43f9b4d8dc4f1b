// SPDX-License-Identifier: Apache-2.0
//! One thread of a walk: goes down by descriptors, depth first, and hands over each directory after what is in it.
//!
//! However deep the tree is, a thread holds only so many directories open. Those further up are closed, and opened again
//! through the `..` of the one below: it has to be the same directory, or is looked for by its names from the top.

use std::collections::VecDeque;
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::fs::{Mode, OFlags, SeekFrom, openat, seek};

use super::crew::Crew;
use super::names::{BUFFER, Kind, Names};
use super::tally::{Counts, Left};
use super::walk::{Directory, Job, Place, Taken, Walk};
use crate::beneath;
use crate::errno;

/// After so many names other threads are worth their start.
const WORTH_OTHERS: u32 = 512;
/// Names of fewer bytes than this in a thread's highest directory are not shared.
const SHARED: usize = 128;
/// Names of fewer bytes than this that were just read are not: a file is done before a thread has woken up.
const SHARED_AT_ONCE: usize = 4 * 1024;
/// With names of fewer bytes than this a directory is not taken to keep them: to look at each file by a descriptor costs
/// less than to change the directory once more.
const WORTH_TAKING: usize = 64;
/// After how many names the clock is looked at.
const CLOCK: u32 = 64;

/// One thread. The directories on its way down are, from above: `top`, then all of `closed`, then all of `open`.
pub(super) struct Worker<'a> {
    walk: &'a Walk<'a>,
    crew: &'a Crew<Job>,
    /// Starts the others, once.
    start_others: Option<&'a dyn Fn()>,
    top: Option<Frame>,
    closed: Vec<Closed>,
    open: VecDeque<Frame>,
    names_seen: u32,
    was_wrong: bool,
    counts: Counts,
    buffer: Box<[MaybeUninit<u8>]>,
}

/// An open directory, and how far it was read.
struct Frame {
    directory: Arc<Directory>,
    names: Names,
    /// Behind the last name taken.
    position: u64,
    /// Whether there are names behind those of `names`.
    more: bool,
}

/// A directory that was closed for the time, and where its names go on.
struct Closed {
    place: Place,
    position: u64,
}

impl<'a> Worker<'a> {
    /// A thread that has done nothing yet.
    pub(super) fn new(walk: &'a Walk<'a>, crew: &'a Crew<Job>, start_others: Option<&'a dyn Fn()>) -> Self {
        Self {
            walk,
            crew,
            start_others,
            top: None,
            closed: Vec::new(),
            open: VecDeque::new(),
            names_seen: 0,
            was_wrong: false,
            counts: Counts::default(),
            buffer: vec![MaybeUninit::uninit(); BUFFER].into_boxed_slice(),
        }
    }

    /// Works until all is done.
    pub(super) fn work(mut self) {
        while let Some(job) = self.crew.take() {
            self.top = Some(match job {
                Job::Directory(directory) => Frame::of(directory),
                Job::Names(directory, names) => Frame {
                    names,
                    more: false,
                    ..Frame::of(directory)
                },
            });
            while self.step() {}
        }
        self.walk.tally.add(&self.counts);
    }

    /// Goes on with the lowest directory; answers whether there is one still.
    fn step(&mut self) -> bool {
        if self.crew.is_hungry() {
            self.share();
        }
        let Some(frame) = self.open.back_mut().or(self.top.as_mut()) else {
            return false;
        };
        if self.walk.over.load(Ordering::Relaxed) {
            frame.names = Names::EMPTY;
            frame.more = false;
        }
        if !frame.names.is_empty() {
            self.names();
        } else if frame.more {
            frame.read(self.walk, self.crew, &mut self.buffer);
        } else {
            self.go_up();
        }
        true
    }

    /// Gives half of what is left in the highest directory to a thread that waits: what lies beneath those names is the
    /// most work there is to share. Directories below it stay this thread's alone, for only those can be closed.
    fn share(&mut self) {
        let shared = self.top.as_mut().and_then(|Frame { directory, names, .. }| {
            let half = names.split(SHARED)?;
            Some(Job::Names(Arc::clone(directory), half))
        });
        if let Some(job) = shared {
            self.crew.give(job);
        }
    }

    /// Deals with the names read, up to a directory to go into.
    fn names(&mut self) {
        let Some(frame) = self.open.back_mut().or(self.top.as_mut()) else {
            return;
        };
        let mut below = None;
        while let Some(entry) = frame.names.next() {
            frame.position = entry.after;
            self.names_seen = self.names_seen.wrapping_add(1);
            if self.names_seen.is_multiple_of(CLOCK) && self.walk.is_over() {
                return;
            }
            if self.names_seen == WORTH_OTHERS
                && let Some(start) = self.start_others.take()
            {
                start();
            }
            below = self.walk.name(
                &frame.directory,
                entry.name,
                entry.kind == Kind::Directory,
                &mut self.was_wrong,
                &mut self.counts,
            );
            if below.is_some() {
                break;
            }
        }
        let Some(directory) = below.map(Arc::new) else {
            return;
        };
        if self.crew.is_hungry() {
            self.crew.give(Job::Directory(directory));
        } else {
            self.open.push_back(Frame::of(directory));
            self.close_upper();
        }
    }

    /// Closes directories further up, if more are open than may be, and no other thread is in them.
    fn close_upper(&mut self) {
        while self.open.len() > self.walk.open
            && let Some(frame) = self.open.pop_front()
        {
            match frame.close() {
                Ok(closed) => self.closed.push(closed),
                Err(frame) => return self.open.push_front(frame),
            }
        }
    }

    /// Leaves the lowest directory, with which all is done but what other threads do.
    fn go_up(&mut self) {
        let Some(frame) = self.open.pop_back().or_else(|| self.top.take()) else {
            return;
        };
        if self.open.is_empty() {
            self.open_above(&frame.directory);
        }
        if let Some(directory) = Arc::into_inner(frame.directory) {
            if self.walk.over.load(Ordering::Relaxed) {
                // Unfinished, it waits for the next run; but one that was taken is not kept from its owner.
                self.walk.give_back(&directory);
            } else {
                self.walk.hand_over(&directory, &mut self.counts);
            }
        }
    }

    /// Opens the lowest closed directory, from the one below it.
    fn open_above(&mut self, below: &Directory) {
        let taken = |closed: &Closed| closed.place.taken != Taken::No;
        if self.walk.over.load(Ordering::Relaxed) && !self.closed.iter().any(taken) {
            self.closed.clear();
        }
        let Some(closed) = self.closed.pop() else { return };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        match closed.open(openat(below, c"..", flags, Mode::empty())) {
            Ok(frame) => self.open.push_back(frame),
            Err(closed) => {
                self.closed.push(closed);
                self.find_again();
            }
        }
    }

    /// Opens the lowest closed directory by the names from the top on. What is not there any more is left.
    fn find_again(&mut self) {
        let Some(top) = &self.top else { return };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let mut found: Option<OwnedFd> = None;
        let mut depth = 0;
        for Closed { place, .. } in &self.closed {
            let above = found.as_ref().map_or(top.directory.as_fd(), OwnedFd::as_fd);
            let opened = beneath::open(above, place.trail.name(), flags, Mode::empty(), self.walk.mounts);
            match opened {
                Ok(opened) if place.is(&opened) => found = Some(opened),
                _ => break,
            }
            depth += 1;
        }
        for lost in self.closed.drain(depth..).rev() {
            lost.place.lose(self.walk);
        }
        if let (Some(opened), Some(closed)) = (found, self.closed.pop()) {
            match closed.open(Ok(opened)) {
                Ok(frame) => self.open.push_back(frame),
                // Its names cannot be gone on with. Above it, one has to look again.
                Err(closed) => {
                    closed.place.lose(self.walk);
                    self.find_again();
                }
            }
        }
    }
}

impl Frame {
    const fn of(directory: Arc<Directory>) -> Self {
        Self {
            directory,
            names: Names::EMPTY,
            position: 0,
            more: true,
        }
    }

    /// Reads more names, and gives half of them away if another thread waits.
    fn read(&mut self, walk: &Walk<'_>, crew: &Crew<Job>, buffer: &mut [MaybeUninit<u8>]) {
        match Names::read(&self.directory, buffer) {
            Ok(names) => {
                self.more = !names.is_empty();
                // Now, before anybody else knows of it.
                if names.left() >= WORTH_TAKING
                    && let Some(directory) = Arc::get_mut(&mut self.directory)
                {
                    walk.keep_names(directory);
                }
                self.names = names;
            }
            Err(errno) => {
                self.more = false;
                let why = format_args!("it cannot be listed: {}", errno::reason(errno));
                walk.tally
                    .left(Left::Refused, 1, &self.directory.place.trail, why);
            }
        }
        if crew.is_hungry()
            && let Some(half) = self.names.split(SHARED_AT_ONCE)
        {
            crew.give(Job::Names(Arc::clone(&self.directory), half));
        }
    }

    fn close(self) -> Result<Closed, Self> {
        let Self {
            directory,
            names,
            position,
            more,
        } = self;
        match Arc::try_unwrap(directory) {
            Ok(Directory { place, .. }) => Ok(Closed { place, position }),
            Err(directory) => Err(Self {
                directory,
                names,
                position,
                more,
            }),
        }
    }
}

impl Closed {
    /// Goes on with the directory, if this is it.
    fn open(self, opened: rustix::io::Result<OwnedFd>) -> Result<Frame, Self> {
        match opened {
            Ok(descriptor)
                if self.place.is(&descriptor)
                    && seek(&descriptor, SeekFrom::Start(self.position)).is_ok() =>
            {
                let Self { place, position } = self;
                let directory = Arc::new(Directory { descriptor, place });
                Ok(Frame {
                    position,
                    ..Frame::of(directory)
                })
            }
            _ => Err(self),
        }
    }
}
