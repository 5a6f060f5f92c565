//! The private folder of a session, and how this process comes to use it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::standard_library;
use crate::compiler::{TOOLS_FOLDER, link_tools};
use crate::relay::FOLDER_VARIABLE;

/// Held while a session lives, so that others can tell it from one that was killed.
const LOCK: &str = ".lock";
/// evcxr's settings for the session.
const SETTINGS: &str = "evcxr.toml";
/// How the name of a session's folder begins, and how many random characters follow.
const PREFIX: &str = "s";
const RANDOM: usize = 6;
/// A folder younger than this may belong to a session that has not locked it yet.
const GRACE: Duration = Duration::from_secs(60);

/// A folder that only this user and this session use; removed at the session's end.
#[derive(Debug)]
pub struct SessionFolder {
    path: PathBuf,
    _lock: File,
}

impl SessionFolder {
    /// The session's folder, in a process whose environment points evcxr at it.
    ///
    /// evcxr reads its folder and settings from the environment and from the user's own settings
    /// file. To keep both out of the way without changing the environment of a running process,
    /// the program starts itself again in place: the first time this does not return.
    ///
    /// # Errors
    /// When the folder cannot be made or locked, or the program cannot be started again.
    pub fn enter(sessions: &Path) -> Result<Self> {
        match std::env::var_os(FOLDER_VARIABLE) {
            Some(path) => Self::adopt(path.into()),
            None => Err(restart_in(&create(sessions)?)),
        }
    }

    fn adopt(path: PathBuf) -> Result<Self> {
        let lock = File::create(path.join(LOCK))
            .with_context(|| format!("the session's folder {} is gone", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => bail!("{} is in use", path.display()),
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| {
                    format!(
                        "{} cannot be locked; if it is on a network drive, set ELBO_CACHE to a \
                         folder on a local disk",
                        path.display()
                    )
                });
            }
        }
        Ok(Self { path, _lock: lock })
    }

    /// Where the folder is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SessionFolder {
    fn drop(&mut self) {
        // What cannot be removed now is swept up by a later session.
        let _ = fs::remove_dir_all(&self.path);
    }
}

fn create(sessions: &Path) -> Result<PathBuf> {
    fs::create_dir_all(sessions)
        .with_context(|| format!("cannot make the folder {}", sessions.display()))?;
    sweep(sessions);
    // Whoever could reach its sockets could run code.
    let private = fs::Permissions::from_mode(0o700);
    let folder = tempfile::Builder::new()
        .prefix(PREFIX)
        .rand_bytes(RANDOM)
        .permissions(private)
        .tempdir_in(sessions)?;
    let path = folder.keep();
    // The user's own evcxr settings must not move the folder or change the profile.
    let settings = format!("[evcxr]\ntmpdir = {}\n", toml_string(&path)?);
    fs::write(path.join(SETTINGS), settings)?;
    link_tools(&path)?;
    Ok(path)
}

/// Replaces this process by itself with the session's environment. Returns only on failure.
fn restart_in(path: &Path) -> anyhow::Error {
    let program = match std::env::current_exe() {
        Ok(program) => program,
        Err(error) => return error.into(),
    };
    // evcxr finds cargo through rustup or on the search path; both lead to the stand-ins.
    let path_variable = std::env::var_os("PATH").unwrap_or_default();
    let folders =
        std::iter::once(path.join(TOOLS_FOLDER)).chain(std::env::split_paths(&path_variable));
    let folders = match std::env::join_paths(folders) {
        Ok(folders) => folders,
        Err(error) => return error.into(),
    };
    let error = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env("PATH", folders)
        .env(FOLDER_VARIABLE, path)
        .env("EVCXR_CONFIG_DIR", path)
        .env("EVCXR_TMPDIR", path)
        .env(standard_library::VARIABLE, standard_library::folder(path))
        .exec();
    anyhow::Error::from(error).context("cannot start the session")
}

/// Removes the folders of sessions that were killed.
fn sweep(sessions: &Path) {
    let Ok(entries) = fs::read_dir(sessions) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        if is_abandoned(&path).unwrap_or(false) {
            let _ = fs::remove_dir_all(path);
        }
    }
}

/// Whether this is the folder of a session that was killed.
///
/// # Errors
/// When the folder cannot be looked into.
pub fn is_abandoned(path: &Path) -> io::Result<bool> {
    let age = fs::metadata(path)?.modified()?.elapsed().unwrap_or_default();
    if age < GRACE || !is_of_a_session(path) {
        return Ok(false);
    }
    match File::open(path.join(LOCK)) {
        Ok(lock) => Ok(lock.try_lock().is_ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Whether a folder has been made for a session: what else somebody keeps beside is not ours.
fn is_of_a_session(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let has_name = name.len() == PREFIX.len() + RANDOM && name.starts_with(PREFIX);
    let is_real = path.symlink_metadata().is_ok_and(|found| found.is_dir());
    has_name && is_real && (path.join(SETTINGS).exists() || path.join(LOCK).exists())
}

/// A path as a TOML string. JSON's escapes are TOML's.
pub fn toml_string(path: &Path) -> Result<String> {
    let text = path.to_str().with_context(|| format!("{} is not UTF-8", path.display()))?;
    Ok(serde_json::to_string(text)?)
}
