// SPDX-License-Identifier: Apache-2.0
//! Options and operands: POSIX XBD 12.2, GNU `getopt_long`, and `chmod`'s own way.

use writeway_shell::mode::Flavour;
use writeway_shell::options::{Arguments, OptionError, OptionSpec, Order, Spec, Value, parse_options};

const MKDIR: Spec = Spec {
    options: &[
        OptionSpec::with_value('m', "mode"),
        OptionSpec::flag('p', "parents"),
        OptionSpec::flag('v', "verbose"),
        OptionSpec::letter('Z', Value::Optional),
        OptionSpec::name("context", Value::Optional),
    ],
    order: Order::Mixed,
    modes: None,
};

const ENV: Spec = Spec {
    options: &[
        OptionSpec::flag('i', "ignore-environment"),
        OptionSpec::with_value('u', "unset"),
    ],
    order: Order::OptionsFirst,
    modes: None,
};

const CHMOD: &[OptionSpec] = &[
    OptionSpec::flag('R', "recursive"),
    OptionSpec::flag('v', "verbose"),
    OptionSpec::flag('c', "changes"),
    OptionSpec::flag('f', "silent"),
    OptionSpec::name("reference", Value::Required),
];

const fn chmod(flavour: Flavour) -> Spec<'static> {
    Spec {
        options: CHMOD,
        order: Order::Mixed,
        modes: Some(flavour),
    }
}

fn read(words: &str, spec: &Spec) -> Result<Arguments, OptionError> {
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    parse_options(&words, spec)
}

/// Options as `-x=value`, then operands.
fn shown(words: &str, spec: &Spec) -> String {
    let arguments = match read(words, spec) {
        Ok(arguments) => arguments,
        Err(error) => return error.to_string(),
    };
    let options = arguments.options.iter().map(|(option, value)| {
        let name = option.short.map_or_else(
            || format!("--{}", option.long.unwrap_or("")),
            |short| format!("-{short}"),
        );
        value
            .as_ref()
            .map_or(name.clone(), |value| format!("{name}={value}"))
    });
    let mode = arguments.mode.iter().map(|mode| format!("mode {mode}"));
    options
        .chain(mode)
        .chain(arguments.operands.iter().cloned())
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn values_may_be_attached_or_follow() {
    let table = [
        ("-p /a /b", "-p /a /b"),
        ("-m 0755 /a", "-m=0755 /a"),
        ("-m0755 /a", "-m=0755 /a"),
        ("-pm 0755 /a", "-p -m=0755 /a"),
        ("-pm0755 /a", "-p -m=0755 /a"),
        ("-mp /a", "-m=p /a"),
        ("--mode=0755 --parents /a", "-m=0755 -p /a"),
        ("--mode 0755 /a", "-m=0755 /a"),
        ("--mode= /a", "-m= /a"),
        ("-Z /a", "-Z /a"),
        ("-Zx /a", "-Z=x /a"),
        ("--context /a", "--context /a"),
        ("--context=x /a", "--context=x /a"),
    ];
    for (words, expected) in table {
        assert_eq!(shown(words, &MKDIR), expected, "{words}");
    }
}

#[test]
fn options_may_follow_operands_until_a_double_dash() {
    assert_eq!(shown("/a -p /b -m 0700", &MKDIR), "-p -m=0700 /a /b");
    assert_eq!(shown("/a -- -p", &MKDIR), "/a -p");
    assert_eq!(shown("-p -- -- /a", &MKDIR), "-p -- /a");
    assert_eq!(
        shown("-m -- /a", &MKDIR),
        "-m=-- /a",
        "a value is taken whatever it looks like"
    );
    assert_eq!(shown("- /a", &MKDIR), "- /a", "a lone dash is an operand");
}

#[test]
fn the_first_operand_may_end_the_options() {
    assert_eq!(shown("-i A=1 mkdir -p /a", &ENV), "-i A=1 mkdir -p /a");
    assert_eq!(shown("-u A -- -i", &ENV), "-u=A -i");
}

#[test]
fn refusals_name_the_option() {
    let table = [
        ("-px /a", "unknown option `-x`"),
        ("--par /a", "unknown option `--par`"),
        ("/a -m", "option `-m` needs a value"),
        ("/a --mode", "option `--mode` needs a value"),
        ("--parents=yes /a", "option `--parents` takes no value"),
    ];
    for (words, expected) in table {
        assert_eq!(shown(words, &MKDIR), expected, "{words}");
    }
}

#[test]
fn questions_about_options() {
    let arguments = read("-m 0700 -p --mode=0750 --context=x /a", &MKDIR).unwrap();
    assert!(arguments.has('p') && arguments.has_long("parents") && !arguments.has('v'));
    assert_eq!(arguments.value('m'), Some("0750"), "the last one counts");
    assert_eq!(arguments.value_long("context"), Some("x"));
    assert_eq!(arguments.last_of(&['p', 'm']), Some('m'));
    assert_eq!(arguments.last_of(&['v']), None);
}

/// Tried with coreutils 9.1 and BusyBox 1.35.
#[test]
fn chmod_takes_some_options_for_modes() {
    let table = [
        ("-R 0755 /a", "-R 0755 /a", "-R 0755 /a"),
        ("-w /a", "mode -w /a", "mode -w /a"),
        ("-rwx /a", "mode -rwx /a", "mode -rwx /a"),
        ("-R -x /a", "-R mode -x /a", "-R mode -x /a"),
        ("-w -R /a", "-R mode -w /a", "-R mode -w /a"),
        ("-w -x /a", "mode -w,-x /a", "unknown option `-x`"),
        ("/a -w /b", "mode -w /a /b", "unknown option `-w`"),
        ("-- -w /a", "-w /a", "-w /a"),
        ("-Rw /a", "unknown option `-w`", "unknown option `-w`"),
        ("--reference=/b /a", "--reference=/b /a", "--reference=/b /a"),
    ];
    for (words, coreutils, busybox) in table {
        assert_eq!(
            shown(words, &chmod(Flavour::Coreutils)),
            coreutils,
            "coreutils: {words}"
        );
        assert_eq!(
            shown(words, &chmod(Flavour::Busybox)),
            busybox,
            "BusyBox: {words}"
        );
    }
}
