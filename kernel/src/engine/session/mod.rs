//! One evaluator, one process that runs the cells, and the relay between them.

mod assistance;
mod command_lines;
mod crates;
mod outdated;
mod polars;
mod warnings;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use evcxr::{CommandContext, Error, EvalContext, EvalContextOutputs, EvalOutputs};

use super::assist;
use super::assistant::Outline;
use super::brackets::{Brackets, brackets};
use super::commands::{self, Head};
use super::definitions::{Definitions, named_in_macros};
use super::link::Link;
use super::outcome::Outcome;
use super::report::{
    Gone, OVERFLOW, Texts, cell_error, has_unknown_type, syntax_error, too_deep,
    variables_that_borrow,
};
use super::rewrite::{Found, Rewritten, Style, defines_untyped, rewritten, statements, with_types};
use super::stop::Interrupter;
use super::{Answer, CellError, FrontEnd, Output, Question, SessionFolder, standard_library};
use crate::cells::{LIBRARY_PATH_VARIABLE, USERS_LIBRARY_PATH_VARIABLE};
use crate::compiler::{self, Added};
use crate::prelude::{IMPORTS, Prelude, Rest, Tools, plain_settings};
use crate::relay::{Event, MimeBundle, RELAY_VARIABLE, Request};

/// What every session begins with. `print!` shows its text at once, as a progress line needs.
/// `in_cell_only!` hides from evcxr the variables that cannot outlive their cell. The
/// `?` tells evcxr that cells may use it; left to find out by a failing build, it would show the
/// value of the first such cell by `Debug` rather than by the value's own display.
const SETUP: &str = "macro_rules! print { ($($text:tt)*) => {{ \
    ::std::print!($($text)*); \
    let _ = ::std::io::Write::flush(&mut ::std::io::stdout()); \
}} }\n\
macro_rules! in_cell_only { ($($code:tt)*) => { $($code)* } }\n\
::std::result::Result::<(), ::std::fmt::Error>::Ok(())?;";
/// What the library wants to do at the start of a process.
const START: &str = "elbo::notebook::start();";

/// How a session is to be set up.
#[derive(Debug)]
pub struct Options {
    /// The prepared model library, or none for plain Rust.
    pub prelude: Option<Prelude>,
    /// Where the cells' process runs: relative paths in cells start here.
    pub working_folder: Option<PathBuf>,
    /// Whether what the library lacks is compiled while the session is used.
    pub compiles_rest: bool,
    /// Whether the session is for cells, and not for questions about the sources alone.
    pub runs_cells: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { prelude: None, working_folder: None, compiles_rest: false, runs_cells: true }
    }
}

/// How long nothing comes before what is held back is shown, while no cell runs.
const IDLE: Duration = Duration::from_millis(250);
/// The same while a cell runs.
const PAUSE: Duration = Duration::from_millis(30);

/// What the standard library writes when a thread's stack is full, before it aborts.
const STACK_OVERFLOW: &str = "has overflowed its stack";

/// The code of the error that a variable refers to what is gone at the end of its statement, if it
/// is to be kept.
const TEMPORARY: &str = "E0716";

/// The call with which evcxr keeps a variable.
const KEEPS_VARIABLE: &str = "put_variable";

/// What evcxr says of a cell that it has compiled and run, and how the relay saw it end.
type Evaluated = (Result<EvalOutputs, Error>, Result<(), CellError>);

/// A place where cells run one after another and share their variables.
pub struct Session {
    // Fields are dropped in this order: the processes first, the folder last.
    context: CommandContext,
    link: Link,
    interrupter: Interrupter,
    /// Whether rust-analyzer has read the sources of the model and the standard library.
    reads_sources: bool,
    /// Answers questions about the sources.
    assistance: assistance::Assistance,
    /// What the cells have defined, as they were written.
    outline: Outline,
    /// Variables that are no longer there.
    gone: BTreeMap<String, Gone>,
    /// Variables whose types have been defined anew: evcxr still lists them.
    outdated: BTreeSet<String>,
    /// What cells have defined.
    definitions: Definitions,
    preferences: Preferences,
    /// The code of the last error that the compiler has told.
    last_code: Option<String>,
    /// What the last cell has kept although it failed, if the library's store knows.
    kept: Option<Vec<String>>,
    /// Variables that the store has found changed or missing, and nobody has been told of.
    changed: Vec<String>,
    /// Whether the last cell has called itself too often.
    has_overflowed: bool,
    /// Whether the cells' process has been told what the user has set.
    is_prepared: bool,
    settings: compiler::Settings,
    working_folder: Option<PathBuf>,
    prelude: Option<Prelude>,
    compiles_rest: bool,
    /// Whether a cell has run since the session began.
    has_run: bool,
    /// Compiles what the prelude lacks.
    rest: Option<Rest>,
    folder: SessionFolder,
}

/// What the user has set by commands.
#[derive(Default)]
struct Preferences {
    /// How values are shown.
    style: Style,
    /// Whether every cell's time is shown.
    shows_times: bool,
    /// Whether cargo must do without the network.
    is_offline: bool,
    /// Whether panics tell how they came about.
    backtraces: bool,
    /// For the cells' process and for lines of the shell.
    environment: Vec<(String, String)>,
    /// For the compiler.
    build_environment: Vec<(String, String)>,
}

impl Session {
    /// Starts the processes and loads the prelude.
    ///
    /// # Errors
    /// When a process cannot be started or the prelude does not load.
    pub fn start(folder: SessionFolder, options: Options) -> Result<Self> {
        let (tools, settings) = match &options.prelude {
            Some(prelude) => (prelude.tools.clone(), prelude.settings()?),
            None => {
                let tools = Tools::find()?;
                let settings = plain_settings(&tools, None)?;
                (tools, settings)
            }
        };
        settings.save(folder.path())?;
        // Without a prelude there is little to read, and no other source of types.
        let reads_sources = options.prelude.is_none();
        match reads_sources {
            true => standard_library::select(folder.path(), &tools.sources())?,
            false => standard_library::leave_out(folder.path())?,
        }
        let socket = folder.path().join("relay.sock");
        let mut link = Link::listen(&socket).with_context(|| {
            format!(
                "cannot listen at {}; if the path is too long for a socket, set ELBO_CACHE to a \
                 shorter one",
                socket.display()
            )
        })?;
        let mut command = relay_command(&socket, options.working_folder.as_deref())?;
        let own = options.prelude.as_ref().map(|prelude| polars::link(folder.path(), prelude));
        command.env(LIBRARY_PATH_VARIABLE, library_path(own.transpose()?, &tools)?);
        // What cells start is to find the user's own.
        let users = std::env::var_os(LIBRARY_PATH_VARIABLE).unwrap_or_default();
        command.env(USERS_LIBRARY_PATH_VARIABLE, users);
        let started =
            link.pump_while(|| EvalContext::with_subprocess_command(command), PAUSE, &mut |_| {})?;
        let (context, outputs) = started.context("the evaluator did not start")?;
        drain(outputs);
        let interrupter = Interrupter::new(link.remote(), folder.path().to_owned());
        let context = CommandContext::with_eval_context(context);
        let mut session = Self {
            context,
            link,
            interrupter,
            reads_sources,
            assistance: assistance::Assistance::default(),
            outline: Outline::default(),
            gone: BTreeMap::new(),
            outdated: BTreeSet::new(),
            definitions: Definitions::default(),
            preferences: Preferences::default(),
            last_code: None,
            kept: None,
            changed: Vec::new(),
            has_overflowed: false,
            is_prepared: true,
            settings,
            working_folder: options.working_folder,
            prelude: options.prelude,
            compiles_rest: options.compiles_rest,
            has_run: false,
            rest: None,
            folder,
        };
        if options.runs_cells {
            session.load()?;
        }
        Ok(session)
    }

    fn load(&mut self) -> Result<()> {
        let (imports, start) = self.prelude.as_ref().map_or(("", ""), |_| (IMPORTS, START));
        let setup = Rewritten::unchanged(&format!(":linker system\n{imports}{SETUP}\n{start}"));
        let evaluated = self.evaluate(&setup, &mut drop::<Output>).map_err(plain);
        let (result, ending) = evaluated.context("the prelude does not load")?;
        result
            .map_err(|error| anyhow::anyhow!("{error}"))
            .and_then(|_| ending.map_err(plain))
            .context("the prelude does not load")
    }

    /// Runs one cell and passes on its outputs as they come.
    ///
    /// # Errors
    /// When the cell does not compile, panics, returns an error with `?`, or ends the process.
    pub fn execute(&mut self, code: &str, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let variables = self.variables();
        compiler::begin(self.folder.path()).map_err(engine_error)?;
        self.interrupter.begin();
        let ending = self.execute_whole(code, front_end);
        let was_killed = self.interrupter.has_killed();
        let was_stopped = self.interrupter.end();
        self.begin_rest();
        match ending {
            Err(CellError::Crashed { mut what, .. }) => {
                if was_killed {
                    what = "the cell was interrupted".to_owned();
                } else if self.has_overflowed {
                    what = OVERFLOW.to_owned();
                }
                let lost: Vec<_> = variables.into_iter().map(|(name, _)| name).collect();
                self.process_is_new(&lost);
                Err(CellError::Crashed { what, lost })
            }
            Err(CellError::Compile { .. }) if was_stopped => Err(CellError::Interrupted),
            ending => ending,
        }
    }

    /// Obeys the commands at the head of a cell, then runs its Rust.
    fn execute_whole(&mut self, code: &str, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let Head { lines, rust } = commands::split(code);
        let mut is_timed = self.preferences.shows_times;
        if !self.is_prepared {
            self.prepare_process()?;
        }
        self.bring_polars_for(code, front_end)?;
        self.refresh_crates(front_end)?;
        let rust = self.obey(code, lines, rust, &mut is_timed, front_end)?;
        if is_blank(&rust) {
            return Ok(());
        }
        if brackets(&rust) == Brackets::Deep {
            return Err(too_deep());
        }
        if statements(&rust).is_none() {
            self.refuse_what_is_no_rust(&rust)?;
        }
        let begun = Instant::now();
        let before = self.variables();
        let changed = self.definitions.changed_by(&rust);
        let outdated = self.outdate(&changed)?;
        let ending = self.execute_typed(&rust, front_end);
        self.has_run |= !matches!(ending, Err(CellError::Compile { .. }));
        if matches!(ending, Err(CellError::Compile { .. })) {
            // Nothing has been defined anew.
            self.restore(&outdated)?;
        } else {
            self.definitions.take_in(&rust);
            self.outline.take_in(&rust);
            for (name, of) in named_in_macros(&rust) {
                self.gone.entry(name).or_insert(Gone::OfMacro(of));
            }
            self.show_notes(&rust, front_end);
            self.tell_outdated(&outdated, front_end);
            self.forget_outdated(&rust, front_end)?;
        }
        if matches!(ending, Err(CellError::Returned { .. } | CellError::Panic { .. })) {
            self.settle_unfinished(&rust, &before, front_end)?;
        }
        if let Err(CellError::Compile { summary, .. }) = &ending {
            let code = summary.rsplit_once(" [").and_then(|(_, code)| code.strip_suffix(']'));
            self.last_code = code.map(str::to_owned);
        }
        self.show_warnings(&rust, front_end);
        if is_timed {
            front_end.show(Output::Stderr(format!("{:.2} s\n", begun.elapsed().as_secs_f64())));
        }
        ending
    }

    /// Waits for work, and passes on meanwhile what threads of earlier cells have to show.
    ///
    /// # Errors
    /// When the relay cannot be read.
    pub fn wait_for<T: Send>(
        &mut self,
        work: impl FnOnce() -> T + Send,
        front_end: &mut dyn FrontEnd,
    ) -> std::io::Result<T> {
        let mut outcome = Outcome::default();
        let remote = self.link.remote();
        let came = self.link.pump_while(work, IDLE, &mut |event| {
            let Some(event) = event else { return outcome.pause(front_end) };
            if matches!(event, Event::Ask { .. }) {
                // Without a cell there is no user to ask. A relay that is gone needs no answer.
                let _ = remote.send(&Request::Answer(Answer::Nobody));
            }
            outcome.take(event, front_end);
        });
        // How an earlier cell has ended has been told.
        let _ = outcome.finish(front_end);
        came
    }

    /// evcxr would leave out what it does not understand, and run the rest.
    fn refuse_what_is_no_rust(&self, rust: &str) -> Result<(), CellError> {
        // A missing semicolon is added.
        if rewritten(rust, Some(&Style::default())) != Rewritten::unchanged(rust) {
            return Ok(());
        }
        let errors = compiler::syntax_errors(self.folder.path(), &self.settings, rust);
        match errors.map_err(engine_error)?.as_slice() {
            [] => Ok(()),
            errors => Err(syntax_error(rust, errors)),
        }
    }

    /// Runs the cell, if need be in another way: with types that rust-analyzer did not know, or
    /// without keeping what cannot be kept. What does not compile has not run.
    fn execute_typed(&mut self, code: &str, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let written = rewritten(code, self.prelude.as_ref().map(|_| &self.preferences.style));
        let before = self.variables();
        let mut borrowing = Vec::new();
        let mut cell = match self.reads_sources {
            true => None,
            false => self.typed(&written, &borrowing, &[]),
        };
        let mut renamed = Added::load(self.folder.path()).renamed();
        loop {
            let compiled = cell.as_ref().unwrap_or(&written);
            let (result, ending) = self.evaluate(compiled, front_end)?;
            let error = match result {
                Ok(outputs) => {
                    show_command_outputs(&outputs, front_end);
                    return ending.map_err(|error| self.locate(error, &compiled.text));
                }
                Err(error) => error,
            };
            let borrows = match &error {
                Error::CompilationErrors(errors) => {
                    let mut found = variables_that_borrow(errors);
                    if errors.iter().any(|error| error.code() == Some(TEMPORARY)) {
                        found.extend(written_references(&written));
                    }
                    found
                }
                _ => Vec::new(),
            };
            let other = if borrows.iter().any(|name| !borrowing.contains(name)) {
                borrowing.extend(borrows);
                self.typed(&written, &borrowing, &[])
            } else if is_about_types(&error) {
                self.typed(&written, &borrowing, &[])
            } else if cell.is_some() && names_a_crate(&error, &renamed) {
                // The compiler speaks of a crate by its own name.
                self.typed(&written, &borrowing, &std::mem::take(&mut renamed))
            } else {
                None
            };
            if other.is_none() || other == cell {
                // What evcxr has forgotten on the way is not there to be found.
                for name in self.changed.drain(..) {
                    let kind = before.iter().find(|(known, _)| *known == name);
                    let kind = kind.map(|(_, kind)| kind.clone()).unwrap_or_default();
                    self.gone.entry(name).or_insert(Gone::Outdated(kind));
                }
                let types = compiler::known_types(self.folder.path());
                let compiled = cell.as_ref().unwrap_or(&written);
                let source = Texts { own: code, compiled, types: &types, gone: &self.gone };
                return Err(cell_error(error, source));
            }
            cell = other;
        }
    }

    /// The cell with the types that the compiler knows, if it knows any. Variables whose types have
    /// no name, and those said to borrow, are not to be kept.
    /// Crates are called by other names where the user has renamed them.
    fn typed(
        &mut self,
        cell: &Rewritten,
        borrowing: &[String],
        renamed: &[(String, String)],
    ) -> Option<Rewritten> {
        if borrowing.is_empty() && !defines_untyped(cell) {
            return None;
        }
        self.context.check(&cell.text).ok()?;
        let mut types = compiler::known_types(self.folder.path());
        for (_, kind) in &mut types {
            for (name, new) in renamed {
                *kind = compiler::with_renamed_crate(kind, name, new);
            }
        }
        let can_be_kept = |(name, kind): &(String, String)| {
            compiler::has_a_name(kind) && !borrowing.contains(name)
        };
        let (types, mut others): (Vec<_>, Vec<_>) = types.into_iter().partition(can_be_kept);
        // What an earlier cell has kept evcxr wants back: such a name cannot be hidden.
        let kept = self.variables();
        others.retain(|(name, _)| !kept.iter().any(|(known, _)| known == name));
        let mut in_cell_only: Vec<_> = others.iter().map(|(name, _)| name.clone()).collect();
        // Of those with a type that is written out the compiler was not asked.
        let borrowed =
            borrowing.iter().filter(|name| !kept.iter().any(|(known, _)| known == *name));
        in_cell_only.extend(borrowed.cloned());
        for own in
            statements(&cell.text).map(|own| compiler::defined_variables(&own)).unwrap_or_default()
        {
            let (Some(kind), [(name, _)]) = (own.written, own.variables.as_slice()) else {
                continue;
            };
            if borrowing.contains(name) {
                self.gone.insert(name.clone(), Gone::InCellOnly(kind));
            }
        }
        self.gone.extend(others.into_iter().map(|(name, kind)| (name, Gone::InCellOnly(kind))));
        with_types(cell, &Found { types: &types, in_cell_only: &in_cell_only })
    }

    /// Has evcxr compile and run a cell. Returns what evcxr says of it and how it ended.
    fn evaluate(
        &mut self,
        cell: &Rewritten,
        front_end: &mut dyn FrontEnd,
    ) -> Result<Evaluated, CellError> {
        let mut outcome = Outcome::default();
        let (mut kept, mut changed, mut has_overflowed) = (None, Vec::new(), false);
        let known: Vec<_> = self.variables().into_iter().map(|(name, _)| name).collect();
        let context = &mut self.context;
        let (remote, interrupter) = (self.link.remote(), &self.interrupter);
        // A relay that is gone cannot be told; the cell itself will report it.
        let _ = remote.send(&Request::Begin);
        let result = self.link.pump_while(|| context.execute(&cell.text), PAUSE, &mut |event| {
            if let Some(warning) = interrupter.warning(&known) {
                front_end.show(Output::Stderr(warning));
            }
            let Some(event) = event else { return outcome.pause(front_end) };
            match &event {
                Event::Failed { kept: names, .. } => kept.clone_from(names),
                Event::Changed(name) => changed.push(name.clone()),
                Event::Stderr(text) => has_overflowed |= text.contains(STACK_OVERFLOW),
                _ => {}
            }
            let question = question(&event);
            outcome.take(event, front_end);
            if let Some(question) = question {
                let _ = remote.send(&Request::Answer(front_end.ask(&question)));
            }
        });
        self.kept = kept;
        self.changed.extend(changed);
        self.has_overflowed = has_overflowed;
        let ending = outcome.finish(front_end);
        let result = result.map_err(|error| CellError::Engine { message: error.to_string() })?;
        Ok((result, ending))
    }

    /// The variables and their types, by name.
    pub fn variables(&self) -> Vec<(String, String)> {
        let own = |(name, kind): (&str, &str)| (name.to_owned(), kind.to_owned());
        let there = |(name, _): &(&str, &str)| !self.outdated.contains(*name);
        let variables = self.context.variables_and_types().filter(there);
        let mut variables: Vec<_> = variables.map(own).collect();
        variables.sort();
        variables
    }

    /// Says where in the cell a panic happened, rather than where in the generated file.
    fn locate(&self, error: CellError, code: &str) -> CellError {
        let CellError::Panic { message, place: Some(place) } = error else { return error };
        let generated = self.context.last_source().unwrap_or_default();
        let place = assist::place_in_cell(&place, &generated, code).unwrap_or(place);
        CellError::Panic { message, place: Some(place) }
    }

    /// The way to stop a running cell.
    pub fn interrupter(&self) -> Interrupter {
        self.interrupter.clone()
    }
}

/// A fault of this program or its surroundings.
fn engine_error(error: impl Into<anyhow::Error>) -> CellError {
    CellError::Engine { message: format!("{:#}", error.into()) }
}

/// Whether there is no Rust in a text, comments aside.
fn is_blank(rust: &str) -> bool {
    rust.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with("//"))
}

/// An error in a cell that the user has not written.
fn plain(error: CellError) -> anyhow::Error {
    anyhow::anyhow!(error.traceback(false))
}

/// Whether a cell failed because rust-analyzer does not know a variable's type, or is wrong about
/// it: then the compiler refuses the code with which evcxr keeps the variable.
fn is_about_types(error: &Error) -> bool {
    match error {
        Error::Message(message) => has_unknown_type(message),
        Error::CompilationErrors(errors) => errors
            .iter()
            .any(|error| !error.is_from_user_code() && error.rendered().contains(KEEPS_VARIABLE)),
        _ => false,
    }
}

/// The variables that a cell says to be references.
fn written_references(cell: &Rewritten) -> Vec<String> {
    let statements = statements(&cell.text).unwrap_or_default();
    let defined = compiler::defined_variables(&statements).into_iter();
    let references =
        defined.filter(|own| own.written.as_ref().is_some_and(|kind| kind.starts_with('&')));
    references.flat_map(|own| own.variables).map(|(name, _)| name).collect()
}

/// Whether an error names a crate that code knows by another name.
fn names_a_crate(error: &Error, renamed: &[(String, String)]) -> bool {
    let Error::CompilationErrors(errors) = error else { return false };
    let named = |message: &str| renamed.iter().any(|(name, _)| message.contains(name.as_str()));
    errors.iter().any(|error| named(&error.rendered()))
}

/// The library path with the folders of the prelude and of Rust's standard library, which all cells
/// share.
fn library_path(prelude: Option<PathBuf>, tools: &Tools) -> Result<OsString> {
    let given = std::env::var_os(LIBRARY_PATH_VARIABLE).unwrap_or_default();
    let given = std::env::split_paths(&given).filter(|path| !path.as_os_str().is_empty());
    let own = prelude.into_iter().chain([tools.libraries.clone()]);
    Ok(std::env::join_paths(own.chain(given))?)
}

/// Starts this program as the relay, in a process group of its own so that a terminal's Ctrl-C
/// reaches only the engine.
fn relay_command(socket: &Path, working_folder: Option<&Path>) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    // Cells are not to know what is meant for this program alone.
    command.env(RELAY_VARIABLE, socket).env_remove(standard_library::VARIABLE).process_group(0);
    if let Some(folder) = working_folder {
        command.current_dir(folder);
    }
    Ok(command)
}

/// What the cell asks, if it asks.
fn question(event: &Event) -> Option<Question> {
    let Event::Ask { prompt, is_password } = event else { return None };
    Some(Question { prompt: prompt.clone(), is_password: *is_password })
}

/// Passes on what the relay itself has to say; the cells' output does not come this way.
fn drain(outputs: EvalContextOutputs) {
    std::thread::spawn(move || outputs.stdout.iter().for_each(drop));
    std::thread::spawn(move || outputs.stderr.iter().for_each(|line| eprintln!("{line}")));
}

/// Shows what lines like `:vars` answer.
fn show_command_outputs(outputs: &EvalOutputs, front_end: &mut dyn FrontEnd) {
    let mut bundle = MimeBundle::default();
    for mime in ["text/plain", "text/html"] {
        if let Some(content) = outputs.get(mime) {
            bundle.push(mime.to_owned(), content.to_owned());
        }
    }
    if !bundle.is_empty() {
        front_end.show(Output::Value(bundle));
    }
}
