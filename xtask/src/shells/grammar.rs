// SPDX-License-Identifier: Apache-2.0
//! Random scripts of the kind that init containers run.

use super::tree::{self, Tree};
use crate::random::Random;

const MODES: &[&str] = &[
    "755",
    "0755",
    "700",
    "0700",
    "777",
    "1777",
    "2775",
    "2770",
    "0770",
    "750",
    "644",
    "0644",
    "600",
    "640",
    "0",
    "000",
    "4755",
    "6755",
    "02755",
    "00755",
    "00700",
    "u+rwx",
    "g=rX",
    "a+X",
    "o-rwx",
    "ug+s",
    "g+s",
    "+t",
    "u=rw,go=r",
    "u=rwX,g=rwX,o=",
    "+x",
    "g=u",
    "o=g",
    "a=rx",
    "g-s",
    "u-s,g+w",
    "-w",
    "a-x",
    "=",
    "u=",
    "+w",
    "go-w",
    "g+rwxs",
    "u+x,g+x",
    "ugo+rw",
    "o+t",
    "u+t",
    "-t",
    "a+s",
    "=rwx",
];
const OWNERS: &[&str] = &[
    "0:0",
    "1000",
    "1000:1000",
    "1000:2000",
    ":2000",
    "2000:3000",
    "0",
    "1000:0",
    "3000",
    ":1000",
    "2000",
    "0:1000",
    ":0",
];
const GROUPS: &[&str] = &["0", "1000", "2000", "3000"];
const UMASKS: &[&str] = &[
    "022",
    "0022",
    "027",
    "077",
    "000",
    "002",
    "0",
    "0777",
    "u=rwx,g=rx,o=",
    "u=rwx,go=",
    "g+w",
    "o-x",
    "a+r",
    "333",
];
const NEW: &[&str] = &["new", "n1", "n2"];

/// Writes scripts about one tree.
pub(super) struct Writer<'a> {
    random: &'a mut Random,
    paths: Vec<String>,
    depth: usize,
    installs: bool,
}

/// A script about the tree, which is at `/x`.
pub(super) fn script(random: &mut Random, tree: &Tree, installs: bool) -> String {
    let mut writer = Writer {
        random,
        paths: tree.keys().filter(|path| *path != ".").cloned().collect(),
        depth: 0,
        installs,
    };
    let mut script = String::new();
    if writer.random.percent(35) {
        script.push_str("set -e\n");
    }
    if writer.random.percent(40) {
        script.push_str("cd /x\n");
    }
    for _ in 0..=writer.random.below(6) {
        script.push_str(&writer.statement());
        script.push('\n');
    }
    script
}

impl Writer<'_> {
    fn statement(&mut self) -> String {
        if self.depth >= 3 {
            return self.command();
        }
        self.depth += 1;
        let statement = match self.random.below(100) {
            0..52 => self.command(),
            52..58 => format!("{} && {}", self.command(), self.command()),
            58..63 => format!("{} || {}", self.command(), self.command()),
            63..66 => format!("{} && {} || {}", self.condition(), self.command(), self.command()),
            66..70 => format!("{} || {}", self.condition(), self.command()),
            70..77 => self.branch(),
            77..82 => self.for_loop(),
            82..85 => format!("( {} )", self.list()),
            85..87 => format!("{{ {}; }}", self.list()),
            87..90 => self.variable(),
            90..92 => format!("! {}", self.command()),
            92..94 => self
                .random
                .one(&["set -e", "set +e", "set -eu", "set -ex"])
                .to_owned(),
            94..96 => self.case(),
            96 => self.function(),
            97 => format!("sh -c '{}'", self.list()),
            98 => self
                .random
                .one(&["true", "false", "exit 0", "exit 3", ":", "exit"])
                .to_owned(),
            _ => format!("if {}; then {}; fi", self.command(), self.list()),
        };
        self.depth -= 1;
        statement
    }

    fn list(&mut self) -> String {
        let separator = self.random.one(&["; ", "; ", " && ", "\n"]);
        let statements: Vec<String> = (0..=self.random.below(2)).map(|_| self.statement()).collect();
        statements.join(separator)
    }

    fn branch(&mut self) -> String {
        let condition = self.condition();
        let then = self.list();
        match self.random.below(4) {
            0 => format!("if {condition}; then\n{then}\nelse\n{}\nfi", self.list()),
            1 => format!(
                "if {condition}; then {then}; elif {}; then {}; fi",
                self.condition(),
                self.list()
            ),
            2 => format!("if ! {condition}; then {then}; fi"),
            _ => format!("if {condition}; then {then}; fi"),
        }
    }

    fn condition(&mut self) -> String {
        let path = self.path();
        let operator = self
            .random
            .one(&["-d", "-f", "-e", "-L", "-w", "-x", "-r", "-d", "-e", "-h"]);
        match self.random.below(8) {
            0 => format!("test {operator} {path}"),
            1 => format!("[ ! {operator} {path} ]"),
            2 => format!("[ \"$V\" = {} ]", self.random.one(&["/x/a", "b", "''"])),
            3 => format!("[ {operator} {path} -a -e {} ]", self.path()),
            4 => format!("[ {operator} {path} ] && [ -e {} ]", self.path()),
            5 => "[ \"$(id -u)\" = 0 ]".to_owned(),
            _ => format!("[ {operator} {path} ]"),
        }
    }

    fn for_loop(&mut self) -> String {
        let words: Vec<String> = (0..=self.random.below(3)).map(|_| self.word()).collect();
        let body = match self.random.below(6) {
            0 => format!("mkdir -p \"$i\"/{}", self.random.one(NEW)),
            1 => format!("chmod {} \"$i\"", self.random.one(MODES)),
            2 => format!("chown {} $i", self.random.one(OWNERS)),
            3 => format!("[ -d \"$i\" ] && touch \"$i/{}\"", self.random.one(NEW)),
            4 => format!(
                "[ -f \"$i\" ] || continue; chmod {} \"$i\"",
                self.random.one(MODES)
            ),
            _ => self.list(),
        };
        format!("for i in {}; do {body}; done", words.join(" "))
    }

    fn variable(&mut self) -> String {
        match self.random.below(7) {
            0 => format!("V={}", self.path()),
            1 => format!("V=\"{} {}\"; mkdir -p $V", self.path(), self.path()),
            2 => format!("mkdir -p \"${{V:-{}}}\"", self.path()),
            3 => format!("chown {} \"${{V:={}}}\"", self.random.one(OWNERS), self.path()),
            4 => format!("V={}; touch \"$V/{}\"", self.path(), self.random.one(NEW)),
            5 => format!("M={}; chmod \"$M\" {}", self.random.one(MODES), self.path()),
            _ => format!(
                "V={}; {{ cd \"$V\" && touch {}; }}",
                self.path(),
                self.random.one(NEW)
            ),
        }
    }

    fn case(&mut self) -> String {
        format!(
            "case {} in {}) {} ;; {}) {} ;; esac",
            self.random.one(&["\"$V\"", "abc", "/x/a"]),
            self.random.one(&["/x/*", "a*", "'a*'", "?b[c-d]"]),
            self.command(),
            self.random.one(&["*", "/x/[a-c]|abc", "''"]),
            self.command()
        )
    }

    fn function(&mut self) -> String {
        format!(
            "p() {{ {}; chmod {} \"$1\"; }}; p {} {}",
            self.command(),
            self.random.one(MODES),
            self.path(),
            self.path()
        )
    }

    fn command(&mut self) -> String {
        let command = match self.random.below(100) {
            0..16 => self.mkdir(),
            16..32 => self.chmod(),
            32..44 => self.chown(),
            44..48 => self.chgrp(),
            48..54 => format!("touch {}{}", self.random.one(&["", "", "", "-c "]), self.words()),
            54..60 => self.redirect(),
            60..69 => self.cp(),
            69..74 => format!(
                "mv {}{} {}",
                self.random.one(&["", "", "-f "]),
                self.words(),
                self.path()
            ),
            74..79 => self.ln(),
            79..84 => format!(
                "rm {}{}",
                self.random.one(&["-rf ", "-rf ", "-f ", "-r ", ""]),
                self.words()
            ),
            84..86 => format!("rmdir {}", self.words()),
            86..91 if self.installs => self.install(),
            91..94 => format!("umask {}", self.random.one(UMASKS)),
            94..96 => format!("cd {}", self.path()),
            _ => self.find(),
        };
        match self.random.below(30) {
            0 => format!("{command} 2>/dev/null"),
            1 => format!("{command} || true"),
            _ => command,
        }
    }

    fn mkdir(&mut self) -> String {
        let options = self.random.one(&["", "-p ", "-p ", "-p ", "-v "]);
        let mode = if self.random.percent(30) {
            format!("-m {} ", self.random.one(MODES))
        } else {
            String::new()
        };
        let paths: Vec<String> = (0..=self.random.below(2)).map(|_| self.new_path()).collect();
        format!("mkdir {options}{mode}{}", paths.join(" "))
    }

    fn chmod(&mut self) -> String {
        let options = self.random.one(&["", "", "-R ", "-R ", "-f ", "-Rf ", "-v "]);
        format!("chmod {options}{} {}", self.random.one(MODES), self.words())
    }

    fn chown(&mut self) -> String {
        let options = self.random.one(&[
            "", "", "", "-R ", "-R ", "-h ", "-RH ", "-RL ", "-RP ", "-Rh ", "-f ",
        ]);
        format!("chown {options}{} {}", self.random.one(OWNERS), self.words())
    }

    fn chgrp(&mut self) -> String {
        let options = self.random.one(&["", "", "-R ", "-h "]);
        format!("chgrp {options}{} {}", self.random.one(GROUPS), self.words())
    }

    fn redirect(&mut self) -> String {
        let path = self.target_path();
        match self.random.below(6) {
            0 | 1 => format!("echo hello > {path}"),
            2 => format!("echo more >> {path}"),
            3 => format!(": > {path}"),
            4 => format!("echo hello | tee {path} >/dev/null"),
            _ => format!("> {path}"),
        }
    }

    fn cp(&mut self) -> String {
        let options = self.random.one(&[
            "", "", "-r ", "-r ", "-R ", "-a ", "-a ", "-p ", "-rp ", "-L ", "-rL ", "-P ", "-d ", "-f ",
            "-n ", "-rf ", "-T ", "-rT ", "-rH ", "-pR ",
        ]);
        format!("cp {options}{} {}", self.words(), self.target_path())
    }

    fn ln(&mut self) -> String {
        let options = self.random.one(&["-s ", "-s ", "-sf ", "-sfn ", "", "-f "]);
        if options.contains('s') {
            format!("ln {options}{} {}", tree::target(self.random), self.target_path())
        } else {
            format!("ln {options}{} {}", self.path(), self.target_path())
        }
    }

    fn install(&mut self) -> String {
        let mut options = String::new();
        if self.random.percent(60) {
            options.push_str(&format!("-m {} ", self.random.one(MODES)));
        }
        if self.random.percent(30) {
            options.push_str(&format!("-o {} ", self.random.one(GROUPS)));
        }
        if self.random.percent(30) {
            options.push_str(&format!("-g {} ", self.random.one(GROUPS)));
        }
        if self.random.percent(65) {
            format!("install -d {options}{}", self.new_path())
        } else {
            let parents = self.random.one(&["", "", "-D "]);
            format!("install {parents}{options}{} {}", self.path(), self.target_path())
        }
    }

    fn find(&mut self) -> String {
        let kind = self
            .random
            .one(&["", "-type d ", "-type f ", "-type d ", "-type l "]);
        let action = match self.random.below(4) {
            0 => format!("chown {}", self.random.one(OWNERS)),
            1 => format!("chown -h {}", self.random.one(OWNERS)),
            2 => format!("chgrp {}", self.random.one(GROUPS)),
            _ => format!("chmod {}", self.random.one(MODES)),
        };
        let end = self.random.one(&["\\;", "+"]);
        format!("find {} {kind}-exec {action} {{}} {end}", self.path())
    }

    fn words(&mut self) -> String {
        let count = if self.random.percent(75) { 1 } else { 2 };
        let words: Vec<String> = (0..count).map(|_| self.word()).collect();
        words.join(" ")
    }

    /// A path or a pattern.
    fn word(&mut self) -> String {
        if self.random.percent(14) {
            let directory = if self.random.percent(50) {
                "/x".to_owned()
            } else {
                self.path()
            };
            // An unset variable would make it a pattern in the root directory.
            let directory = if directory.contains('$') {
                "/x".to_owned()
            } else {
                directory
            };
            let directory = directory.trim_end_matches('/');
            let pattern = self
                .random
                .one(&["*", "*", "?", "[a-f]*", "*.txt", "*/f", ".h*", "*a*"]);
            return format!("{directory}/{pattern}");
        }
        self.path()
    }

    /// A path that mostly exists at the start.
    fn path(&mut self) -> String {
        if self.random.percent(4) {
            return self.random.one(&["/x", "/x/", "/x/.", "$V", "\"$V\""]).to_owned();
        }
        let path = if !self.paths.is_empty() && self.random.percent(80) {
            self.paths[self.random.below(self.paths.len())].clone()
        } else {
            self.vocabulary()
        };
        let prefix = if self.random.percent(88) { "/x/" } else { "" };
        let suffix = if self.random.percent(5) {
            self.random.one(&["/", "/.", "/../f", "/.."])
        } else {
            ""
        };
        // `..` from the top would leave the tree.
        let suffix = if path.contains('/') {
            suffix
        } else {
            suffix.trim_end_matches("/..")
        };
        format!("{prefix}{path}{suffix}")
    }

    fn target_path(&mut self) -> String {
        if self.random.percent(55) {
            self.new_path()
        } else {
            self.path()
        }
    }

    /// A path that mostly does not exist at the start.
    fn new_path(&mut self) -> String {
        if self.random.percent(20) {
            return self.path();
        }
        let above = if self.random.percent(50) {
            String::new()
        } else {
            let path = self.path();
            format!("{}/", path.trim_end_matches(['/', '.']))
        };
        let above = if above.is_empty() { "/x/".to_owned() } else { above };
        let name = self.random.one(NEW);
        if self.random.percent(25) {
            let path = format!("{above}{name}/{}", self.random.one(NEW));
            self.remember(&path);
            return path;
        }
        let path = format!("{above}{name}");
        self.remember(&path);
        path
    }

    /// Later commands speak about it, too.
    fn remember(&mut self, path: &str) {
        if let Some(path) = path.strip_prefix("/x/")
            && !path.contains('$')
        {
            self.paths.push(path.to_owned());
        }
    }

    fn vocabulary(&mut self) -> String {
        let name = match self.random.below(3) {
            0 => self.random.one(tree::DIRECTORIES),
            1 => self.random.one(tree::FILES),
            _ => self.random.one(tree::LINKS),
        };
        if self.random.percent(40) {
            format!("{}/{name}", self.random.one(tree::DIRECTORIES))
        } else {
            name.to_owned()
        }
    }
}
