//! Where things are kept: what is compiled once, and the folders of sessions.
//!
//! One compiled library can serve everybody on a machine: a folder that the user may read but not
//! write is looked at for the library, and all that a session writes goes elsewhere.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// Names the folder, if it is not to be the usual one.
const VARIABLE: &str = "ELBO_CACHE";

/// The folder for everything that is compiled, which may be somebody else's.
///
/// # Errors
/// When neither the user nor the system says where it is.
pub fn cache_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os(VARIABLE).filter(|folder| !folder.is_empty()) {
        return Ok(std::path::absolute(PathBuf::from(folder))?);
    }
    usual_folder().context(
        "this system does not say where caches belong; set ELBO_CACHE to a folder of your choice",
    )
}

/// The folder that this user writes to: the one for everything that is compiled, if that can be
/// written, else the usual one, else one that does not outlast the machine's next start.
///
/// # Errors
/// When none of them can be written.
pub fn own_folder() -> Result<PathBuf> {
    let wanted = cache_folder()?;
    let usual = usual_folder().filter(|usual| *usual != wanted);
    if let Some(folder) = [Some(&wanted), usual.as_ref()].into_iter().flatten().find(is_writable) {
        return Ok(folder.clone());
    }
    let temporary = temporary_folder().with_context(|| {
        format!("{} cannot be written; set ELBO_CACHE to a folder of yours", wanted.display())
    })?;
    Ok(temporary)
}

/// Where sessions have their folders.
///
/// # Errors
/// When no folder can be written.
pub fn sessions_folder() -> Result<PathBuf> {
    Ok(own_folder()?.join("sessions"))
}

fn usual_folder() -> Option<PathBuf> {
    dirs::cache_dir().map(|caches| caches.join("elbo"))
}

/// Whether files can be made in a folder, or the folder itself.
fn is_writable(folder: &&PathBuf) -> bool {
    let existing = folder.ancestors().find(|above| above.exists());
    // The rights alone do not tell: a disk can be read-only.
    existing.is_some_and(|existing| tempfile::tempfile_in(existing).is_ok())
}

/// A folder among those that everybody can write, which only this user can.
fn temporary_folder() -> Result<PathBuf> {
    let user = rustix::process::getuid();
    let folder = std::env::temp_dir().join(format!("elbo-{}", user.as_raw()));
    // It may be there already, of an earlier session.
    let _ = DirBuilder::new().mode(0o700).create(&folder);
    check_own(&folder, user.as_raw())?;
    Ok(folder)
}

/// Somebody else could have made the folder first.
fn check_own(folder: &Path, user: u32) -> Result<()> {
    let found = fs::symlink_metadata(folder)?;
    ensure!(
        found.is_dir() && found.uid() == user && found.mode().trailing_zeros() >= 6,
        "{} is not only yours",
        folder.display()
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_folder_that_others_can_write_is_not_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let user = rustix::process::getuid().as_raw();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o700)).unwrap();
        check_own(folder.path(), user).unwrap();
        check_own(folder.path(), user + 1).unwrap_err();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o770)).unwrap();
        check_own(folder.path(), user).unwrap_err();
    }

    #[test]
    fn a_folder_that_is_not_there_is_as_good_as_the_one_above_it() {
        let folder = tempfile::tempdir().unwrap();
        assert!(is_writable(&&folder.path().join("a/b")));
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(!is_writable(&&file.join("a")));
    }
}
