// SPDX-License-Identifier: Apache-2.0
//! What a shell does itself (POSIX XCU 2.15 and the builtins ash and bash share).

use writeway_shell::mode::{self, ModeSpec};

use super::interpreter::Shell;
use super::state::{FAILURE, Leave, SUCCESS, Status};
use super::test;
use super::words::Field;
use crate::Tri;
use crate::dac::{self, Want};
use crate::syscall::Failure;
use crate::value::Value;

impl Shell<'_> {
    /// Runs a builtin; `None` when the name is none.
    pub(super) fn builtin(&mut self, name: &str, arguments: &[Field]) -> Option<Status> {
        let first = arguments.first();
        Some(match name {
            ":" | "true" | "echo" | "printf" | "export" | "readonly" | "local" | "unset" | "alias"
            | "hash" | "ulimit" | "trap" | "wait" | "kill" => self.assigning(name, arguments),
            "false" => FAILURE,
            "exit" => self.exit(first),
            "return" => self.leave(Leave::Return, first),
            "break" if first.is_none() => self.leave(Leave::Break, None),
            "continue" if first.is_none() => self.leave(Leave::Continue, None),
            "break" | "continue" => {
                self.unknown_effect(&format!("{} leaves more than one loop by `{name}`", self.who))
            }
            "set" => self.set(arguments),
            "shift" => {
                if self.state.positional.len() > 1 {
                    self.state.positional.remove(1);
                }
                SUCCESS
            }
            "cd" => self.cd(first),
            "umask" => self.set_umask(first),
            "test" | "[" => self.test(name, arguments),
            "read" => {
                self.state.more_variables = true;
                for name in arguments.iter().flatten() {
                    self.state.variables.insert(name.clone(), None);
                }
                Status::unknown("what `read` reads is not known")
            }
            "eval" => {
                let words: Option<Vec<String>> = arguments.iter().cloned().collect();
                match words {
                    Some(words) => self.source(&words.join(" ")),
                    None => self.unknown_effect(&format!("{} evaluates words that are not known", self.who)),
                }
            }
            "." | "source" => {
                self.state.more_variables = true;
                self.unknown_effect(&format!("{} reads commands from a file", self.who))
            }
            "command" if matches!(first, Some(Some(option)) if option == "-v" || option == "-V") => {
                Status::unknown("which commands there are is not known")
            }
            "type" => Status::unknown("which commands there are is not known"),
            "exec" => SUCCESS,
            _ => return None,
        })
    }

    /// Builtins that succeed; some of them assign.
    fn assigning(&mut self, name: &str, arguments: &[Field]) -> Status {
        for argument in arguments {
            match (name, argument) {
                ("export" | "readonly" | "local", Some(argument)) => {
                    if let Some((name, value)) = argument.split_once('=') {
                        self.state
                            .variables
                            .insert(name.to_owned(), Some(value.to_owned()));
                    }
                }
                ("export" | "readonly" | "local", None) => self.state.more_variables = true,
                ("unset", Some(argument)) => {
                    self.state.variables.remove(argument);
                }
                _ => {}
            }
        }
        SUCCESS
    }

    fn exit(&mut self, status: Option<&Field>) -> Status {
        let status = self.given("exit", status);
        self.state.ended = Some(status.clone());
        status
    }

    fn leave(&mut self, leave: Leave, status: Option<&Field>) -> Status {
        let status = match leave {
            Leave::Break | Leave::Continue => SUCCESS,
            Leave::Return => self.given("return", status),
        };
        self.state.leaving = Some((leave, status.clone()));
        status
    }

    /// The status that `exit` and `return` are given, or that of the last command.
    fn given(&self, name: &str, status: Option<&Field>) -> Status {
        match status {
            None => self.state.last.clone(),
            Some(Some(text)) => text.parse::<u8>().map_or_else(
                |_| Status::unknown(format!("`{name}` with an odd status")),
                Status::Known,
            ),
            Some(None) => Status::unknown(format!("`{name}` with a status that is not known")),
        }
    }

    fn set(&mut self, arguments: &[Field]) -> Status {
        let mut arguments = arguments.iter().flatten();
        while let Some(argument) = arguments.next() {
            let on = argument.starts_with('-');
            let Some(letters) = argument.strip_prefix(['-', '+']) else {
                continue;
            };
            let name = letters.ends_with('o').then(|| arguments.next()).flatten();
            let name = name.map(String::as_str);
            if letters.contains('e') || name == Some("errexit") {
                self.state.exit_on_error = on;
            }
            if letters.contains('u') || name == Some("nounset") {
                self.state.unset_is_error = on;
            }
        }
        SUCCESS
    }

    fn cd(&mut self, directory: Option<&Field>) -> Status {
        let path = match directory {
            Some(Some(path)) => path.clone(),
            None => match self.state.variables.get("HOME") {
                Some(Some(home)) => home.clone(),
                _ => return self.lost(),
            },
            Some(None) => return self.lost(),
        };
        if path == "-" {
            return self.lost();
        }
        let Some(logical) = self.logical(&path) else {
            return self.lost();
        };
        let permitted = match self.find(&logical, true) {
            Ok(place) => {
                let inode = self.state.world.get(place.inode);
                if !inode.is_directory() {
                    return FAILURE;
                }
                dac::permits(self.process, inode, Want::Execute).answer
            }
            Err(Failure::Errno(_)) => Tri::No,
            Err(Failure::Unknown(_)) => Tri::Unknown,
        };
        match (permitted, self.mounts.trail(&self.state.world, &logical)) {
            (Tri::Yes, Some(trail)) => {
                self.state.working_dir = trail;
                self.state.logical_dir = Some(logical);
                SUCCESS
            }
            (Tri::No, _) => FAILURE,
            _ => self.lost(),
        }
    }

    /// Where `cd` leads: `..` takes the last component of the path away, whatever links there are (POSIX `cd`, step 8).
    fn logical(&self, path: &str) -> Option<String> {
        let mut components: Vec<&str> = Vec::new();
        let above = if path.starts_with('/') {
            ""
        } else {
            self.state.logical_dir.as_deref()?
        };
        for component in above.split('/').chain(path.split('/')) {
            match component {
                "" | "." => {}
                ".." => {
                    components.pop();
                }
                name => components.push(name),
            }
        }
        Some(format!("/{}", components.join("/")))
    }

    /// The working directory is not known any more.
    fn lost(&mut self) -> Status {
        self.state.working_dir.clear();
        self.state.logical_dir = None;
        Status::unknown("the working directory is not known")
    }

    fn set_umask(&mut self, operand: Option<&Field>) -> Status {
        let unknown = || Value::unknown("the umask is set to something that is not known");
        let Some(operand) = operand else { return SUCCESS };
        self.state.umask = match (operand, &self.state.umask) {
            (Some(text), Value::Known(old)) => match text.parse::<ModeSpec>() {
                Ok(spec) => mode::umask(&spec, *old).map_or_else(unknown, Value::Known),
                Err(_) => return FAILURE,
            },
            _ => unknown(),
        };
        SUCCESS
    }

    fn test(&mut self, name: &str, arguments: &[Field]) -> Status {
        let arguments = match (name, arguments.split_last()) {
            ("[", Some((Some(last), rest))) if last == "]" => rest,
            ("[", _) => return Status::Known(2),
            _ => arguments,
        };
        test::evaluate(self, arguments)
    }
}
