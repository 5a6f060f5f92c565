//! Obeys the lines at the head of a cell.

use std::process::Command as Process;

use super::{Session, engine_error};
use crate::compiler::{self, Added, Dependency, outer_path};
use crate::engine::commands::{
    Command, Line, Shell, Variable, brief_values, help, short_type, table_of,
};
use crate::engine::report::{Gone, Texts, at_line, cell_error};
use crate::engine::rewrite::Rewritten;
use crate::engine::{Answer, CellError, FrontEnd, Output, Question};
use crate::relay::MimeBundle;

/// What a panic tells with `:backtrace 1`: where it came from, without what lies below the cell.
const BACKTRACE_HOOK: &str = r#"::std::panic::set_hook(Box::new(|info| {
    let text = ::std::backtrace::Backtrace::force_capture().to_string();
    let lines: Vec<&str> = text.lines().collect();
    let is_panic = |line: &&str| line.contains("core::panicking") || line.contains("std::panicking");
    let first = lines.iter().rposition(|line| is_panic(&line)).map_or(0, |at| at + 1);
    let last = lines.iter().position(|line| line.contains("evcxr::runtime")).unwrap_or(lines.len());
    let thread = ::std::thread::current();
    let name = thread.name().unwrap_or("<unnamed>");
    eprintln!("\nthread '{name}' {info}\nstack backtrace:\n{}", lines[first.min(last)..last].join("\n"));
}));"#;
/// Takes it back.
const NO_BACKTRACE: &str = "let _ = ::std::panic::take_hook();";

impl Session {
    /// Obeys the commands of a cell in their order. Returns its Rust: `:time` brings some of its own.
    pub(super) fn obey(
        &mut self,
        code: &str,
        lines: Vec<(usize, Line<'_>)>,
        mut rust: String,
        is_timed: &mut bool,
        front_end: &mut dyn FrontEnd,
    ) -> Result<String, CellError> {
        let mut wanted = Vec::new();
        // A cell has one value, which is its Rust's if there is any.
        let has_rust = !super::is_blank(&rust);
        let mut demoting = Demoting { front_end, has_rust };
        let front_end: &mut dyn FrontEnd = &mut demoting;
        for (number, line) in lines {
            if let Line::Command { name: ":dep", argument } = line {
                let folder = self.current_folder()?;
                let dependency = Dependency::parse(argument, &folder);
                wanted.push(dependency.map_err(|message| at_line(code, number, &message))?);
                continue;
            }
            // What has been collected is used by what follows.
            self.add_wanted(&mut wanted, front_end)?;
            match line {
                Line::Question(name) => self.show_document(name, front_end)?,
                Line::Shell(command) => self.shell(command, front_end)?,
                Line::Command { name: ":time", argument } => {
                    *is_timed = true;
                    // It stands in the cell where it stands in the line.
                    let start = argument.as_ptr() as usize - code.as_ptr() as usize;
                    rust.replace_range(start..start + argument.len(), argument);
                }
                Line::Command { name, argument } => {
                    self.command(name, argument, front_end).map_err(|error| match error {
                        CellError::Returned { message } => at_line(code, number, &message),
                        error => error,
                    })?
                }
            }
        }
        self.add_wanted(&mut wanted, front_end)?;
        Ok(rust)
    }

    fn add_wanted(
        &mut self,
        wanted: &mut Vec<Dependency>,
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        if wanted.is_empty() {
            return Ok(());
        }
        self.add_crates(&std::mem::take(wanted), front_end)
    }

    fn current_folder(&self) -> Result<std::path::PathBuf, CellError> {
        match &self.working_folder {
            Some(folder) => Ok(folder.clone()),
            None => std::env::current_dir().map_err(engine_error),
        }
    }

    fn shell(&self, command: &str, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let environment = &self.preferences.environment;
        let (folder, session) = (self.working_folder.as_deref(), self.folder.path());
        Shell { command, folder, session, environment }.run(front_end)
    }

    fn command(
        &mut self,
        name: &str,
        argument: &str,
        front_end: &mut dyn FrontEnd,
    ) -> Result<(), CellError> {
        let Some(command) = Command::named(name) else {
            return Err(refusal(format!("there is no command `{name}`; `:help` lists them")));
        };
        let said = match command {
            Command::Not(reason) => return Err(refusal(format!("`{name}`: {reason}"))),
            Command::Quit => {
                return Err(refusal(
                    "a cell cannot end its notebook; shut the kernel down in the menu".to_owned(),
                ));
            }
            Command::Help => help(),
            Command::Version => MimeBundle::text(self.versions()),
            Command::Vars => self.table_of_variables()?,
            Command::Type => MimeBundle::text(self.type_of(argument)?),
            Command::ShowDeps => MimeBundle::text(self.list_of_crates()),
            Command::Explain => self.explanation(argument)?,
            Command::ClearCache => {
                let freed = compiler::clear_crates(&self.settings);
                MimeBundle::text(format!("{} MiB are free again.", freed / 1024 / 1024))
            }
            Command::Clear => {
                self.clear()?;
                return Ok(());
            }
            Command::Restart => return self.restart(front_end),
            Command::Env => {
                let (name, value) = assignment(argument)?;
                self.preferences.environment.retain(|(known, _)| *known != name);
                self.preferences.environment.push((name, value));
                return self.prepare_process();
            }
            Command::BuildEnv => {
                let (name, value) = assignment(argument)?;
                self.preferences.build_environment.push((name, value));
                return self.evcxr(&format!(":build_env {argument}"), &mut drop::<Output>);
            }
            Command::Backtrace => {
                self.preferences.backtraces = is_on(argument, !self.preferences.backtraces)?;
                self.prepare_process()?;
                let word = if self.preferences.backtraces { "tell" } else { "do not tell" };
                MimeBundle::text(format!("Panics {word} how they came about."))
            }
            Command::Timing => {
                let shows = &mut self.preferences.shows_times;
                *shows = !*shows;
                MimeBundle::text(format!("Times are {} from now on.", shown(*shows)))
            }
            Command::Offline => {
                self.preferences.is_offline = is_on(argument, !self.preferences.is_offline)?;
                let word = if self.preferences.is_offline { "must" } else { "need not" };
                MimeBundle::text(format!("cargo {word} do without the network."))
            }
            Command::Linker => {
                if !["", "system", "lld", "mold"].contains(&argument) {
                    return Err(refusal(format!(
                        "`{argument}`: the linkers are system, lld, mold"
                    )));
                }
                if ["lld", "mold"].contains(&argument) && !is_installed(argument) {
                    return Err(refusal(format!("{argument} is not installed")));
                }
                return self.evcxr(&format!(":linker {argument}"), front_end);
            }
            Command::Fmt if self.prelude.is_some() => {
                let format = Some(argument).filter(|format| !["", "{:?}"].contains(format));
                self.preferences.style.format = format.map(str::to_owned);
                return Ok(());
            }
            Command::Types if self.prelude.is_some() => {
                let shows = &mut self.preferences.style.shows_types;
                *shows = !*shows;
                MimeBundle::text(format!("Types are {} from now on.", shown(*shows)))
            }
            Command::Evcxr
                if name == ":opt" && !["", "0", "1", "2", "3", "s", "z"].contains(&argument) =>
            {
                return Err(refusal(format!("`{argument}`: the levels are 0, 1, 2, 3, s and z")));
            }
            Command::Evcxr if name == ":last_error_json" => MimeBundle::text(self.last_errors()),
            _ => return self.evcxr(&format!("{name} {argument}"), front_end),
        };
        front_end.show(Output::Value(said));
        Ok(())
    }

    /// Leaves a command to evcxr.
    fn evcxr(&mut self, line: &str, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let line = line.trim();
        match self.context.execute(line) {
            Ok(outputs) => {
                super::show_command_outputs(&outputs, front_end);
                Ok(())
            }
            Err(error) => {
                let compiled = Rewritten::unchanged(line);
                let source = Texts { own: line, compiled: &compiled, types: &[], gone: &self.gone };
                Err(cell_error(error, source))
            }
        }
    }

    /// The last errors as the compiler gave them, which evcxr tells as if it had failed itself.
    fn last_errors(&mut self) -> String {
        match self.context.execute(":last_error_json") {
            Err(evcxr::Error::CompilationErrors(errors)) => {
                let told: Vec<_> = errors.iter().map(evcxr::CompilationError::message).collect();
                told.join("\n")
            }
            _ => String::new(),
        }
    }

    pub(super) fn clear(&mut self) -> Result<(), CellError> {
        self.evcxr(":clear", &mut drop::<Output>)?;
        self.gone.clear();
        self.outdated.clear();
        self.save_outdated()?;
        self.definitions = Default::default();
        self.reads_sources = self.prelude.is_none();
        self.outline = Default::default();
        Added::forget(self.folder.path()).map_err(engine_error)?;
        self.load().map_err(engine_error)?;
        self.prepare_process()
    }

    /// Ends the cells' process; evcxr begins a new one.
    fn restart(&mut self, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        if self.can_have_polars() {
            return self.bring_polars(front_end);
        }
        let lost: Vec<_> = self.variables().into_iter().map(|(name, _)| name).collect();
        let end = Rewritten::unchanged("std::process::exit(0);");
        let (result, _) = self.evaluate(&end, &mut drop::<Output>)?;
        if let Err(error @ evcxr::Error::Message(_)) = result {
            return Err(engine_error(anyhow::anyhow!("{error}")));
        }
        self.process_is_new(&lost);
        self.prepare_process()?;
        let text = match lost.as_slice() {
            [] => "A new process has begun.".to_owned(),
            lost => format!("A new process has begun, without `{}`.", lost.join("`, `")),
        };
        front_end.show(Output::Stdout(format!("{text}\n")));
        Ok(())
    }

    /// Takes note that a process with these variables has ended.
    pub(super) fn process_is_new(&mut self, lost: &[String]) {
        self.gone.extend(lost.iter().map(|name| (name.clone(), Gone::Lost)));
        self.outdated.clear();
        self.is_prepared = false;
    }

    /// Tells a new process of the cells what the user has set.
    pub(super) fn prepare_process(&mut self) -> Result<(), CellError> {
        let mut code = String::new();
        if self.prelude.is_some() {
            code.push_str(super::START);
        }
        for (name, value) in &self.preferences.environment {
            code.push_str(&format!("unsafe {{ ::std::env::set_var({name:?}, {value:?}) }};\n"));
        }
        code.push_str(if self.preferences.backtraces { BACKTRACE_HOOK } else { NO_BACKTRACE });
        // In a block no variable of it is kept.
        let cell = Rewritten::unchanged(&format!("{{ {code} }};"));
        let (result, ending) = self.evaluate(&cell, &mut drop::<Output>)?;
        result.map_err(|error| engine_error(anyhow::anyhow!("{error}")))?;
        self.is_prepared = true;
        ending
    }

    fn table_of_variables(&mut self) -> Result<MimeBundle, CellError> {
        let named = |(name, kind)| Variable { name, kind, found: None };
        let mut variables: Vec<_> = self.variables().into_iter().map(named).collect();
        if !variables.is_empty() {
            let names: Vec<_> = variables.iter().map(|variable| variable.name.as_str()).collect();
            let cell = Rewritten::unchanged(&brief_values(&names));
            let mut printed = String::new();
            let mut take = |output: Output| {
                if let Output::Stdout(text) = output {
                    printed.push_str(&text);
                }
            };
            // Without sizes and values the table is still one.
            let _ = self.evaluate(&cell, &mut take)?;
            Variable::take_in(&mut variables, &printed);
        }
        Ok(table_of(&variables))
    }

    fn type_of(&self, name: &str) -> Result<String, CellError> {
        let variables = self.variables();
        let found = variables.iter().find(|(known, _)| known == name);
        let (name, kind) = found.ok_or_else(|| match name {
            "" => refusal("name a variable, as in `:type x`".to_owned()),
            name => refusal(format!("there is no variable `{name}`; `:vars` lists them")),
        })?;
        Ok(format!("{name}: {}", short_type(kind)))
    }

    fn list_of_crates(&self) -> String {
        let (at_hand, added) = self.crates();
        let mut lines: Vec<_> = added
            .iter()
            .map(|(name, description)| super::crates::described(name, description))
            .collect();
        if !at_hand.is_empty() {
            lines.push(format!("at hand: {}", at_hand.join(", ")));
        }
        if lines.is_empty() { "No crate has been added.".to_owned() } else { lines.join("\n") }
    }

    fn explanation(&self, code: &str) -> Result<MimeBundle, CellError> {
        let code = Some(code).filter(|code| !code.is_empty()).or(self.last_code.as_deref());
        let code = code.ok_or_else(|| {
            refusal("there was no error to explain; name one, as in `:explain E0382`".to_owned())
        })?;
        let output = Process::new(&self.settings.rustc)
            .args(["--explain", code])
            .env("PATH", outer_path())
            .output()
            .map_err(engine_error)?;
        if !output.status.success() {
            return Err(refusal(format!("the compiler knows no error `{code}`")));
        }
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let mut bundle = MimeBundle::text(text.clone());
        // Its examples say how they are to be tested.
        let markdown = text.replace("```compile_fail", "```rust,compile_fail");
        bundle.push("text/markdown".to_owned(), markdown);
        Ok(bundle)
    }

    fn versions(&self) -> String {
        let compiler = self.settings.version.lines().next().unwrap_or_default();
        format!("elbo {}\nevcxr 0.22\n{compiler}", env!("CARGO_PKG_VERSION"))
    }
}

/// Shows what a command answers as a display where the cell has a value of its own.
struct Demoting<'a> {
    front_end: &'a mut dyn FrontEnd,
    has_rust: bool,
}

impl FrontEnd for Demoting<'_> {
    fn show(&mut self, output: Output) {
        self.front_end.show(match output {
            Output::Value(bundle) if self.has_rust => Output::Display { bundle, id: None },
            output => output,
        });
    }

    fn ask(&mut self, question: &Question) -> Answer {
        self.front_end.ask(question)
    }
}

/// What is wrong with a command.
fn refusal(message: String) -> CellError {
    CellError::Returned { message }
}

fn assignment(argument: &str) -> Result<(String, String), CellError> {
    let pair = argument.split_once('=').filter(|(name, _)| !name.trim().is_empty());
    let (name, value) = pair.ok_or_else(|| {
        refusal("name a variable and its value, as in `:env RUST_LOG=debug`".to_owned())
    })?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn is_on(argument: &str, otherwise: bool) -> Result<bool, CellError> {
    match argument {
        "1" | "on" | "true" => Ok(true),
        "0" | "off" | "false" => Ok(false),
        "" => Ok(otherwise),
        other => Err(refusal(format!("`{other}`: say 1 or 0"))),
    }
}

fn shown(is_shown: bool) -> &'static str {
    if is_shown { "shown" } else { "hidden" }
}

fn is_installed(tool: &str) -> bool {
    Process::new(tool).arg("--version").output().is_ok_and(|output| output.status.success())
}
