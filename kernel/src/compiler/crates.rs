//! Crates that the user adds by `:dep`: compiled by the real cargo, in a crate beside the cell's
//! that depends on them and is otherwise empty. What cargo then tells rustc about them is noted
//! down, and holds for every cell until the user adds another crate.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::arguments::CRATE;
use super::build::{FAILURE, Manifest};
use super::settings::{Settings, TOOLS_FOLDER, outer_path};
use super::stop::Running;

/// The name under which the real cargo calls this program in the place of rustc.
pub const RECORDER: &str = "rustc-recorder";
const FOLDER: &str = "crates";
const RECORD: &str = "arguments.json";

/// Dependencies that compute must not do so with run-time checks; what cells themselves do is
/// checked.
const PROFILE: &str = "[profile.dev]\nopt-level = 2\ndebug = false\nincremental = false\n\
                       debug-assertions = false\noverflow-checks = false\n";

/// What was noted down, and for which dependencies.
#[derive(Default, Serialize, Deserialize)]
struct Record {
    dependencies: String,
    arguments: Vec<String>,
}

/// What rustc must be told about the crates that the user has added. The inner error is the status
/// of a cargo that could not compile them, and has said why.
///
/// # Errors
/// When cargo does not start or the session's folder cannot be written.
pub fn arguments(
    session: &Path,
    settings: &Settings,
    manifest: &Manifest,
    target: &str,
) -> Result<Result<Vec<String>, ExitCode>> {
    let mut dependencies = manifest.dependencies.clone();
    if let Some(library) = &settings.library {
        dependencies.remove(&library.name);
    }
    if dependencies.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let dependencies = toml::to_string(&dependencies)?;
    let folder = session.join(FOLDER);
    let known = load(&folder);
    if known.dependencies == dependencies {
        return Ok(Ok(known.arguments));
    }
    write_crate(&folder, &dependencies)?;
    let mut cargo =
        command(session, &folder, settings, target).spawn().context("cargo does not start")?;
    let running = Running::new(session, cargo.id())?;
    let status = cargo.wait()?;
    drop(running);
    if !status.success() {
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        return Ok(Err(ExitCode::from(code.unwrap_or(FAILURE))));
    }
    let arguments = load(&folder).arguments;
    save(&folder, &Record { dependencies, arguments: arguments.clone() })?;
    Ok(Ok(arguments))
}

fn command(session: &Path, folder: &Path, settings: &Settings, target: &str) -> Command {
    let mut command = Command::new(&settings.cargo);
    command
        .args(["build", "--target", target, "--message-format=json"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", "target")
        .env("CARGO_BUILD_BUILD_DIR", "target")
        .env("RUSTC", &settings.rustc)
        .env("RUSTC_WORKSPACE_WRAPPER", session.join(TOOLS_FOLDER).join(RECORDER))
        .env("PATH", outer_path())
        .stdin(Stdio::null());
    command
}

fn write_crate(folder: &Path, dependencies: &str) -> Result<()> {
    fs::create_dir_all(folder.join("src"))?;
    let manifest = format!(
        "[package]\nname = \"{CRATE}\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n\
         [lib]\npath = \"src/lib.rs\"\n\n{PROFILE}\n[workspace]\n\n[dependencies]\n{dependencies}"
    );
    fs::write(folder.join("Cargo.toml"), manifest)?;
    fs::write(folder.join("src/lib.rs"), "")?;
    // So that cargo calls rustc again, and the recorder with it.
    let _ = fs::remove_file(folder.join(RECORD));
    Ok(())
}

/// Called by cargo in the place of rustc: notes down what concerns other crates, and runs rustc.
///
/// # Errors
/// When rustc does not start.
pub fn record(session: &Path, arguments: &[String]) -> Result<ExitCode> {
    let (rustc, arguments) = arguments.split_first().context("no compiler was named")?;
    if arguments.windows(2).any(|pair| pair == ["--crate-name", CRATE]) {
        let arguments = about_other_crates(arguments);
        save(&session.join(FOLDER), &Record { dependencies: String::new(), arguments })?;
    }
    let status = Command::new(rustc).args(arguments).status().context("rustc does not start")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

/// The options that name other crates, and where they and their libraries are.
fn about_other_crates(arguments: &[String]) -> Vec<String> {
    let pairs = arguments.windows(2);
    let pairs = pairs.filter(|pair| ["--extern", "-L", "-l"].contains(&pair[0].as_str()));
    pairs.flatten().cloned().collect()
}

fn load(folder: &Path) -> Record {
    let text = fs::read(record_file(folder)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

fn save(folder: &Path, record: &Record) -> Result<()> {
    Ok(fs::write(record_file(folder), serde_json::to_vec(record)?)?)
}

fn record_file(folder: &Path) -> PathBuf {
    folder.join(RECORD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_other_crates_is_kept_and_the_rest_is_not() {
        let line = "--crate-name ctx src/lib.rs -C opt-level=2 -L dependency=/t/deps \
                    --extern rand=/t/deps/librand-1.rlib --cfg x -L native=/usr/lib -l static=z";
        let arguments: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        let expected = "-L dependency=/t/deps --extern rand=/t/deps/librand-1.rlib \
                        -L native=/usr/lib -l static=z";
        assert_eq!(about_other_crates(&arguments).join(" "), expected);
    }
}
