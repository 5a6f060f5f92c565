//! Where added crates are compiled: a folder for all sessions that use the same compiler and the same
//! library, so that what one session has compiled is there at once in the next.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use toml::Table;

use super::recorder::STRICT;
use super::{Options, RECORDER};
use crate::compiler::arguments::CRATE;
use crate::compiler::settings::{Settings, TOOLS_FOLDER, forget_package, outer_path};
use crate::compiler::stop::{self, Running};
use crate::prelude::{lock, short_hash};

/// What rustc was told, in the folder of a set of crates.
pub const RECORD: &str = "arguments.json";
const LOCK: &str = "Cargo.lock";
const SETS: &str = "sets";
const TARGET: &str = "target";
const STRICT_TARGET: &str = "target-strict";
/// Held by sessions that use what is compiled here.
const IN_USE: &str = "in-use";
/// How much all workshops together may hold, in mebibytes, unless `ELBO_CRATES_MIB` says otherwise.
const LIMIT_MIB: u64 = 6 * 1024;

/// Dependencies that compute must not do so with run-time checks; what cells themselves do is
/// checked.
const PROFILE: &str = "[profile.dev]\nopt-level = 2\ndebug = false\nincremental = false\n\
                       debug-assertions = false\noverflow-checks = false\n";

/// The lines of cargo that say how far it is. Others say what is wrong.
const PROGRESS: [&str; 4] = ["Compiling", "Downloading", "Downloaded", "Blocking"];
const CHATTER: [&str; 9] = [
    "Adding",
    "Building",
    "Downgrading",
    "Finished",
    "Locking",
    "Removing",
    "Updating",
    "Upgrading",
    "note: to see",
];
/// In what cargo says when there is no network.
const NO_NETWORK: [&str; 5] = [
    "Could not resolve host",
    "download of config.json failed",
    "failed to download",
    "Network is unreachable",
    "spurious network error",
];

/// Keeps the workshops that this process uses from being swept until it ends.
static HELD: Mutex<Vec<(PathBuf, File)>> = Mutex::new(Vec::new());

/// Why cargo did not compile a set of crates.
pub enum Failure {
    /// What it says.
    Said(String),
    /// It was stopped.
    Stopped,
}

/// How cargo is called.
#[derive(Clone, Copy)]
struct Way {
    is_offline: bool,
    /// Whether crates are taken from the library only with all that they depend on.
    is_strict: bool,
}

/// A compiled set of crates.
#[derive(Default, Serialize, Deserialize)]
struct Record {
    sources: String,
    arguments: Vec<String>,
}

/// The folder for one compiler and one library.
pub struct Workshop<'a> {
    settings: &'a Settings,
    folder: PathBuf,
}

impl<'a> Workshop<'a> {
    /// The workshop for these settings.
    pub fn open(settings: &'a Settings) -> Result<Self> {
        let library = settings.library.as_ref().map_or("", |library| library.identity.as_str());
        let key = short_hash([settings.version.as_str(), library, env!("CARGO_PKG_VERSION")]);
        let folder = settings.crates.join(key);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot make the folder {}", folder.display()))?;
        hold(&folder)?;
        Ok(Self { settings, folder })
    }

    fn set(&self, dependencies: &Table) -> Result<PathBuf> {
        Ok(self.folder.join(SETS).join(short_hash([toml::to_string(dependencies)?.as_str()])))
    }

    /// What rustc must be told about these crates, compiled if they are not yet.
    pub fn compile(
        &self,
        session: &Path,
        dependencies: &Table,
        sources: &str,
        options: &Options,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Result<Vec<String>, Failure>> {
        let set = self.set(dependencies)?;
        fs::create_dir_all(set.join("src"))?;
        let guard = File::create(set.join("lock"))?;
        if guard.try_lock().is_err() {
            progress("Another session compiles these crates; waiting for it.");
            guard.lock()?;
        }
        if let Some(arguments) = known(&set, sources) {
            self.note_last(session, &set)?;
            return Ok(Ok(arguments));
        }
        self.make_room();
        self.write_crate(session, &set, dependencies)?;
        let mut way = Way { is_offline: options.offline, is_strict: false };
        let failure = loop {
            let failure = self.cargo(session, &set, options, way, progress)?;
            match &failure {
                Some(Failure::Said(text)) if !way.is_offline && lacks_network(text) => {
                    progress("There is no network: looking for what has been downloaded before.");
                    way.is_offline = true;
                }
                // Without a library there are no crates to take.
                Some(Failure::Said(text))
                    if !way.is_strict
                        && does_not_compile(text)
                        && self.settings.library.is_some() =>
                {
                    way.is_strict = true;
                }
                _ => break failure,
            }
        };
        if let Some(failure) = failure {
            return Ok(Err(failure));
        }
        let arguments = load(&set).arguments;
        save(&set, sources, &arguments)?;
        self.note_last(session, &set)?;
        Ok(Ok(arguments))
    }

    fn note_last(&self, session: &Path, set: &Path) -> Result<()> {
        Ok(fs::write(session.join(LAST_SET), set.to_string_lossy().as_bytes())?)
    }

    /// The names and versions of all crates of a set.
    pub fn versions(&self, dependencies: &Table) -> Vec<(String, String)> {
        let set = self.set(dependencies).unwrap_or_default();
        let text = lock::versions(&fs::read_to_string(set.join(LOCK)).unwrap_or_default());
        let pair = |line: &str| {
            let (name, version) = line.split_once(' ')?;
            Some((name.to_owned(), version.to_owned()))
        };
        text.lines().filter_map(pair).collect()
    }

    /// A crate that depends on the added ones. Its lock file begins with the versions that the
    /// library and the session use already: cargo prefers these.
    fn write_crate(&self, session: &Path, set: &Path, dependencies: &Table) -> Result<()> {
        let manifest = format!(
            "[package]\nname = \"{CRATE}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
             [lib]\npath = \"src/lib.rs\"\n\
             # Of a kind that is linked: cargo then names the files that can be.\n\
             crate-type = [\"cdylib\"]\n\n{PROFILE}\n[workspace]\n\n{}",
            toml::to_string(&Table::from_iter([(
                "dependencies".to_owned(),
                toml::Value::Table(dependencies.clone())
            )]))?
        );
        fs::write(set.join("Cargo.toml"), manifest)?;
        // Always new, so that cargo calls rustc again, and the recorder with it.
        fs::write(set.join("src/lib.rs"), format!("// {:?}\n", SystemTime::now()))?;
        if !set.join(LOCK).exists() {
            let library = self.settings.library.as_ref().map_or("", |own| own.lock.as_str());
            if let Some(lock) = lock::union(&last_lock(session), library) {
                fs::write(set.join(LOCK), lock)?;
            }
        }
        Ok(())
    }

    /// Runs cargo. Returns why it failed, if it did.
    fn cargo(
        &self,
        session: &Path,
        set: &Path,
        options: &Options,
        way: Way,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Option<Failure>> {
        if stop::is_wanted(session) {
            return Ok(Some(Failure::Stopped));
        }
        // What is compiled in the one way is of no use in the other.
        let target = self.folder.join(if way.is_strict { STRICT_TARGET } else { TARGET });
        let mut command = Command::new(&self.settings.cargo);
        command
            .args(["build", "--color=never", "--target", &self.settings.host])
            .arg("--message-format=json-render-diagnostics")
            .current_dir(set)
            .env("CARGO_TARGET_DIR", &target)
            .env("CARGO_BUILD_BUILD_DIR", &target)
            .env("RUSTC", &self.settings.rustc)
            .env("RUSTC_WRAPPER", session.join(TOOLS_FOLDER).join(RECORDER))
            .env("PATH", outer_path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Its compilers are stopped with it.
            .process_group(0);
        forget_package(&mut command);
        command.envs(options.environment.iter().map(|(name, value)| (name, value)));
        if way.is_offline {
            command.arg("--offline");
        }
        if way.is_strict {
            command.env(STRICT, "1");
        }
        let mut cargo = command.spawn().context("cargo does not start")?;
        let running = Running::new(session, cargo.id())?;
        let library = self.settings.library.as_ref();
        let own = library.map(|own| own.artifacts()).transpose()?.unwrap_or_default();
        // Of the crate that depends on all others nobody needs to know, and those that the library
        // has are not compiled.
        let is_silent = |text: &str| {
            let mut words = text.split_whitespace().skip(1);
            let (name, version) = (words.next(), words.next());
            name == Some(CRATE)
                || own.iter().any(|own| {
                    Some(own.package.as_str()) == name
                        && Some(format!("v{}", own.version).as_str()) == version
                })
        };
        let mut said = Vec::new();
        if let Some(stderr) = cargo.stderr.take() {
            for line in BufReader::new(stderr).lines() {
                let line = line?;
                let text = line.trim_start();
                if PROGRESS.iter().any(|word| text.starts_with(word)) {
                    if !(text.starts_with("Compiling") && is_silent(text)) {
                        progress(text);
                    }
                } else if !CHATTER.iter().any(|word| text.starts_with(word)) {
                    said.push(line);
                }
            }
        }
        let status = cargo.wait()?;
        drop(running);
        if status.success() {
            return Ok(None);
        }
        if stop::is_wanted(session) {
            return Ok(Some(Failure::Stopped));
        }
        // The crate that depends on all added ones is not the user's.
        said.retain(|line| {
            !line.trim_start().starts_with(&format!("required by package `{CRATE} "))
        });
        Ok(Some(Failure::Said(said.join("\n").trim().to_owned())))
    }

    /// Removes what other compilers and libraries have left, the longest unused first, when all
    /// workshops together hold too much; and the compiled crates of this one when it alone does and
    /// nobody else uses it.
    fn make_room(&self) {
        let limit = std::env::var("ELBO_CRATES_MIB").ok().and_then(|text| text.parse().ok());
        let limit = limit.unwrap_or(LIMIT_MIB) * 1024 * 1024;
        let Ok(entries) = fs::read_dir(&self.settings.crates) else { return };
        let mut others: Vec<_> = entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| *path != self.folder)
            .map(|path| (last_use(&path), size(&path), path))
            .collect();
        others.sort();
        let own = size(&self.folder);
        let mut held = own + others.iter().map(|(_, size, _)| size).sum::<u64>();
        for (_, size, path) in others {
            if held <= limit {
                return;
            }
            if is_free(&path) && fs::remove_dir_all(&path).is_ok() {
                held -= size;
            }
        }
        if own > limit && is_ours_alone(&self.folder) {
            // What cannot be removed now is removed another time.
            for name in [TARGET, STRICT_TARGET, SETS] {
                let _ = fs::remove_dir_all(self.folder.join(name));
            }
        }
    }
}

/// In a session's folder: where its crates were last compiled.
pub(super) const LAST_SET: &str = "last-set";

/// The lock file of the crates that a session has compiled last; empty when it has compiled none.
pub fn last_lock(session: &Path) -> String {
    let last = fs::read_to_string(session.join(LAST_SET)).unwrap_or_default();
    fs::read_to_string(Path::new(last.trim()).join(LOCK)).unwrap_or_default()
}

/// Removes all compiled crates but those that a session uses. Returns how many bytes that were.
pub fn clear(settings: &Settings) -> u64 {
    let entries = fs::read_dir(&settings.crates).into_iter().flatten().flatten();
    let free = entries.map(|entry| entry.path()).filter(|path| is_free(path));
    free.filter_map(|path| {
        let size = size(&path);
        fs::remove_dir_all(&path).is_ok().then_some(size)
    })
    .sum()
}

fn known(set: &Path, sources: &str) -> Option<Vec<String>> {
    let record = load(set);
    let is_there = |argument: &String| {
        let path = argument.split_once('=').map_or(argument.as_str(), |(_, path)| path);
        !path.starts_with('/') || Path::new(path).exists()
    };
    let fits = !record.arguments.is_empty() && record.sources == sources;
    (fits && record.arguments.iter().all(is_there)).then_some(record.arguments)
}

fn load(set: &Path) -> Record {
    let text = fs::read(set.join(RECORD)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Notes down what rustc must be told about the crates of a set.
///
/// # Errors
/// When the folder cannot be written.
pub fn save(set: &Path, sources: &str, arguments: &[String]) -> Result<()> {
    let record = Record { sources: sources.to_owned(), arguments: arguments.to_vec() };
    Ok(fs::write(set.join(RECORD), serde_json::to_vec(&record)?)?)
}

fn does_not_compile(text: &str) -> bool {
    text.contains("could not compile")
}

fn lacks_network(text: &str) -> bool {
    NO_NETWORK.iter().any(|words| text.contains(words))
}

/// Marks a workshop as used until this process ends.
fn hold(folder: &Path) -> Result<()> {
    let mut held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    if held.iter().any(|(path, _)| path == folder) {
        return Ok(());
    }
    let file = File::create(folder.join(IN_USE))?;
    file.lock_shared()?;
    file.set_modified(SystemTime::now())?;
    held.push((folder.to_owned(), file));
    Ok(())
}

fn is_free(folder: &Path) -> bool {
    File::open(folder.join(IN_USE)).map_or(true, |file| file.try_lock().is_ok())
}

/// Whether no other process uses this workshop.
fn is_ours_alone(folder: &Path) -> bool {
    let held = HELD.lock().unwrap_or_else(PoisonError::into_inner);
    let own = held.iter().find(|(path, _)| path == folder).map(|(_, file)| file);
    let alone = own.is_some_and(|file| file.try_lock().is_ok());
    own.is_some_and(|file| file.lock_shared().is_ok()) && alone
}

fn last_use(folder: &Path) -> SystemTime {
    let used = fs::metadata(folder.join(IN_USE)).and_then(|data| data.modified());
    used.unwrap_or(SystemTime::UNIX_EPOCH)
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| Some((entry.metadata().ok()?, entry.path())))
        .map(|(data, path)| if data.is_dir() { size(&path) } else { data.len() })
        .sum()
}
