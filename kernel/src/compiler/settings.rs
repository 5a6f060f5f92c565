//! What a session's compiler has to know. The session writes it, each call of a tool reads it.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::prelude::Artifact;
use crate::relay::FOLDER_VARIABLE;

/// Where the stand-ins are, in the session's folder.
pub const TOOLS_FOLDER: &str = "bin";
const FILE: &str = "compiler.json";

/// The tools to call, and the library that cells are compiled against.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Settings {
    /// The real cargo.
    pub cargo: PathBuf,
    /// The real compiler.
    pub rustc: PathBuf,
    /// What the compiler says of itself.
    pub version: String,
    /// The platform that cells are compiled for.
    pub host: String,
    /// Where crates that users add are compiled, for all sessions.
    pub crates: PathBuf,
    /// The prelude, unless cells are to be plain Rust.
    pub library: Option<Library>,
}

/// The compiled prelude.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Library {
    /// The name by which cells and manifests know it.
    pub name: String,
    /// The dynamic library.
    pub file: PathBuf,
    /// Where the compiler finds the crates that the library was made of.
    pub dependencies: PathBuf,
    /// Those of them that cells can name; their files are in that folder.
    pub at_hand: Vec<Artifact>,
    /// Differs when the crates that the library is made of do.
    pub identity: String,
    /// The lock file that it was made by.
    pub lock: String,
}

#[cfg(test)]
impl Library {
    /// A library of this name, of which no more is known.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            file: PathBuf::new(),
            dependencies: PathBuf::new(),
            at_hand: Vec::new(),
            identity: String::new(),
            lock: String::new(),
        }
    }
}

impl Settings {
    /// Writes the settings of a session.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self, session: &Path) -> Result<()> {
        let file = session.join(FILE);
        fs::write(&file, serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// Reads the settings of a session.
    ///
    /// # Errors
    /// When the session has none.
    pub fn load(session: &Path) -> Result<Self> {
        let file = session.join(FILE);
        let text = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(serde_json::from_slice(&text)?)
    }
}

/// The search path without the stand-ins: for finding the real tools, and for the processes of
/// cells, whose own calls of cargo must reach the real one.
pub fn outer_path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let Some(session) = std::env::var_os(FOLDER_VARIABLE) else { return path };
    let tools = Path::new(&session).join(TOOLS_FOLDER);
    let others = std::env::split_paths(&path).filter(|folder| *folder != tools);
    // Only a folder with a colon in its name cannot be joined, and none such comes out of a split.
    std::env::join_paths(others).unwrap_or(path)
}

/// Takes from a command what cargo tells the programs that it starts of their own package. Build
/// scripts ask cargo to run them again when such a variable has changed (ring's does), so the library
/// would be compiled again, polars with it, whenever this program is started in another way than last
/// time: by `cargo run`, by a test, by Jupyter.
pub fn forget_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_package) {
            command.env_remove(name);
        }
    }
}

/// Whether cargo sets this variable to describe a package.
fn is_of_package(name: &str) -> bool {
    const NAMES: [&str; 4] =
        ["CARGO_BIN_NAME", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "CARGO_TARGET_TMPDIR"];
    const BEGINNINGS: [&str; 3] = ["CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_BIN_EXE_"];
    NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_does_not_depend_on_how_this_program_was_started() {
        // Cargo has set them for this very test; ring's build script looks at all of these.
        assert!(std::env::var_os("CARGO_PKG_NAME").is_some());
        let mut command = Command::new("env");
        forget_package(&mut command);
        let said = String::from_utf8(command.output().unwrap().stdout).unwrap();
        for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_LINKS", "CARGO_PKG_NAME"] {
            assert!(!said.lines().any(|line| line.starts_with(name)), "{said}");
        }
        assert!(!is_of_package("CARGO_HOME") && !is_of_package("CARGO_NET_OFFLINE"));
    }
}
