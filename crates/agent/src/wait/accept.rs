// SPDX-License-Identifier: Apache-2.0
//! Which HTTP statuses mean that a server is ready.

use std::fmt;
use std::ops::RangeInclusive;

/// A set of statuses, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Accept {
    ranges: Vec<RangeInclusive<u16>>,
}

impl Default for Accept {
    /// Those that a kubelet's `httpGet` probe takes for success (Kubernetes, pkg/probe/http/http.go, `DoHTTPProbe`).
    fn default() -> Self {
        Self {
            ranges: vec![200..=399],
        }
    }
}

impl Accept {
    /// Reads `200-399,401`, or `any`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        // A status has three digits, the first of them 1 to 5 (RFC 9110, section 15); some servers go further.
        if text == "any" {
            return Ok(Self {
                ranges: vec![100..=999],
            });
        }
        let ranges: Option<Vec<_>> = text.split(',').map(range).collect();
        match ranges {
            Some(ranges) => Ok(Self { ranges }),
            None => Err("write statuses from 100 to 599, as `200-399,401`, or `any`".to_owned()),
        }
    }

    /// Whether the status is one of them.
    pub(super) fn takes(&self, status: u16) -> bool {
        self.ranges.iter().any(|range| range.contains(&status))
    }
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let status = |text: &str| {
        let digits = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit());
        let status: u16 = digits.then(|| text.parse().ok())??;
        (100..=599).contains(&status).then_some(status)
    };
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (status(first.trim())?, status(last.trim())?);
    (first <= last).then_some(first..=last)
}

impl fmt::Display for Accept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.ranges.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            match (range.start(), range.end()) {
                (first, last) if first == last => write!(f, "{comma}{first}")?,
                (first, last) => write!(f, "{comma}{first}-{last}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_read_and_shown_as_written() {
        for (text, taken, refused) in [
            ("200-399", &[200, 302, 399][..], &[199, 400, 401][..]),
            ("200-399,401", &[200, 401], &[400, 402]),
            ("403", &[403], &[200, 404]),
        ] {
            let accept = Accept::read(text).unwrap();
            assert_eq!(accept.to_string(), text);
            assert!(taken.iter().all(|status| accept.takes(*status)), "{text}");
            assert!(!refused.iter().any(|status| accept.takes(*status)), "{text}");
        }
        assert_eq!(Accept::read("200-399"), Ok(Accept::default()));
        assert!((100..=599).all(|status| Accept::read("any").unwrap().takes(status)));
    }

    #[test]
    fn what_is_no_set_is_refused() {
        for text in [
            "", "2xx", "399-200", "200-", "99", "600", "+20", "200;401", "200,",
        ] {
            assert!(Accept::read(text).is_err(), "{text:?}");
        }
    }
}
