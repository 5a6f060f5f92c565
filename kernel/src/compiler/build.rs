//! One cell, compiled the way `cargo build` would, and told in cargo's words.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use super::arguments::{Arguments, CRATE};
use super::crates;
use super::settings::{Settings, outer_path};

/// Holds the number of the compiler's process while it runs, so that it can be stopped.
const RUNNING: &str = "compiling";

/// How far a cell is to be compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// To a library that can be loaded.
    Build,
    /// Only until all errors are found.
    Check,
}

/// The cell that stands in a session's folder.
pub struct Cell<'a> {
    /// The folder.
    pub session: &'a Path,
    /// The tools and the prelude.
    pub settings: &'a Settings,
    /// The platform.
    pub target: &'a str,
}

impl Cell<'_> {
    /// Compiles, and says on standard output what cargo would.
    ///
    /// # Errors
    /// When the manifest cannot be read or a tool does not start.
    pub fn compile(&self, kind: Kind) -> Result<ExitCode> {
        let manifest = Manifest::read(self.session)?;
        let crates = match crates::arguments(self.session, self.settings, &manifest, self.target)? {
            Ok(arguments) => arguments,
            Err(status) => return Ok(status),
        };
        let out = self.session.join("target").join(self.target).join("debug").join("deps");
        fs::create_dir_all(&out)?;
        let arguments = Arguments {
            settings: self.settings,
            target: self.target,
            opt_level: &manifest.opt_level,
            crates: &crates,
        };
        // A path as cargo would give it: panics and messages repeat it.
        let mut command = arguments.command(kind, Path::new("src/lib.rs"), &out);
        command.current_dir(self.session);
        // evcxr takes every message of a check for an error.
        command.arg("-Awarnings");
        let succeeded = self.run(command)?;
        if !succeeded {
            // cargo's own status for code that does not compile.
            return Ok(ExitCode::from(101));
        }
        if kind == Kind::Build {
            println!("{}", artifact(&out.join(library_file())));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// Runs rustc and passes its messages on.
    fn run(&self, mut command: Command) -> Result<bool> {
        let mut child = command
            .env("PATH", outer_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("rustc does not start")?;
        let running = self.session.join(RUNNING);
        fs::write(&running, child.id().to_string())?;
        if let Some(stderr) = child.stderr.take() {
            for line in BufReader::new(stderr).lines() {
                pass_message_on(&line?);
            }
        }
        let status = child.wait()?;
        fs::remove_file(running)?;
        Ok(status.success())
    }
}

/// Stops the compiler of a session, if it is running.
///
/// # Errors
/// When the process belongs to somebody else.
pub fn stop(session: &Path) -> std::io::Result<()> {
    let number = fs::read_to_string(session.join(RUNNING)).unwrap_or_default();
    let Some(process) = number.parse().ok().and_then(Pid::from_raw) else { return Ok(()) };
    match kill_process(process, Signal::TERM) {
        // It has ended just now.
        Err(Errno::SRCH) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What matters of the manifest that evcxr writes.
pub struct Manifest {
    /// The level of optimisation.
    pub opt_level: String,
    /// The crates that cells use, by name.
    pub dependencies: toml::Table,
}

impl Manifest {
    fn read(session: &Path) -> Result<Self> {
        let file = session.join("Cargo.toml");
        let text =
            fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let manifest: toml::Table = toml::from_str(&text)?;
        let profile = manifest.get("profile").and_then(|profiles| profiles.get("dev"));
        let level = profile.and_then(|profile| profile.get("opt-level"));
        let opt_level = level.map_or_else(
            || "2".to_owned(),
            |level| level.as_str().map_or_else(|| level.to_string(), str::to_owned),
        );
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table);
        Ok(Self { opt_level, dependencies: dependencies.cloned().unwrap_or_default() })
    }
}

/// rustc's messages are JSON already; cargo wraps each one.
fn pass_message_on(line: &str) {
    match serde_json::from_str::<Value>(line) {
        Ok(message) => println!("{}", json!({"reason": "compiler-message", "message": message})),
        Err(_) => eprintln!("{line}"),
    }
}

/// How cargo says where it has put the library.
fn artifact(library: &Path) -> Value {
    json!({"reason": "compiler-artifact", "target": {"name": CRATE}, "filenames": [library]})
}

fn library_file() -> PathBuf {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    PathBuf::from(format!("{prefix}{CRATE}{suffix}"))
}
