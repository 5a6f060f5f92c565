//! The command line.

mod install;
mod progress;
mod repl;
mod run;

use std::path::PathBuf;
use std::process::ExitCode;

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
  ELBO_PICTURES  how `elbo repl` shows pictures: `kitty`, `iterm`, `sixel` or `blocks` (else found
                 out)";

#[derive(Debug, Subcommand)]
enum Action {
    /// Run all cells of a notebook and keep their outputs.
    ///
    /// Stops at the first cell that fails. What was shown until then is written all the same.
    Run(RunArgs),
    /// Try things out in the terminal, cell by cell.
    ///
    /// Shows pictures in terminals that can (kitty, iTerm2, sixel), and coarsely in all others.
    /// Input that does not come from a terminal is run cell by cell up to the first error.
    Repl(ReplArgs),
    /// Make the kernel known to Jupyter and compile the prelude.
    Install(InstallArgs),
    /// Serve a notebook; Jupyter calls this.
    Kernel(KernelArgs),
}

/// What `elbo run` takes.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The notebook (.ipynb).
    notebook: PathBuf,
    /// Where to write the notebook with its outputs. Without this and without --html, the
    /// notebook itself is updated.
    #[arg(short, long, value_name = "OUT.ipynb")]
    output: Option<PathBuf>,
    /// Where to write the notebook as a web page that needs nothing else.
    #[arg(long, value_name = "PAGE.html")]
    html: Option<PathBuf>,
    /// Replace a value of the cell tagged `parameters`; may be repeated.
    #[arg(short, long = "param", value_name = "NAME=VALUE")]
    params: Vec<Parameter>,
    /// Plain Rust, without the model library.
    #[arg(long, hide = true)]
    no_prelude: bool,
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
    #[arg(long, conflicts_with = "prefix")]
    user: bool,
    /// Below this folder, for instance a Python environment.
    #[arg(long, value_name = "FOLDER")]
    prefix: Option<PathBuf>,
    /// Do not compile the prelude now but when the first notebook starts.
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
            Action::Kernel(args) => crate::jupyter::serve(&args.connection_file, !args.no_prelude),
        }
    }
}
