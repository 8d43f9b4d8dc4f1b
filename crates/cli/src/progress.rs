// SPDX-License-Identifier: Apache-2.0
//! A progress bar on standard error, for work that takes more than a second on a terminal.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::Terminal;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(100);
const BAR: &str = "{msg} [{bar:30}] {pos}/{len}";
const SPINNER: &str = "{spinner} {msg}";

/// A bar that appears after a second, and is gone when dropped.
pub(crate) struct Progress {
    bar: ProgressBar,
    timer: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Begins a piece of work of that many steps; of `None`, when their number is not known.
    pub(crate) fn start(terminal: Terminal, what: &'static str, steps: Option<usize>) -> Self {
        let target = ProgressDrawTarget::hidden();
        let bar = ProgressBar::with_draw_target(steps.map(|steps| steps as u64), target).with_message(what);
        let template = if steps.is_some() { BAR } else { SPINNER };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        let timer = terminal.shows_progress().then(|| show_later(bar.clone()));
        Self { bar, timer }
    }

    /// One step is done.
    pub(crate) fn step(&self) {
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, timer)) = self.timer.take() {
            drop(stop);
            // A timer that panicked has drawn its last already.
            let _ = timer.join();
        }
        self.bar.finish_and_clear();
    }
}

/// Shows the bar once patience is over, unless the sender is dropped before.
fn show_later(bar: ProgressBar) -> (Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = channel();
    let timer = std::thread::spawn(move || {
        if stopped.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            bar.set_draw_target(ProgressDrawTarget::stderr());
            bar.enable_steady_tick(TICK);
        }
    });
    (stop, timer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_valid() {
        for template in [BAR, SPINNER] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }
}
