//! The part of the standard library's source code that rust-analyzer is to read.
//!
//! It reads every file below the library's folder: fifty megabytes, most of it lists of processor
//! instructions and tests. Four crates are what cells speak of.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Where rust-analyzer looks for the standard library's sources before it asks the toolchain.
pub const VARIABLE: &str = "RUST_SRC_PATH";
const FOLDER: &str = "library";
const CRATES: [&str; 4] = ["core", "alloc", "std", "proc_macro"];

/// The folder in which a session has its selection.
pub fn folder(session: &Path) -> PathBuf {
    session.join(FOLDER)
}

/// Makes an empty selection, which keeps rust-analyzer from asking the toolchain.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn leave_out(session: &Path) -> io::Result<()> {
    fs::create_dir_all(folder(session).join(CRATES[0]))
}

/// Makes the selection. `sources` is the `library` folder of the toolchain's component `rust-src`;
/// where that is not installed, rust-analyzer is left to do without.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn select(session: &Path, sources: &Path) -> io::Result<()> {
    for name in CRATES {
        let own = folder(session).join(name);
        let source = sources.join(name).join("src");
        if source.is_dir() {
            fs::create_dir_all(&own)?;
            match symlink(source, own.join("src")) {
                // Selected before.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                linked => linked?,
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_cells_speak_of_is_selected() {
        let (toolchain, session) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for name in ["core", "std", "stdarch", "coretests"] {
            let source = toolchain.path().join(name).join("src");
            fs::create_dir_all(&source).unwrap();
            fs::write(source.join("lib.rs"), name).unwrap();
        }
        leave_out(session.path()).unwrap();
        assert_eq!(fs::read_dir(folder(session.path()).join("core")).unwrap().count(), 0);
        select(session.path(), toolchain.path()).unwrap();
        select(session.path(), toolchain.path()).unwrap();
        let selected = folder(session.path());
        assert_eq!(fs::read_to_string(selected.join("core/src/lib.rs")).unwrap(), "core");
        assert!(selected.join("std/src/lib.rs").exists());
        // Not in this toolchain, and not wanted.
        assert!(!selected.join("alloc").exists());
        assert!(!selected.join("stdarch").exists());
    }
}
