//! The program under another tool's name.

use std::io;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};
use rustix::process::setpgid;
use serde_json::json;

use super::arguments::CRATE;
use super::settings::{Settings, TOOLS_FOLDER, outer_path};
use super::{build, crates};
use crate::relay::FOLDER_VARIABLE;

/// The crates that the compiler brings.
const STANDARD: [&str; 5] = ["std", "core", "alloc", "proc_macro", "test"];
const CARGO: &str = "cargo";
const RUSTUP: &str = "rustup";

/// The tool that this process stands in for.
pub enum Role {
    /// Compiles the session's cell; everything else goes to the real one.
    Cargo,
    /// Says where cargo is; everything else goes to the real one.
    Rustup,
    /// Called by the real cargo for the cell's crate: notes down the arguments.
    Recorder,
}

impl Role {
    /// The role that the name of the program gives it, within a session.
    pub fn of_this_process() -> Option<Self> {
        std::env::var_os(FOLDER_VARIABLE)?;
        let name = PathBuf::from(std::env::args_os().next()?);
        match name.file_name()?.to_str()? {
            CARGO => Some(Self::Cargo),
            RUSTUP => Some(Self::Rustup),
            crates::RECORDER => Some(Self::Recorder),
            _ => None,
        }
    }

    /// Does what the tool is asked for.
    ///
    /// # Errors
    /// When the real tool cannot be started.
    pub fn play(self) -> Result<ExitCode> {
        // A terminal's Ctrl-C is for the program that runs the session, which then stops the
        // compiler and knows why it ended. Where this is not possible, it is not needed. The
        // recorder stays in cargo's group, and is stopped with it.
        if !matches!(self, Self::Recorder) {
            let _ = setpgid(None, None);
        }
        let session = PathBuf::from(std::env::var_os(FOLDER_VARIABLE).context("no session")?);
        let settings = Settings::load(&session)?;
        let arguments: Vec<String> = std::env::args().skip(1).collect();
        match self {
            Self::Cargo => cargo(&session, &settings, &arguments),
            Self::Rustup => rustup(&session, &settings, &arguments),
            Self::Recorder => crates::record(&settings, &arguments),
        }
    }
}

/// Makes the stand-ins, in a session's folder.
///
/// # Errors
/// When the folder cannot be written.
pub fn link_tools(session: &Path) -> io::Result<()> {
    let folder = session.join(TOOLS_FOLDER);
    std::fs::create_dir_all(&folder)?;
    let program = std::env::current_exe()?;
    [CARGO, RUSTUP, crates::RECORDER]
        .iter()
        .try_for_each(|name| symlink(&program, folder.join(name)))
}

fn cargo(session: &Path, settings: &Settings, arguments: &[String]) -> Result<ExitCode> {
    let inside = std::env::current_dir().is_ok_and(|folder| folder == session);
    let action = arguments.iter().find(|argument| !argument.starts_with('-'));
    let target = arguments.iter().position(|argument| argument == "--target");
    let target = target.and_then(|at| arguments.get(at + 1));
    let kind = match action.map(String::as_str) {
        Some("build") => build::Kind::Build,
        Some("check") => build::Kind::Check,
        Some("metadata") if inside && !is_for_analysis(arguments) => {
            return Ok(metadata(session, settings));
        }
        _ => return pass_on(&settings.cargo, arguments),
    };
    match target {
        Some(target) if inside => build::Cell { session, settings, target }.compile(kind),
        _ => pass_on(&settings.cargo, arguments),
    }
}

/// Whether it is rust-analyzer that asks, which names the manifest and wants the whole truth. Where
/// rustup is, it asks rustup's cargo; elsewhere it finds this one.
fn is_for_analysis(arguments: &[String]) -> bool {
    arguments.iter().any(|argument| argument == "--manifest-path")
}

/// What evcxr wants to know of crates: before it adds one, whether it exists, which is found out when
/// it is compiled; before an `extern crate`, which there are.
fn metadata(session: &Path, settings: &Settings) -> ExitCode {
    let at_hand = settings.library.iter().flat_map(|library| {
        let names = library.at_hand.iter().map(|own| own.name.clone());
        names.chain([library.name.clone()])
    });
    let names = crates::Added::load(session).names().into_iter().chain(at_hand);
    let names: Vec<_> = names.chain(STANDARD.map(str::to_owned)).collect();
    let package = |name: &String| {
        json!({"name": name, "id": name, "dependencies": [],
            "targets": [{"kind": ["lib"], "name": name}]})
    };
    let dependencies: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
    let own = json!({"name": CRATE, "id": CRATE, "dependencies": dependencies, "targets": []});
    let packages: Vec<_> = names.iter().map(package).chain([own]).collect();
    println!("{}", json!({"packages": packages, "workspace_members": [CRATE]}));
    ExitCode::SUCCESS
}

fn rustup(session: &Path, settings: &Settings, arguments: &[String]) -> Result<ExitCode> {
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    let path = match words.as_slice() {
        ["which", CARGO] => session.join(TOOLS_FOLDER).join(CARGO),
        ["which", "rustc"] => settings.rustc.clone(),
        _ => return pass_on(Path::new(RUSTUP), arguments),
    };
    println!("{}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// Becomes the real tool.
fn pass_on(tool: &Path, arguments: &[String]) -> Result<ExitCode> {
    let error = Command::new(tool).args(arguments).env("PATH", outer_path()).exec();
    Err(error).with_context(|| format!("{} does not start", tool.display()))
}
