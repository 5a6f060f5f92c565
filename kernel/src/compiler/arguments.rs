//! The command line with which rustc compiles a cell.

use std::path::Path;
use std::process::Command;

use super::build::Kind;
use super::crates::Added;
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
    /// What the user has added.
    pub added: &'a Added,
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
            // evcxr says so too, unless the user has other flags.
            .arg("-Cprefer-dynamic")
            .arg(match kind {
                Kind::Build => "--emit=link",
                Kind::Check => "--emit=metadata",
            })
            .arg("--out-dir")
            .arg(out);
        command.args(std::env::var("RUSTFLAGS").unwrap_or_default().split_whitespace());
        if let Some(library) = &self.settings.library {
            command.args(library_arguments(library, self.added));
        }
        command.args(&self.added.arguments);
        command
    }
}

/// The library and the crates at hand, but for those whose names the user has given to others.
fn library_arguments(library: &Library, added: &Added) -> Vec<String> {
    let mut arguments =
        vec!["-L".to_owned(), format!("dependency={}", library.dependencies.display())];
    let mut name = |name: &str, file: &Path| {
        arguments.extend(["--extern".to_owned(), format!("{name}={}", file.display())]);
    };
    name(&library.name, &library.file);
    let taken = added.names();
    for own in library.at_hand.iter().filter(|own| !taken.contains(&own.name)) {
        // What it takes to compile; the code is in the library.
        if let Some(file) = own.file("rmeta") {
            name(&own.name, &library.dependencies.join(file));
        }
    }
    arguments
}
