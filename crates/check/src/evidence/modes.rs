// SPDX-License-Identifier: Apache-2.0
//! Modes of files that were written in the wrong base. YAML as Kubernetes reads it takes `0644` as octal and `644` as
//! decimal; JSON has no octal numbers, so that 420 is the usual way to say 0644 there.

use writeway_manifest::{Span, Spanned, VolumeSource, Workload};

use crate::RuleContext;

/// Modes that somebody wants: whoever comes later may do no more than those before him, and nobody writes what he
/// cannot read.
const USUAL: [u16; 24] = [
    0o400, 0o440, 0o444, 0o500, 0o511, 0o544, 0o550, 0o555, 0o600, 0o640, 0o644, 0o660, 0o664, 0o666, 0o700,
    0o710, 0o711, 0o744, 0o750, 0o751, 0o755, 0o770, 0o775, 0o777,
];

/// A mode that says something else than its digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Misread {
    /// The number as Kubernetes reads it.
    pub(crate) value: i64,
    /// The mode that was meant.
    pub(crate) meant: u16,
    /// Where it is written.
    pub(crate) span: Span,
    /// It begins with a zero, so that it is octal where decimal was meant.
    pub(crate) leading_zero: bool,
}

/// The modes of a volume's files, and that of an `emptyDir`, that were written in the wrong base.
pub(crate) fn misread(context: &RuleContext<'_>, source: &VolumeSource) -> Vec<Misread> {
    let directory = match source {
        VolumeSource::EmptyDir(source) => source.mode,
        _ => None,
    };
    let directory = directory.and_then(|mode| misread_mode(written(context, mode.span), mode, true));
    let files = source.file_modes().into_iter();
    let files = files.filter_map(|mode| misread_mode(written(context, mode.span), mode, false));
    directory.into_iter().chain(files).collect()
}

/// Whether the mode at a place was written in the wrong base.
pub(crate) fn is_misread(context: &RuleContext<'_>, workload: &Workload, span: Span) -> bool {
    let modes = workload
        .pod
        .volumes
        .iter()
        .flat_map(|volume| volume.source.file_modes());
    modes
        .filter(|mode| mode.span == span)
        .any(|mode| misread_mode(written(context, span), mode, false).is_some())
}

fn written<'a>(context: &RuleContext<'a>, span: Span) -> &'a str {
    let file = context.access.inventory.file(context.workload.object.file);
    file.stream.text().get(span.range()).unwrap_or_default()
}

/// A number is in the wrong base when it is none of the usual modes, but its digits are one in the other base: 400 is
/// 0620, and 0420 is not 0644, but 420 is. A directory may have the setgid and the sticky bit.
fn misread_mode(written: &str, mode: Spanned<i64>, directory: bool) -> Option<Misread> {
    let special = if directory { 0o3000 } else { 0 };
    let is_usual = |mode: i64| USUAL.iter().any(|usual| i64::from(*usual) == mode & !special);
    if !written.bytes().all(|byte| byte.is_ascii_digit()) || is_usual(mode.value) {
        return None;
    }
    let leading_zero = written.len() > 1 && written.starts_with('0');
    let digits = written.trim_start_matches('0');
    let radix = if leading_zero { 10 } else { 8 };
    let meant = u16::from_str_radix(digits, radix).ok()?;
    (digits.len() >= 3 && is_usual(meant.into())).then_some(Misread {
        value: mode.value,
        meant,
        span: mode.span,
        leading_zero,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mode that was meant for a file.
    fn meant(written: &str, value: i64) -> Option<u16> {
        meant_for(written, value, false)
    }

    fn meant_for(written: &str, value: i64, directory: bool) -> Option<u16> {
        let mode = Spanned::new(value, Span::default());
        misread_mode(written, mode, directory).map(|misread| misread.meant)
    }

    #[test]
    fn digits_of_the_other_base_are_told_from_modes() {
        let rows = [
            ("400", 400, Some(0o400)),
            ("440", 440, Some(0o440)),
            ("444", 444, Some(0o444)),
            ("500", 500, Some(0o500)),
            ("644", 644, Some(0o644)),
            ("755", 755, Some(0o755)),
            ("777", 777, Some(0o777)),
            ("0420", 0o420, Some(420)),
            ("0256", 0o256, Some(256)),
            // Decimal for 0400, 0600, 0640, 0644, 0660, 0755, 0777.
            ("256", 256, None),
            ("384", 384, None),
            ("416", 416, None),
            ("420", 420, None),
            ("432", 432, None),
            ("493", 493, None),
            ("511", 511, None),
            ("0400", 0o400, None),
            ("0o400", 0o400, None),
            ("0x100", 0x100, None),
            ("0511", 0o511, None),
            ("0", 0, None),
            ("1000", 1000, None),
            ("1777", 1777, None),
            ("7", 7, None),
            ("-400", -400, None),
        ];
        for (written, value, expected) in rows {
            assert_eq!(meant(written, value), expected, "{written}");
        }
    }

    #[test]
    fn a_directory_may_have_special_bits() {
        let rows = [
            ("1777", 1777, Some(0o1777)),
            ("2770", 2770, Some(0o2770)),
            ("777", 777, Some(0o777)),
            ("01777", 0o1777, None),
            ("1023", 1023, None),
            ("511", 511, None),
        ];
        for (written, value, expected) in rows {
            assert_eq!(meant_for(written, value, true), expected, "{written}");
        }
    }
}
