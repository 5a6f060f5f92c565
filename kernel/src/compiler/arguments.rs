//! The command line with which rustc compiles a cell.

use std::path::Path;
use std::process::Command;

use super::build::Kind;
use super::settings::{Library, Settings};

/// The name that evcxr gives to the crate of every cell.
pub const CRATE: &str = "ctx";

/// What of rustc's command line does not change from cell to cell.
pub struct Arguments<'a> {
    /// The compiler and the prelude.
    pub settings: &'a Settings,
    /// The platform.
    pub target: &'a str,
    /// The level of optimisation, as in evcxr's `:opt`.
    pub opt_level: &'a str,
    /// For crates that the user has added.
    pub crates: &'a [String],
}

impl Arguments<'_> {
    /// A call of rustc for a source file.
    pub fn command(&self, kind: Kind, source: &Path, out: &Path) -> Command {
        let mut command = Command::new(&self.settings.rustc);
        command
            .args(["--crate-name", CRATE, "--edition=2024", "--crate-type=cdylib"])
            .arg(source)
            .args(["--error-format=json", "--json=diagnostic-rendered-ansi"])
            .args(["--target", self.target])
            .arg(format!("-Copt-level={}", self.opt_level))
            // As evcxr sets its profile: checks for the user's own arithmetic, and no debug
            // information. The code of one cell is too little for incremental compilation to pay.
            .args(["-Cdebug-assertions=on", "-Coverflow-checks=on", "-Cstrip=debuginfo"])
            // Optimising across the units would cost more time than it saves in a cell.
            .args(["-Ccodegen-units=16", "-Clto=off", "--cap-lints=warn"])
            .arg(match kind {
                Kind::Build => "--emit=link",
                Kind::Check => "--emit=metadata",
            })
            .arg("--out-dir")
            .arg(out);
        command.args(std::env::var("RUSTFLAGS").unwrap_or_default().split_whitespace());
        if let Some(library) = &self.settings.library {
            command.args(library_arguments(library));
        }
        command.args(self.crates);
        command
    }
}

fn library_arguments(library: &Library) -> [String; 4] {
    [
        "--extern".to_owned(),
        format!("{}={}", library.name, library.file.display()),
        "-L".to_owned(),
        format!("dependency={}", library.dependencies.display()),
    ]
}
