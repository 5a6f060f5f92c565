//! `elbo install`: makes the kernel known to Jupyter.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

use super::InstallArgs;
use crate::prelude::{Extent, Prelude, Progress};

/// Variables of the one who installs that matter to the kernel.
const KEPT: [&str; 6] =
    ["ELBO_CACHE", "ELBO_DATA", "ELBO_FEATURES", "ELBO_SOURCE", "CARGO_HOME", "RUSTUP_HOME"];
const LOGO: &str = include_str!("logo.svg");

/// Writes the kernelspec and compiles the prelude.
pub fn install(args: &InstallArgs) -> Result<()> {
    let folder = kernels_folder(args)?.join(&args.name);
    write_kernelspec(&folder, args)
        .with_context(|| format!("cannot write the kernelspec to {}", folder.display()))?;
    let name = &args.display_name;
    println!("Installed the kernel {name:?} in {}", folder.display());
    if !args.no_build && !args.no_prelude {
        let prelude = Prelude::prepare(Extent::Models, &mut Progress::Terminal)?;
        println!(
            "{}",
            match prelude.extent {
                Extent::Models => {
                    "The models are compiled. polars follows while the first session is used, or at \
                 once by `elbo prepare`."
                }
                Extent::Whole => "The library is compiled.",
            }
        );
    }
    println!(
        "\nNext: start `jupyter lab` (or open a notebook in VS Code) and choose {name:?},\n\
         or run a notebook without either: elbo run NOTEBOOK.ipynb --html PAGE.html"
    );
    Ok(())
}

fn kernels_folder(args: &InstallArgs) -> Result<PathBuf> {
    let prefix = match args.sys_prefix {
        true => Some(python_prefix()?),
        false => args.prefix.clone(),
    };
    let data = match prefix {
        Some(prefix) => std::path::absolute(prefix)?.join("share").join("jupyter"),
        None => data_folder()?,
    };
    Ok(data.join("kernels"))
}

/// The folder of the active Python environment, or of the one to which `python3` belongs.
fn python_prefix() -> Result<PathBuf> {
    let active = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().find_map(std::env::var_os);
    if let Some(folder) = active.filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let said = Command::new("python3").args(["-c", "import sys; print(sys.prefix)"]).output();
    let said = said.ok().filter(|said| said.status.success());
    let said = said.context(
        "no Python environment is active and `python3` does not answer; name the folder by --prefix",
    )?;
    Ok(PathBuf::from(String::from_utf8(said.stdout)?.trim()))
}

/// What the kernel is to find in its environment. A server that was started by the system or from a
/// desktop knows nothing of what a shell has set, not even where cargo is.
fn environment(args: &InstallArgs) -> Map<String, Value> {
    let mut environment = Map::new();
    let cargo = std::env::var_os("PATH").and_then(|path| {
        std::env::split_paths(&path).find(|folder| folder.join("cargo").is_file())
    });
    if let Some(folder) = cargo.as_deref().and_then(Path::to_str) {
        // Jupyter puts its own in the place of the name.
        environment.insert("PATH".to_owned(), json!(format!("{folder}:${{PATH}}")));
    }
    for name in KEPT {
        if let Ok(value) = std::env::var(name) {
            environment.insert(name.to_owned(), json!(value));
        }
    }
    environment.extend(args.env.iter().map(|(name, value)| (name.clone(), json!(value))));
    environment
}

/// Where Jupyter looks for this user's kernels.
pub fn data_folder() -> Result<PathBuf> {
    if let Some(folder) = std::env::var_os("JUPYTER_DATA_DIR").filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let unknown = "Jupyter's folder is not known; set JUPYTER_DATA_DIR or give --prefix";
    let folder = if cfg!(target_os = "macos") {
        dirs::home_dir().map(|home| home.join("Library").join("Jupyter"))
    } else if cfg!(windows) {
        dirs::config_dir().map(|roaming| roaming.join("jupyter"))
    } else {
        dirs::data_dir().map(|data| data.join("jupyter"))
    };
    folder.context(unknown)
}

fn write_kernelspec(folder: &Path, args: &InstallArgs) -> Result<()> {
    let program = std::env::current_exe()?;
    let program = program.to_str().context("the path of this program is not UTF-8")?;
    let mut argv = vec![program, "kernel", "--connection-file", "{connection_file}"];
    if args.no_prelude {
        argv.push("--no-prelude");
    }
    let spec = json!({
        "argv": argv,
        "display_name": args.display_name,
        "language": "rust",
        "env": environment(args),
        "interrupt_mode": "message",
        "metadata": { "debugger": false },
    });
    fs::create_dir_all(folder)?;
    fs::write(folder.join("kernel.json"), serde_json::to_string_pretty(&spec)?)?;
    fs::write(folder.join("logo-svg.svg"), LOGO)?;
    Ok(())
}
