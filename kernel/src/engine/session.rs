//! One evaluator, one process that runs the cells, and the relay between them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use std::os::unix::process::CommandExt as _;

use anyhow::{Context, Result};
use evcxr::{CommandContext, EvalContext, EvalContextOutputs, EvalOutputs};

use super::assist::{self, Completion};
use super::link::{Link, Remote};
use super::outcome::Outcome;
use super::report::cell_error;
use super::{CellError, FrontEnd, Output, SessionFolder};
use crate::prelude::Template;
use crate::relay::{MimeBundle, RELAY_VARIABLE, Request};

/// What every session begins with. `print!` shows its text at once, as a progress line needs. The
/// `?` tells evcxr that cells may use it; left to find out by a failing build, it would show the
/// value of the first such cell by `Debug` rather than by the value's own display.
const SETUP: &str = "macro_rules! print { ($($text:tt)*) => {{ \
    ::std::print!($($text)*); \
    let _ = ::std::io::Write::flush(&mut ::std::io::stdout()); \
}} }\n\
::std::result::Result::<(), ::std::fmt::Error>::Ok(())?;";

/// How a session is to be set up.
#[derive(Debug, Default)]
pub struct Options {
    /// The prepared model library, or none for plain Rust.
    pub prelude: Option<Template>,
    /// Where the cells' process runs: relative paths in cells start here.
    pub working_folder: Option<PathBuf>,
}

/// A place where cells run one after another and share their variables.
pub struct Session {
    // Fields are dropped in this order: the processes first, the folder last.
    context: CommandContext,
    link: Link,
    busy: Arc<AtomicBool>,
    _folder: SessionFolder,
}

/// Stops the running cell from another thread.
#[derive(Clone)]
pub struct Interrupter {
    remote: Remote,
    busy: Arc<AtomicBool>,
}

impl Interrupter {
    /// Asks the cell to stop; a training loop then ends early and keeps its result. The second
    /// time the cell is not asked, and all variables are lost. Does nothing between cells.
    ///
    /// # Errors
    /// When the relay cannot be reached.
    pub fn interrupt(&self) -> std::io::Result<()> {
        if self.busy.load(Ordering::SeqCst) { self.remote.send(Request::Interrupt) } else { Ok(()) }
    }
}

impl Session {
    /// Starts the processes and loads the prelude.
    ///
    /// # Errors
    /// When a process cannot be started or the prelude does not load.
    pub fn start(folder: SessionFolder, mut options: Options) -> Result<Self> {
        if let Some(template) = &mut options.prelude {
            template.copy_into(folder.path())?;
        }
        let socket = folder.path().join("relay.sock");
        let mut link = Link::listen(&socket).with_context(|| {
            format!(
                "cannot listen at {}; if the path is too long for a socket, set ELBO_CACHE to a \
                 shorter one",
                socket.display()
            )
        })?;
        let command = relay_command(&socket, options.working_folder.as_deref())?;
        let started =
            link.pump_while(|| EvalContext::with_subprocess_command(command), &mut |_| {})?;
        let (context, outputs) = started.context("the evaluator did not start")?;
        drain(outputs);
        let context = CommandContext::with_eval_context(context);
        let mut session = Self { context, link, busy: Arc::default(), _folder: folder };
        session.load(options.prelude.as_ref())?;
        Ok(session)
    }

    fn load(&mut self, prelude: Option<&Template>) -> Result<()> {
        // The linker decides compiler flags, and those decide whether the template fits.
        let mut setup = String::from(":linker system\n");
        if let Some(template) = prelude {
            // The evaluator's own first cell had no dependencies and emptied the lock file.
            template.copy_lock(self._folder.path())?;
            setup.push_str(&template.setup_code()?);
        }
        setup.push_str(SETUP);
        self.execute(&setup, &mut drop::<Output>).map_err(|error| {
            anyhow::anyhow!("the prelude does not load:\n{}", error.traceback(false))
        })
    }

    /// Runs one cell and passes on its outputs as they come.
    ///
    /// # Errors
    /// When the cell does not compile, panics, returns an error with `?`, or ends the process.
    pub fn execute(&mut self, code: &str, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let mut outcome = Outcome::default();
        let context = &mut self.context;
        // A relay that is gone cannot be told; the cell itself will report it.
        let _ = self.link.remote().send(Request::Begin);
        self.busy.store(true, Ordering::SeqCst);
        let result = self.link.pump_while(|| context.execute(code), &mut |event| match event {
            Some(event) => outcome.take(event, front_end),
            None => outcome.pause(front_end),
        });
        self.busy.store(false, Ordering::SeqCst);
        let ending = outcome.finish(front_end);
        let result = result.map_err(|error| CellError::Engine { message: error.to_string() })?;
        match result {
            Ok(outputs) => {
                show_command_outputs(&outputs, front_end);
                ending.map_err(|error| self.locate(error, code))
            }
            Err(error) => Err(cell_error(error, code)),
        }
    }

    /// Says where in the cell a panic happened, rather than where in the generated file.
    fn locate(&self, error: CellError, code: &str) -> CellError {
        let CellError::Panic { message, place: Some(place) } = error else { return error };
        let generated = self.context.last_source().unwrap_or_default();
        let place = assist::place_in_cell(&place, &generated, code).unwrap_or(place);
        CellError::Panic { message, place: Some(place) }
    }

    /// What could stand at a place in the code, given in bytes.
    pub fn complete(&mut self, code: &str, position: usize) -> Option<Completion> {
        let found = self.context.completions(code, position).ok()?;
        Some(Completion {
            start: found.start_offset,
            end: found.end_offset,
            matches: found.completions.into_iter().map(|item| item.code).collect(),
        })
    }

    /// What is known about the name that ends at a place in the code, as text and as HTML.
    pub fn document(&mut self, code: &str, position: usize) -> Option<(String, String)> {
        let found = self.context.hover_at(code, position).ok()?;
        (found.0 != "No documentation found").then_some(found)
    }

    /// The way to stop a running cell.
    pub fn interrupter(&self) -> Interrupter {
        Interrupter { remote: self.link.remote(), busy: Arc::clone(&self.busy) }
    }
}

/// Where the system looks for dynamic libraries.
const LIBRARY_PATH_VARIABLE: &str =
    if cfg!(target_os = "macos") { "DYLD_FALLBACK_LIBRARY_PATH" } else { "LD_LIBRARY_PATH" };

/// The library path with the folder of Rust's standard library, which all cells share. They name it
/// relative to the folder they are compiled in, and cargo then moves them one folder up: below the
/// home folder, where the toolchain is too, the name no longer fits.
fn library_path() -> Result<OsString> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir"])
        .output()
        .context("rustc does not start; install Rust, or put it on the PATH")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    let given = std::env::var_os(LIBRARY_PATH_VARIABLE).unwrap_or_default();
    let folders = std::env::split_paths(&given).filter(|path| !path.as_os_str().is_empty());
    Ok(std::env::join_paths(std::iter::once(folder).chain(folders))?)
}

/// Starts this program as the relay, in a process group of its own so that a terminal's Ctrl-C
/// reaches only the engine.
fn relay_command(socket: &Path, working_folder: Option<&Path>) -> Result<Command> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .env(RELAY_VARIABLE, socket)
        .env(LIBRARY_PATH_VARIABLE, library_path()?)
        .process_group(0);
    if let Some(folder) = working_folder {
        command.current_dir(folder);
    }
    Ok(command)
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
