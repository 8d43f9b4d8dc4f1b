// SPDX-License-Identifier: Apache-2.0
//! The tree of a script: lists, pipelines, commands, redirections (POSIX XCU 2.9 and 2.7).

use crate::word::Word;

/// A whole script.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Script {
    /// Its commands, in order; empty for a script of blanks and comments.
    pub list: List,
}

/// Commands that run one after the other, separated by `;`, `&` or newlines.
pub type List = Vec<AndOr>;

/// Pipelines joined by `&&` and `||`, evaluated from left to right with equal precedence.
#[derive(Clone, Debug, PartialEq)]
pub struct AndOr {
    /// The pipeline that always runs.
    pub first: Pipeline,
    /// The pipelines that run depending on the last exit status before them.
    pub rest: Vec<(Connector, Pipeline)>,
    /// Ended by `&`: runs at the same time as what follows, in a subshell, with exit status 0.
    pub background: bool,
}

/// What joins a pipeline to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connector {
    /// `&&`: runs if the last pipeline that ran succeeded.
    And,
    /// `||`: runs if the last pipeline that ran failed.
    Or,
}

/// Commands joined by `|`; each of two or more runs in a subshell, at the same time as the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Preceded by an odd number of `!`: the exit status is inverted, and `set -e` does not apply.
    pub negated: bool,
    /// The commands from left to right; never empty.
    pub commands: Vec<Command>,
}

/// One command with its redirections.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// What it does.
    pub kind: CommandKind,
    /// Its redirections, in the order in which the shell performs them.
    pub redirects: Vec<Redirect>,
    /// Where it stands in the script, redirections included.
    pub span: Span,
}

/// The kinds of command.
#[derive(Clone, Debug, PartialEq)]
pub enum CommandKind {
    /// A utility, builtin or function with its arguments, or assignments alone.
    Simple(Simple),
    /// A command made of other commands.
    Compound(Compound),
    /// A definition; it runs nothing.
    Function(Function),
}

/// Assignments and words. Without words the assignments change the shell's own variables.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Simple {
    /// `NAME=value` before the first word.
    pub assignments: Vec<Assignment>,
    /// The command name and its arguments, before expansion.
    pub words: Vec<Word>,
}

/// `name=value` or `name+=value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// The variable.
    pub name: String,
    /// The value; neither split into fields nor matched against file names.
    pub value: Word,
    /// `+=`, which dash does not know (it would look for a command of that name).
    pub append: bool,
}

/// Commands made of other commands.
#[derive(Clone, Debug, PartialEq)]
pub enum Compound {
    /// `( list )`: variables, directory and umask changed inside are lost outside.
    Subshell(List),
    /// `{ list; }`: runs in the same shell.
    Group(List),
    /// `if … then … elif … then … else … fi`.
    If {
        /// The conditions with what runs when one is the first to succeed; never empty.
        branches: Vec<Branch>,
        /// What runs when none succeeds.
        otherwise: Option<List>,
    },
    /// `for variable in words; do body; done`.
    For {
        /// The loop variable.
        variable: String,
        /// The words before expansion; `None` without `in`: the positional parameters.
        words: Option<Vec<Word>>,
        /// What runs for every word.
        body: List,
    },
    /// `while condition; do body; done`.
    While {
        /// Runs before every round.
        condition: List,
        /// Runs as long as the condition succeeds.
        body: List,
    },
    /// `until condition; do body; done`.
    Until {
        /// Runs before every round.
        condition: List,
        /// Runs as long as the condition fails.
        body: List,
    },
    /// `case word in pattern) … ;; esac`: the first arm that matches runs.
    Case {
        /// What is matched.
        word: Word,
        /// The arms in order.
        arms: Vec<Arm>,
    },
    /// `[[ … ]]`, which bash and ash know and dash does not: the words between the brackets, operators as
    /// literals. It changes no file, except through a substitution inside.
    Test(Vec<Word>),
    /// Valid in some shell, but not modelled here (`((…))`, `case` with `;&`): what it is.
    Unsupported(String),
}

/// A condition of `if` or `elif` and what depends on it.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// Decides by the exit status of its last command.
    pub condition: List,
    /// Runs when the condition succeeds.
    pub body: List,
}

/// An arm of `case`.
#[derive(Clone, Debug, PartialEq)]
pub struct Arm {
    /// The alternatives; never empty. What is quoted in them matches literally.
    pub patterns: Vec<Word>,
    /// What runs; may be empty.
    pub body: List,
}

/// `name() body`.
#[derive(Clone, Debug, PartialEq)]
pub struct Function {
    /// What calls it.
    pub name: String,
    /// What runs when it is called: a compound command, or any other in dash and BusyBox ash.
    pub body: Box<Command>,
}

/// A redirection.
#[derive(Clone, Debug, PartialEq)]
pub struct Redirect {
    /// The descriptor written before the operator; otherwise 0 for input and 1 for output.
    pub fd: Option<u32>,
    /// The operator.
    pub kind: RedirectKind,
    /// The file, the descriptor (`1`, `-`), or the contents of a here-document.
    pub target: Word,
}

/// Redirection operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedirectKind {
    /// `<`: opens an existing file for reading.
    Read,
    /// `>`: creates the file or truncates it (refused by `set -C` if it exists).
    Write,
    /// `>>`: creates the file or appends to it.
    Append,
    /// `>|`: as `>`, whatever `set -C` says.
    Clobber,
    /// `<>`: creates the file or opens it as it is.
    ReadWrite,
    /// `<&`: duplicates or closes (`-`) a descriptor.
    DupIn,
    /// `>&`: duplicates or closes (`-`) a descriptor; in bash and ash a target that is no number is a file,
    /// written as by [`RedirectKind::Both`].
    DupOut,
    /// `<<` and `<<-`: the target is the contents, all of it quoted.
    HereDoc,
    /// `<<<`, which dash does not know.
    HereString,
    /// `&>`: output and errors to the file in bash and ash; dash reads a `&` and then `>`.
    Both,
    /// `&>>`: as [`RedirectKind::Both`], appending.
    BothAppend,
}

/// A byte range of the script. Commands inside backquotes have the range of the whole substitution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}
