// SPDX-License-Identifier: Apache-2.0
//! The sum of what the test harness prints, one binary after the other.

use std::fmt;

/// What the tests of several binaries came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Totals {
    /// Tests that passed.
    pub(super) passed: u64,
    /// Tests that failed.
    failed: u64,
    /// Tests marked `#[ignore]`.
    ignored: u64,
    /// Names of the failing ones.
    pub(super) failing: Vec<String>,
}

impl Totals {
    /// Adds what one line of the harness's output says.
    pub(super) fn read(&mut self, line: &str) {
        if let Some(name) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            self.failing.push(name.to_owned());
        }
        let Some((_, counts)) = line
            .strip_prefix("test result: ")
            .and_then(|rest| rest.split_once(". "))
        else {
            return;
        };
        for count in counts.split("; ") {
            let Some((number, what)) = count.split_once(' ') else {
                continue;
            };
            let Ok(number) = number.parse::<u64>() else {
                continue;
            };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.ignored > 0 {
            write!(f, ", {} skipped", self.ignored)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binaries_are_summed_and_failing_tests_named() {
        let mut totals = Totals::default();
        for line in [
            "running 3 tests",
            "test reads::a_thing ... ok",
            "test reads::another ... FAILED",
            "test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test result: ok. 40 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 1.00s",
        ] {
            totals.read(line);
        }
        assert_eq!(totals.failing, ["reads::another"]);
        assert_eq!(totals.to_string(), "42 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn lines_that_tests_print_count_nothing() {
        let mut totals = Totals::default();
        for line in [
            "12 passed; 3 failed",
            "test result: unclear",
            "result: ok. 5 passed; 0 failed",
        ] {
            totals.read(line);
        }
        assert_eq!(totals, Totals::default());
    }
}
