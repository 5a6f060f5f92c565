//! Finds Rust's tools, and has cargo build the prelude.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal};
use serde_json::Value;

use super::artifacts::Artifact;
use crate::compiler::{forget_package, outer_path};
use crate::process_group;

/// Where the compiler's progress is to be seen.
pub enum Progress<'a> {
    /// On this program's own standard error.
    Terminal,
    /// Line by line, for a front end.
    Lines {
        /// Shows a line.
        show: &'a mut dyn FnMut(&str),
        /// Whether the user does not want to wait any longer.
        is_stopped: &'a (dyn Fn() -> bool + Sync),
    },
}

/// The user did not want to wait for the library.
#[derive(Debug, thiserror::Error)]
#[error("interrupted before the library was compiled; what is done is kept")]
pub struct Stopped;

impl Progress<'_> {
    /// Says something about the build.
    pub fn note(&mut self, text: &str) {
        match self {
            Self::Terminal => eprintln!("{text}"),
            Self::Lines { show, .. } => show(text),
        }
    }

    /// Whether the user does not want to wait any longer. In a terminal, Ctrl-C ends this program.
    pub fn is_stopped(&self) -> bool {
        match self {
            Self::Terminal => false,
            Self::Lines { is_stopped, .. } => is_stopped(),
        }
    }
}

/// How often it is looked whether somebody still waits.
pub const GLANCE: Duration = Duration::from_millis(50);

/// The real compiler and the real cargo.
#[derive(Clone, Debug)]
pub struct Tools {
    /// Where cargo is.
    pub cargo: PathBuf,
    /// Where rustc is.
    pub rustc: PathBuf,
    /// What `rustc -vV` says.
    pub version: String,
    /// The folder of the standard library's dynamic form, which all cells share.
    pub libraries: PathBuf,
}

impl Tools {
    /// Finds the tools: through rustup, else on the search path.
    ///
    /// # Errors
    /// When Rust is not installed, or does not answer.
    pub fn find() -> Result<Self> {
        let (cargo, rustc) = (tool("cargo"), tool("rustc"));
        let version = answer(&rustc, &["-vV"])?;
        let libraries = answer(&rustc, &["--print", "target-libdir"])?;
        Ok(Self { cargo, rustc, version, libraries: PathBuf::from(libraries.trim()) })
    }

    /// Where the component `rust-src` puts the standard library's source code.
    pub fn sources(&self) -> PathBuf {
        // The libraries are in rustlib/HOST/lib.
        let rustlib = self.libraries.ancestors().nth(2).unwrap_or(&self.libraries);
        rustlib.join("src/rust/library")
    }

    /// The platform that cells are compiled for.
    ///
    /// # Errors
    /// When the compiler does not name it.
    pub fn host(&self) -> Result<&str> {
        self.version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .context("`rustc -vV` does not name its host")
    }

    /// Builds a package in release and returns its libraries, and the crates from registries that
    /// they are made of.
    ///
    /// # Errors
    /// When the package does not compile.
    pub fn build(
        &self,
        package: &Path,
        target: &Path,
        progress: &mut Progress<'_>,
    ) -> Result<Built> {
        let host = self.host()?;
        let mut command = Command::new(&self.cargo);
        command
            .args(["build", "--release", "--message-format=json-render-diagnostics"])
            // A platform that is named keeps the flags away from procedural macros.
            .args(["--target", host])
            .current_dir(package)
            .env("CARGO_TARGET_DIR", target)
            .env("CARGO_BUILD_BUILD_DIR", target)
            .env("RUSTC", &self.rustc)
            .env("RUSTFLAGS", "-Cprefer-dynamic")
            .env("PATH", outer_path())
            .env_remove("RUSTC_WRAPPER")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .stdin(Stdio::null());
        forget_package(&mut command);
        run(command, host, progress)
    }
}

/// What cargo has built, or found as it was built before.
#[derive(Debug, Default)]
pub struct Built {
    /// The files of all libraries.
    pub files: Vec<PathBuf>,
    /// The crates from registries.
    pub artifacts: Vec<Artifact>,
}

/// What a tool answers, with advice when there is no such tool.
fn answer(tool: &Path, question: &[&str]) -> Result<String> {
    let Output { status, stdout, stderr } =
        Command::new(tool).args(question).env("PATH", outer_path()).output().context(
            "the Rust compiler was not found; cells are compiled when they run, so it must be \
             installed: see https://rustup.rs",
        )?;
    let words = question.join(" ");
    ensure!(
        status.success(),
        "`rustc {words}` failed; is a toolchain installed (`rustup toolchain list`)?\n{}",
        String::from_utf8_lossy(&stderr)
    );
    String::from_utf8(stdout).with_context(|| format!("`rustc {words}` does not answer with text"))
}

/// Runs cargo, shows its progress, and returns the libraries that it names.
fn run(mut command: Command, target: &str, progress: &mut Progress<'_>) -> Result<Built> {
    let is_terminal = matches!(progress, Progress::Terminal);
    let stderr = if is_terminal { Stdio::inherit() } else { Stdio::piped() };
    if !is_terminal {
        // With the compilers it can be stopped as a group.
        command.process_group(0);
    }
    let mut child =
        command.stdout(Stdio::piped()).stderr(stderr).spawn().context("cargo cannot be started")?;
    let group = Pid::from_child(&child);
    let stdout = child.stdout.take().context("cargo has no standard output")?;
    let target = target.to_owned();
    let built = std::thread::spawn(move || built(BufReader::new(stdout), &target));
    let mut messages = Vec::new();
    let mut was_stopped = false;
    if let (Progress::Lines { show, is_stopped }, Some(stderr)) = (progress, child.stderr.take()) {
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            let lines = BufReader::new(stderr).lines().map_while(Result::ok);
            // Nobody reads on when the build has been stopped.
            lines.for_each(|line| drop(sender.send(line)));
        });
        loop {
            match lines.recv_timeout(GLANCE) {
                Ok(line) => match line.trim_start() {
                    text if text.starts_with("Compiling") || text.starts_with("Blocking") => {
                        show(text);
                    }
                    _ => messages.push(line),
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if !was_stopped && is_stopped() {
                was_stopped = true;
                // A cargo that cannot be stopped is waited for.
                let _ = process_group::signal(group, Signal::TERM);
            }
        }
    }
    let built = built.join().unwrap_or_default();
    let succeeded = child.wait()?.success();
    ensure!(!was_stopped, Stopped);
    if !succeeded {
        bail!("the model library does not compile\n{}", messages.join("\n"));
    }
    Ok(built)
}

/// All libraries that cargo reports, whether it has just built them or not.
fn built(messages: impl BufRead, target: &str) -> Built {
    let mut built = Built::default();
    for line in messages.lines().map_while(Result::ok) {
        let Ok(report) = serde_json::from_str::<Value>(&line) else { continue };
        let files = report["filenames"].as_array().into_iter().flatten();
        built.files.extend(files.filter_map(|file| Some(PathBuf::from(file.as_str()?))));
        built.artifacts.extend(Artifact::reported(&report, target));
    }
    built
}

/// The tool itself rather than rustup's stand-in, which costs time at every call.
fn tool(name: &str) -> PathBuf {
    let output = Command::new("rustup").args(["which", name]).env("PATH", outer_path()).output();
    let found = output.ok().filter(|output| output.status.success());
    let path = found.and_then(|output| String::from_utf8(output.stdout).ok());
    path.map_or_else(|| PathBuf::from(name), |path| PathBuf::from(path.trim()))
}
