//! `elbo install`: makes the kernel known to Jupyter.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::InstallArgs;
use crate::prelude::{Extent, Prelude, Progress};
use crate::{DISPLAY_NAME, KERNEL_NAME};

const LOGO: &str = include_str!("logo.svg");

/// Writes the kernelspec and compiles the prelude.
pub fn install(args: &InstallArgs) -> Result<()> {
    let folder = kernels_folder(args)?.join(KERNEL_NAME);
    write_kernelspec(&folder, args.no_prelude)
        .with_context(|| format!("cannot write the kernelspec to {}", folder.display()))?;
    println!("Installed the kernel {DISPLAY_NAME:?} in {}", folder.display());
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
        "\nNext: start `jupyter lab` (or open a notebook in VS Code) and choose {DISPLAY_NAME:?},\n\
         or run a notebook without either: elbo run NOTEBOOK.ipynb --html PAGE.html"
    );
    Ok(())
}

fn kernels_folder(args: &InstallArgs) -> Result<PathBuf> {
    let data = match &args.prefix {
        Some(prefix) => std::path::absolute(prefix)?.join("share").join("jupyter"),
        None => data_folder()?,
    };
    Ok(data.join("kernels"))
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

fn write_kernelspec(folder: &Path, no_prelude: bool) -> Result<()> {
    let program = std::env::current_exe()?;
    let program = program.to_str().context("the path of this program is not UTF-8")?;
    let mut argv = vec![program, "kernel", "--connection-file", "{connection_file}"];
    if no_prelude {
        argv.push("--no-prelude");
    }
    let spec = serde_json::json!({
        "argv": argv,
        "display_name": DISPLAY_NAME,
        "language": "rust",
        "interrupt_mode": "message",
        "metadata": { "debugger": false },
    });
    fs::create_dir_all(folder)?;
    fs::write(folder.join("kernel.json"), serde_json::to_string_pretty(&spec)?)?;
    fs::write(folder.join("logo-svg.svg"), LOGO)?;
    Ok(())
}
