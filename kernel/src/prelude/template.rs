//! The crate that is compiled once, and copied into every session.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::cargo::{Progress, Tools};
use super::copy::copy_tree;
use super::key::{Ingredients, short_hash};
use super::source::Source;
use crate::engine::toml_string;

/// Brings the libraries into every cell's scope.
const IMPORTS: &str = "use elbo::{ndarray, polars, rand};\nuse elbo::prelude::*;\n";

/// Settings for everything below the cache folder. evcxr compiles dependencies as it compiles
/// cells, with run-time checks; numerical code must not run like that. The level of optimisation
/// stays evcxr's: set for all packages it would hold for procedural macros too, which then take
/// longer to compile than they ever run.
const PROFILE: &str = r#"# Written by elbo.
[profile.dev]
debug-assertions = false
overflow-checks = false
incremental = false

[profile.dev.package.elbo]
opt-level = 3
"#;

/// A compiled prelude, ready to be copied.
#[derive(Debug)]
pub struct Template {
    folder: PathBuf,
    wrapper: PathBuf,
    /// Keeps others from compiling here until this template has been copied.
    guard: Option<File>,
}

impl Template {
    /// Compiles what is not yet compiled. The first time this takes minutes, later less than a
    /// second, unless the library's source code has changed.
    ///
    /// # Errors
    /// When the library or the compiler is not found, or the library does not compile.
    pub fn prepare(cache: &Path, source: &Source, progress: &mut Progress<'_>) -> Result<Self> {
        let tools = Tools::find()?;
        let lock = lock_of(source);
        let home = home(cache, source, &tools, &lock);
        fs::create_dir_all(&home)
            .with_context(|| format!("cannot make the folder {}", home.display()))?;
        // Two programs started at once must not compile in the same folder.
        let guard = File::create(home.join("lock"))?;
        guard.lock().context("cannot lock the prelude's folder")?;
        guard.set_modified(SystemTime::now())?;
        // Checkouts share what the library depends on, but not the crate that names the library: a
        // running session must not be led to another checkout's code.
        let wrapper = home.join("wrapper").join(short_hash([&*source.root.to_string_lossy()]));
        let folder = home.join("ctx");
        let template = Self { folder, wrapper, guard: Some(guard) };
        template.write(cache, source, &lock)?;
        template.build(&tools, progress)?;
        Ok(template)
    }

    fn build(&self, tools: &Tools, progress: &mut Progress<'_>) -> Result<()> {
        if !self.folder.join("target").exists() {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            progress.note(&format!(
                "Building the prelude. This happens once and takes about {} minutes on {cores} \
                 cores.",
                (14 / cores).max(2)
            ));
        }
        tools.cargo("build", &self.folder, progress)?;
        // evcxr checks a cell that has an error; without this, the first one takes minutes.
        tools.cargo("check", &self.folder, progress)
    }

    fn write(&self, cache: &Path, source: &Source, lock: &str) -> Result<()> {
        write(&cache.join(".cargo/config.toml"), PROFILE)?;
        write(&self.wrapper.join("Cargo.toml"), &wrapper_manifest(source)?)?;
        write(&self.wrapper.join("src/lib.rs"), "pub use elbo_models::*;\n")?;
        write(&self.folder.join("Cargo.toml"), &cell_manifest(&self.dependency()?))?;
        write(&self.folder.join(".cargo/config.toml"), "\n[net]\noffline = false\n")?;
        write(&self.folder.join("src/lib.rs"), "")?;
        // Only to begin with: cargo then keeps it.
        if !self.folder.join("Cargo.lock").exists() {
            write(&self.folder.join("Cargo.lock"), lock)?;
        }
        Ok(())
    }

    /// How a cell's manifest names the prelude.
    fn dependency(&self) -> Result<String> {
        let path = toml_string(&self.wrapper)?;
        Ok(format!("elbo = {{ package = \"elbo-prelude\", path = {path} }}"))
    }

    /// The lines that load the prelude into a session.
    ///
    /// # Errors
    /// When the cache folder's path is not text.
    pub fn setup_code(&self) -> Result<String> {
        Ok(format!(":dep {}\n{IMPORTS}", self.dependency()?))
    }

    /// Copies the compiled code into a session's folder.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn copy_into(&mut self, folder: &Path) -> Result<()> {
        let copied = copy_tree(&self.folder.join("target"), &folder.join("target"));
        self.guard = None;
        copied.with_context(|| format!("cannot copy the prelude to {}", folder.display()))
    }

    /// Copies the lock file into a session's folder, so that cargo chooses the same versions.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn copy_lock(&self, folder: &Path) -> Result<()> {
        fs::copy(self.folder.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(())
    }
}

/// Where the template for this library and the installed compiler is, or would be.
///
/// # Errors
/// When the compiler is not found.
pub fn template_folder(cache: &Path, source: &Source) -> Result<PathBuf> {
    Ok(home(cache, source, &Tools::find()?, &lock_of(source)))
}

fn home(cache: &Path, source: &Source, tools: &Tools, lock: &str) -> PathBuf {
    let compiler = &tools.version;
    let ingredients = Ingredients { features: &source.features, compiler, lock };
    cache.join("prelude").join(ingredients.key())
}

fn lock_of(source: &Source) -> String {
    fs::read_to_string(source.root.join("Cargo.lock")).unwrap_or_default()
}

/// One dynamic library that holds the model library and everything that it uses.
fn wrapper_manifest(source: &Source) -> Result<String> {
    let path = toml_string(&source.root)?;
    let features = serde_json::to_string(&source.features)?;
    Ok(format!(
        "[package]\nname = \"elbo-prelude\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [lib]\nname = \"elbo\"\ncrate-type = [\"dylib\"]\n\n\
         [dependencies]\n\
         elbo_models = {{ package = \"elbo\", path = {path}, features = {features} }}\n"
    ))
}

/// The manifest that evcxr 0.22 writes for its cells: what is compiled under the same settings
/// need not be compiled again.
fn cell_manifest(dependency: &str) -> String {
    format!(
        r#"
[package]
name = "ctx"
version = "1.0.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]
path = "src/lib.rs"

[profile.dev]
opt-level = 2
debug = false
strip = "debuginfo"
rpath = true
lto = false
debug-assertions = true
codegen-units = 16
panic = 'unwind'
incremental = true
overflow-checks = true

[dependencies]
{dependency}

"#
    )
}

/// Writes a file unless it already says the same: cargo judges by the time of writing.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}
