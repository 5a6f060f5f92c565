//! What is to be run and where the results go, found out before anything is compiled.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use nbformat::v4::{Cell, Notebook};

use super::cells;
use crate::DISPLAY_NAME;
use crate::commands::RunArgs;
use crate::notebook;
use crate::prelude::Extent;

/// A notebook that is ready to run.
#[derive(Debug)]
pub struct Plan {
    /// With the given parameters, and still with the outputs of earlier runs.
    pub notebook: Notebook,
    /// The files to be written.
    pub targets: Targets,
}

impl Plan {
    /// For one of the notebooks of the command line.
    ///
    /// # Errors
    /// When the notebook or an argument does not fit; the message names the notebook.
    pub fn new(args: &RunArgs, path: &Path) -> Result<Self> {
        let mut notebook = notebook::load(path)?;
        if let Some(language) = notebook::other_language(&notebook) {
            bail!(
                "{} is written in {language}, and cells here are Rust; if they are, choose the \
                 kernel {DISPLAY_NAME:?} for the notebook, or remove `kernelspec` and \
                 `language_info` from its metadata",
                path.display()
            );
        }
        notebook::inject(&mut notebook, &args.params)
            .with_context(|| format!("the parameters do not fit {}", path.display()))?;
        ensure!(
            !args.check || has_been_run(&notebook),
            "{name} has no stored outputs to compare with; run it first: elbo run {name}",
            name = path.display()
        );
        Ok(Self { notebook, targets: Targets::new(args, path)? })
    }

    /// How much of the library the cells need.
    pub fn extent(&self) -> Extent {
        Extent::needed_by(&cells::code(&self.notebook))
    }
}

fn has_been_run(notebook: &Notebook) -> bool {
    notebook.cells.iter().any(|cell| {
        matches!(cell, Cell::Code { outputs, execution_count, .. }
            if execution_count.is_some() || !outputs.is_empty())
    })
}

/// The files to be written.
#[derive(Debug)]
pub struct Targets {
    /// The notebook with its outputs.
    pub notebook: Option<PathBuf>,
    /// The page.
    pub page: Option<PathBuf>,
    title: String,
}

impl Targets {
    fn new(args: &RunArgs, path: &Path) -> Result<Self> {
        let is_in_place = args.output.is_none() && args.html.is_none() && !args.check;
        let within = |target: &PathBuf, ending| {
            if is_folder(args, target) { in_folder(target, path, ending) } else { target.clone() }
        };
        let targets = Self {
            notebook: match &args.output {
                Some(output) => Some(within(output, "ipynb")),
                None => is_in_place.then(|| path.to_owned()),
            },
            page: args.html.as_ref().map(|html| within(html, "html")),
            title: path.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        targets.iter().try_for_each(|target| check_folder(target))?;
        Ok(targets)
    }

    /// All files.
    pub fn iter(&self) -> impl Iterator<Item = &PathBuf> {
        [&self.notebook, &self.page].into_iter().flatten()
    }

    /// Writes the files.
    ///
    /// # Errors
    /// When one of them cannot be written.
    pub fn write(&self, notebook: &mut Notebook) -> Result<()> {
        self.write_notebook(notebook)?;
        if let Some(path) = &self.page {
            let page = crate::page::render(notebook, &self.title);
            notebook::write_whole(path, page.as_bytes())?;
        }
        Ok(())
    }
}

impl Targets {
    /// Writes the notebook, if there is one to be written.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_notebook(&self, notebook: &mut Notebook) -> Result<()> {
        self.notebook.as_ref().map_or(Ok(()), |path| notebook::save(notebook, path))
    }
}

/// Whether `--output` and `--html` name folders.
fn is_folder(args: &RunArgs, target: &Path) -> bool {
    args.notebooks.len() > 1 || target.is_dir()
}

fn in_folder(folder: &Path, notebook: &Path, ending: &str) -> PathBuf {
    let stem = notebook.file_stem().unwrap_or(OsStr::new("notebook"));
    let mut name = stem.to_owned();
    name.push(".");
    name.push(ending);
    folder.join(name)
}

fn check_folder(path: &Path) -> Result<()> {
    let folder = folder_of(path)?;
    ensure!(
        folder.is_dir(),
        "cannot write {}: there is no folder {}",
        path.display(),
        folder.display()
    );
    // Found out now, and not when the cells have run.
    tempfile::tempfile_in(&folder).with_context(|| {
        format!(
            "cannot write {}: nothing can be written to the folder {}; name another file by -o",
            path.display(),
            folder.display()
        )
    })?;
    Ok(())
}

/// The folder of a file. Relative paths in cells start there: as in Jupyter, next to the notebook.
///
/// # Errors
/// When the path is empty or names no file.
pub fn folder_of(file: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(file)?;
    let folder = path.parent().with_context(|| format!("{} is no file", file.display()))?;
    Ok(folder.to_owned())
}
