//! Calls cargo and rustc the way evcxr does.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Where the compiler's progress is to be seen.
pub enum Progress<'a> {
    /// On this program's own standard error.
    Terminal,
    /// Line by line, for a front end.
    Lines(&'a mut dyn FnMut(&str)),
}

impl Progress<'_> {
    /// Says something about the build.
    pub fn note(&mut self, text: &str) {
        match self {
            Self::Terminal => eprintln!("{text}"),
            Self::Lines(show) => show(text),
        }
    }
}

/// The compiler and cargo that evcxr will use.
pub struct Tools {
    cargo: PathBuf,
    rustc: PathBuf,
    /// What `rustc -vV` says.
    pub version: String,
}

impl Tools {
    /// Finds the tools: through rustup, else on the search path.
    ///
    /// # Errors
    /// When Rust is not installed.
    pub fn find() -> Result<Self> {
        let (cargo, rustc) = (tool("cargo"), tool("rustc"));
        let output = Command::new(&rustc).arg("-vV").output().context(
            "the Rust compiler was not found; cells are compiled when they run, so it must be \
             installed: see https://rustup.rs",
        )?;
        let version = String::from_utf8(output.stdout).context("`rustc -vV` is not text")?;
        Ok(Self { cargo, rustc, version })
    }

    /// The platform that cells are compiled for.
    fn host(&self) -> Result<&str> {
        self.version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .context("`rustc -vV` does not name its host")
    }

    /// Runs `cargo build` or `cargo check` on a crate like evcxr's.
    ///
    /// # Errors
    /// When the crate does not compile.
    pub fn cargo(&self, action: &str, folder: &Path, progress: &mut Progress<'_>) -> Result<()> {
        let mut command = Command::new(&self.cargo);
        command
            .args([action, "--target", self.host()?])
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", "target")
            .env("CARGO_BUILD_BUILD_DIR", "target")
            .env("RUSTC", &self.rustc)
            .env("RUSTFLAGS", "-Cprefer-dynamic")
            .env_remove("RUSTC_WRAPPER")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .stdin(Stdio::null());
        let (succeeded, messages) = run(command, progress)?;
        if !succeeded {
            bail!("the model library does not compile\n{messages}");
        }
        Ok(())
    }
}

/// Runs the command and returns what it said, unless the user has seen it already.
fn run(mut command: Command, progress: &mut Progress<'_>) -> Result<(bool, String)> {
    let Progress::Lines(show) = progress else {
        let status = command.stdout(Stdio::null()).status().context("cargo cannot be started")?;
        return Ok((status.success(), String::new()));
    };
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("cargo cannot be started")?;
    let mut messages = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).lines() {
            let line = line?;
            if line.trim_start().starts_with("Compiling") || line.trim_start().starts_with("Check")
            {
                show(line.trim());
            } else {
                messages.push(line);
            }
        }
    }
    Ok((child.wait()?.success(), messages.join("\n")))
}

/// The tool itself rather than rustup's stand-in, which costs time at every call.
fn tool(name: &str) -> PathBuf {
    let output = Command::new("rustup").args(["which", name]).output();
    let found = output.ok().filter(|output| output.status.success());
    let path = found.and_then(|output| String::from_utf8(output.stdout).ok());
    path.map_or_else(|| PathBuf::from(name), |path| PathBuf::from(path.trim()))
}
