//! One cell, compiled the way `cargo build` would, and told in cargo's words.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::arguments::{Arguments, CRATE};
use super::crates::{self, Added, Dependency};
use super::keeping::Keeping;
use super::messages::Warning;
use super::settings::{Library, Settings, outer_path};
use super::{messages, remove_if_there, runtime, stop, types};

/// cargo's own status for code that does not compile.
pub const FAILURE: u8 = 101;
/// Where a cell's source code is, in its folder.
const SOURCE: &str = "src/lib.rs";

/// Whether rustc succeeded, and what it said.
type Said = (bool, Vec<Value>);

/// What rustc has warned of, in the session's folder.
const WARNINGS: &str = "warnings.json";

/// The warnings about the cell that was compiled last.
pub fn warnings(session: &Path) -> Vec<Warning> {
    let text = fs::read(session.join(WARNINGS)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Forgets the warnings about an earlier cell.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn forget_warnings(session: &Path) -> std::io::Result<()> {
    remove_if_there(&session.join(WARNINGS))
}

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
        if stop::is_wanted(self.session) {
            return Ok(ExitCode::from(FAILURE));
        }
        let manifest = Manifest::read(self.session)?;
        let added = match self.added(&manifest)? {
            Ok(added) => added,
            Err(status) => return Ok(status),
        };
        let out = self.session.join("target").join(self.target).join("debug").join("deps");
        fs::create_dir_all(&out)?;
        let arguments = Arguments {
            settings: self.settings,
            target: self.target,
            opt_level: &manifest.opt_level,
            added: &added,
        };
        if kind == Kind::Check && self.find_types(&arguments)? {
            return Ok(ExitCode::SUCCESS);
        }
        forget_warnings(self.session)?;
        let (succeeded, said) = match kind {
            Kind::Check => self.check(&arguments, &out)?,
            Kind::Build => self.build(&arguments, &out)?,
        };
        let warned = messages::warnings(&said, SOURCE);
        if kind == Kind::Build && succeeded && !warned.is_empty() {
            fs::write(self.session.join(WARNINGS), serde_json::to_vec(&warned)?)?;
        }
        let is_error = |message: &Value| message["level"] != "warning";
        let said = if succeeded { Vec::new() } else { said.into_iter().filter(is_error).collect() };
        for message in messages::told(said, SOURCE) {
            // cargo wraps each one.
            println!("{}", json!({"reason": "compiler-message", "message": message}));
        }
        if !succeeded {
            return Ok(ExitCode::from(FAILURE));
        }
        if kind == Kind::Build {
            println!("{}", artifact(&out.join(library_file())));
        }
        Ok(ExitCode::SUCCESS)
    }

    /// What the session has added by `:dep`, and what evcxr has added by itself. The inner error is
    /// the status of a cargo that could not compile it, and has said why.
    fn added(&self, manifest: &Manifest) -> Result<Result<Added, ExitCode>> {
        let added = Added::load(self.session);
        let library = self.settings.library.as_ref();
        let is_new = |name: &str| {
            !added.dependencies.contains_key(name)
                && library.is_none_or(|own| own.name != name && own.at_hand(name).is_none())
        };
        let wanted = manifest.dependencies.iter().filter(|(name, _)| is_new(name));
        let wanted: Vec<_> = wanted
            .map(|(name, description)| Dependency {
                name: name.clone(),
                description: description.clone(),
            })
            .collect();
        if wanted.is_empty() {
            return Ok(Ok(added));
        }
        let options = crates::Options::default();
        let mut silent = |_: &str| {};
        Ok(match crates::add(self.session, self.settings, &wanted, &options, &mut silent)? {
            Ok(_) => Ok(Added::load(self.session)),
            Err(refusal) => {
                if let crates::Refusal::Failed(text) = refusal {
                    eprintln!("{text}");
                }
                Err(ExitCode::from(FAILURE))
            }
        })
    }

    /// Writes down the types of the cell's variables. Returns whether that also was a check: there
    /// are none to be found in a cell that does not compile, whose errors are yet to be told.
    fn find_types(&self, arguments: &Arguments<'_>) -> Result<bool> {
        types::forget(self.session)?;
        let source = fs::read_to_string(self.session.join(SOURCE))?;
        let Some(probes) = types::Probes::new(&source) else { return Ok(false) };
        let folder = self.session.join("types");
        write_source(&folder, probes.source())?;
        let mut command = arguments.command(Kind::Check, Path::new(SOURCE), &folder);
        types::ask(&mut command).current_dir(&folder);
        let mut found = Vec::new();
        let succeeded = self.run(command, &mut |line| found.extend(probes.answer(line)))?;
        if succeeded {
            types::remember(self.session, &found)?;
        }
        Ok(succeeded)
    }

    fn check(&self, arguments: &Arguments<'_>, out: &Path) -> Result<Said> {
        let mut command = arguments.command(Kind::Check, Path::new(SOURCE), out);
        // evcxr takes every message of a check for an error.
        command.current_dir(self.session).arg("-Awarnings");
        self.said_by(command)
    }

    /// Compiles a copy of the cell, in which it is as this program wants it.
    fn build(&self, arguments: &Arguments<'_>, out: &Path) -> Result<Said> {
        let source = fs::read_to_string(self.session.join(SOURCE))?;
        let folder = self.session.join("cell");
        let source = runtime::Cell {
            source: &source,
            library: self.settings.library.as_ref(),
            outdated: &runtime::outdated(self.session),
        };
        let compile = |text: &str| {
            write_source(&folder, text)?;
            // A path as cargo would give it: panics and messages repeat it.
            let mut command = arguments.command(Kind::Build, Path::new(SOURCE), out);
            command.current_dir(&folder);
            self.said_by(command)
        };
        let prepared = source.prepared(true);
        // Only the library's store can tell what a cell that has failed has kept.
        let library = self.settings.library.as_ref();
        let kept = library.map(|library| keeping(&prepared, library, &compile)).transpose()?;
        if let Some(compiled) = kept.flatten() {
            return Ok(compiled);
        }
        let first = compile(&prepared)?;
        // Not every value that a `?` returns is an error with causes.
        let is_about_errors = |message: &Value| {
            message["level"] == "error"
                && message["rendered"].as_str().is_some_and(runtime::is_about_errors)
        };
        match first {
            (false, said) if said.iter().any(is_about_errors) => compile(&source.prepared(false)),
            first => Ok(first),
        }
    }

    /// Runs rustc. Returns whether it succeeded, and what it said.
    fn said_by(&self, command: Command) -> Result<Said> {
        let mut said = Vec::new();
        let succeeded = self.run(command, &mut |line| match serde_json::from_str(line) {
            Ok(message) => said.push(message),
            Err(_) => eprintln!("{line}"),
        })?;
        Ok((succeeded, said))
    }

    /// Runs rustc. Returns whether it succeeded.
    fn run(&self, mut command: Command, hear: &mut dyn FnMut(&str)) -> Result<bool> {
        let mut child = command
            .env("PATH", outer_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // With the linker it can be stopped as a group.
            .process_group(0)
            .spawn()
            .context("rustc does not start")?;
        let _running = stop::Running::new(self.session, child.id())?;
        if let Some(stderr) = child.stderr.take() {
            for line in BufReader::new(stderr).lines() {
                hear(&line?);
            }
        }
        Ok(child.wait()?.success())
    }
}

/// Compiles a cell so that its variables outlive a failing `?`. `None` if it must be compiled as it is.
fn keeping(
    source: &str,
    library: &Library,
    compile: &dyn Fn(&str) -> Result<Said>,
) -> Result<Option<Said>> {
    let mut left_out = BTreeSet::new();
    while let Some(cell) = Keeping::new(source, &left_out, library) {
        let (succeeded, said) = compile(&cell.source)?;
        let is_changed = |message: &Value| cell.is_about_changes(message);
        if succeeded || !said.iter().any(is_changed) {
            return Ok(Some((succeeded, said)));
        }
        match cell.cannot_store(&said) {
            Some(names) if !names.is_subset(&left_out) => left_out.extend(names),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// Writes a source file.
pub fn write_source(folder: &Path, source: &str) -> Result<()> {
    let file = folder.join(SOURCE);
    fs::create_dir_all(folder.join("src"))?;
    fs::write(&file, source).with_context(|| format!("cannot write {}", file.display()))
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

/// How cargo says where it has put the library.
fn artifact(library: &Path) -> Value {
    json!({"reason": "compiler-artifact", "target": {"name": CRATE}, "filenames": [library]})
}

fn library_file() -> PathBuf {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    PathBuf::from(format!("{prefix}{CRATE}{suffix}"))
}
