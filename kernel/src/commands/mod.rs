//! The command line.

mod assist;
mod doctor;
mod install;
mod prepare;
mod repl;
mod run;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Parser, Subcommand};

use crate::notebook::Parameter;

/// Latent-variable models in Rust notebooks.
///
/// Notebooks run in Jupyter, VS Code or any other front end after `elbo install`, and without one
/// by `elbo run`. Cells can use `elbo`, `ndarray`, `polars` and `rand` without further ado.
#[derive(Debug, Parser)]
#[command(name = "elbo", version, after_help = ENVIRONMENT)]
pub struct Cli {
    #[command(subcommand)]
    command: Action,
}

const ENVIRONMENT: &str = "Environment:
  ELBO_CACHE     where compiled code is kept (else the user's cache folder)
  ELBO_SOURCE    the folder of the package `elbo` (else where this program was built)
  ELBO_FEATURES  set to `cuda` to run models on an NVIDIA GPU
  ELBO_DATA      the folder with the data that notebooks read
  ELBO_PICTURES  how `elbo repl` shows pictures: `kitty`, `iterm`, `sixel` or `blocks` (else found
                 out)";

#[derive(Debug, Subcommand)]
enum Action {
    /// Run all cells of notebooks and keep their outputs.
    ///
    /// Stops at the first cell that fails, unless it is tagged `raises-exception`. What was shown
    /// until then is written all the same. The exit code is 0 if no cell failed that may not.
    Run(RunArgs),
    /// Try things out in the terminal, cell by cell.
    ///
    /// Shows pictures in terminals that can (kitty, iTerm2, sixel), and coarsely in all others.
    /// Input that does not come from a terminal is run cell by cell up to the first error.
    Repl(ReplArgs),
    /// Make the kernel known to Jupyter and compile the models.
    Install(InstallArgs),
    /// Compile all that cells can use, before a session needs it.
    ///
    /// The models come first, so that sessions can begin; then polars and what works with its data
    /// frames. Nothing is compiled that is there already.
    Prepare,
    /// Serve a notebook; Jupyter calls this.
    Kernel(KernelArgs),
    /// Answer questions about sources; sessions call this.
    #[command(hide = true)]
    Assist(AssistArgs),
    /// Look whether all that cells need is there, and say how to mend what is not.
    ///
    /// The exit code is 0 if cells can run, also if something else is to be mended.
    Doctor(DoctorArgs),
}

/// What `elbo run` takes.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The notebooks (.ipynb). Each runs in a session of its own.
    #[arg(required = true, value_name = "NOTEBOOK")]
    notebooks: Vec<PathBuf>,
    /// Where to write the notebook with its outputs; a folder if there are several notebooks.
    /// Without this and without --html, the notebook itself is updated.
    #[arg(short, long, value_name = "OUT.ipynb")]
    output: Option<PathBuf>,
    /// Where to write the notebook as a web page that needs nothing else; a folder if there are
    /// several notebooks.
    #[arg(long, value_name = "PAGE.html")]
    html: Option<PathBuf>,
    /// Replace a value of the cell tagged `parameters`; may be repeated.
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    params: Vec<Parameter>,
    /// Write nothing, and fail if a cell shows something else than what the notebook has stored.
    ///
    /// Texts are compared: what cells print, the plain text of displays and values, and the names
    /// of errors. Numbers with a fraction or an exponent may differ a little (see --tolerance),
    /// everything else must be the same up to white space at the end of lines. A cell tagged
    /// `nocheck` runs, but is not compared.
    #[arg(long, conflicts_with_all = ["output", "html"])]
    check: bool,
    /// By what share of the stored number a number may differ in a check [default: 1e-6]. A
    /// billionth is allowed on top, for zeros.
    #[arg(long, value_name = "SHARE", requires = "check", value_parser = tolerance)]
    tolerance: Option<f64>,
    /// How long a cell may take, its compilation included.
    ///
    /// It is then asked to stop, and after another 5 seconds it is made to; it has failed in any
    /// case.
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    timeout: Option<Duration>,
    /// Run the cells after a failed one too.
    ///
    /// The exit code still says that a cell failed (with --check: that an output differs). A cell
    /// tagged `raises-exception` may fail with or without this option.
    #[arg(long)]
    allow_errors: bool,
    /// How many of several notebooks run at once.
    #[arg(short, long, value_name = "N", default_value = "1")]
    jobs: NonZeroUsize,
    /// Plain Rust, without the model library.
    #[arg(long, hide = true)]
    no_prelude: bool,
    /// Where to tell another process how it went.
    #[arg(long, hide = true, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// Jupyter's rule for the names of kernels.
fn kernel_name(name: &str) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    match !name.is_empty() && name.chars().all(fits) {
        true => Ok(name.to_owned()),
        false => Err("a kernel's name has letters, digits, `.`, `_` and `-` only".to_owned()),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = parts.ok_or_else(|| format!("{text:?} is not NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().and_then(|number| Duration::try_from_secs_f64(number).ok());
    let advice = || format!("{text:?} is no number of seconds above zero");
    seconds.filter(|duration| !duration.is_zero()).ok_or_else(advice)
}

fn tolerance(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share: &f64| share.is_finite() && *share >= 0.0);
    share.ok_or_else(|| format!("{text:?} is no share, such as 1e-6 or 0.01"))
}

/// What `elbo repl` takes.
#[derive(Debug, Args)]
pub struct ReplArgs {
    /// Plain Rust, without the model library.
    #[arg(long, hide = true)]
    no_prelude: bool,
}

/// What `elbo install` takes.
#[derive(Debug, Args)]
pub struct InstallArgs {
    /// For this user (the default).
    #[arg(long, conflicts_with_all = ["prefix", "sys_prefix"])]
    user: bool,
    /// Below this folder, for instance a Python environment.
    #[arg(long, value_name = "FOLDER", conflicts_with = "sys_prefix")]
    prefix: Option<PathBuf>,
    /// In the Python environment that is active, or else that of `python3`.
    #[arg(long)]
    sys_prefix: bool,
    /// The name by which notebooks ask for the kernel. With another one, several can stand side by
    /// side, each with an environment of its own.
    #[arg(long, default_value = crate::KERNEL_NAME, value_parser = kernel_name)]
    name: String,
    /// The name that people see.
    #[arg(long, value_name = "TEXT", default_value = crate::DISPLAY_NAME)]
    display_name: String,
    /// A variable for the kernel and its cells; may be repeated. What ELBO_CACHE, ELBO_DATA and the
    /// like say now is written down in any case.
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Do not compile the models now but when the first notebook starts.
    #[arg(long)]
    no_build: bool,
    /// A kernel for plain Rust, without the model library.
    #[arg(long, hide = true)]
    no_prelude: bool,
}

/// What `elbo kernel` takes.
#[derive(Debug, Args)]
pub struct KernelArgs {
    /// The file in which Jupyter says where it can be reached.
    #[arg(long, value_name = "FILE")]
    connection_file: PathBuf,
    /// Plain Rust, without the model library.
    #[arg(long, hide = true)]
    no_prelude: bool,
}

/// What `elbo assist` takes.
#[derive(Debug, Args)]
pub struct AssistArgs {
    /// The folder of the session.
    #[arg(long, value_name = "FOLDER")]
    session: PathBuf,
    /// With polars.
    #[arg(long)]
    whole: bool,
    /// Plain Rust, without the model library.
    #[arg(long)]
    no_prelude: bool,
}

/// What `elbo doctor` takes.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    /// Remove what killed sessions left behind, and preludes that nobody has used for two weeks.
    #[arg(long)]
    clean: bool,
}

impl Cli {
    /// Does what the command line asks for.
    ///
    /// # Errors
    /// With advice, when it cannot be done.
    pub fn run(&self) -> Result<ExitCode> {
        match &self.command {
            Action::Run(args) => run::run(args),
            Action::Repl(args) => repl::repl(args),
            Action::Install(args) => install::install(args).map(|()| ExitCode::SUCCESS),
            Action::Prepare => prepare::prepare().map(|()| ExitCode::SUCCESS),
            Action::Doctor(args) => doctor::run(args),
            Action::Assist(args) => assist::assist(args).map(|()| ExitCode::SUCCESS),
            Action::Kernel(args) => crate::jupyter::serve(&args.connection_file, !args.no_prelude),
        }
    }
}
