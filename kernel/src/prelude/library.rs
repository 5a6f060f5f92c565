//! The model library as sessions use it: compiled, and never changed again.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use toml::Table;

use super::artifacts::{self, LIST};
use super::cargo::{Built, GLANCE, Progress, Stopped, Tools};
use super::extent::Extent;
use super::folders::{cache_folder, own_folder};
use super::key::{Ingredients, short_hash};
use super::source::Source;
use super::{interface, lock};
use crate::compiler::{Library, Settings};
use crate::engine::toml_string;

/// Brings the library's names into every cell's scope. Its crates need no import: the compiler is
/// told of them by name, as of dependencies.
pub const IMPORTS: &str = "use elbo::prelude::*;\n";
/// The name by which cells know the library.
pub const NAME: &str = "elbo";
/// The crate that becomes the dynamic library.
const WRAPPER: &str = "pub use elbo_models::*;\n#[doc(hidden)]\npub mod cell_report;\n\
    #[doc(hidden)]\npub mod variable_store;\n";
const VARIABLE_STORE: &str = include_str!("variable_store.rs");
/// How a cell tells what has come of it.
pub const CELL_REPORT: &str = include_str!("cell_report.rs");
/// The compiled library and what it was made of, within a build's folder.
const LIBRARIES: &str = "libraries";
const INTERFACE: &str = "interface";
const LOCK: &str = "Cargo.lock";
/// The lock file with which the wrapper's began.
const BEGUN_WITH: &str = "begun-with.lock";
/// Where cargo compiles, within a home.
const TARGET: &str = "target";
/// Within the target folder: the package whose library is there, under the name that all have.
const LAST: &str = "last-built";
/// Held by every session that uses a build.
const IN_USE: &str = "in-use";

/// A compiled prelude. Lasts as long as somebody holds it.
#[derive(Debug)]
pub struct Prelude {
    home: PathBuf,
    folder: PathBuf,
    /// How much of the library it is.
    pub extent: Extent,
    /// The tools that it was compiled with.
    pub tools: Tools,
    _in_use: File,
}

/// Which build belongs to which state of the source code.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Current {
    sources: String,
    build: String,
}

impl Prelude {
    /// Compiles what is not yet compiled, at least so much. The first time this takes minutes, later
    /// next to no time unless the library's source code has changed.
    ///
    /// # Errors
    /// When the library or the compiler is not found, or the library does not compile.
    pub fn prepare(at_least: Extent, progress: &mut Progress<'_>) -> Result<Self> {
        let (source, tools) = (Source::find()?, Tools::find()?);
        if let Some(ready) = Self::find(&source, &tools, at_least)? {
            return Ok(ready);
        }
        let home = home(&own_folder()?, &source, &tools);
        fs::create_dir_all(&home)
            .with_context(|| format!("cannot make the folder {}", home.display()))?;
        // Two programs started at once must not compile in the same folder.
        let guard = File::create(home.join("lock"))?;
        wait_for(&guard, progress)?;
        guard.set_modified(SystemTime::now())?;
        // Once polars is compiled it costs nothing more.
        let extent = if has_whole(&home) { Extent::Whole } else { at_least };
        let lock = lock_of(&source, extent);
        let workshop =
            Workshop { home: &home, source: &source, tools: &tools, lock: &lock, extent };
        let folder = workshop.current_build(progress)?;
        let in_use = File::create(folder.join(IN_USE))?;
        in_use.lock_shared().context("cannot lock the compiled prelude")?;
        workshop.sweep(&folder);
        Ok(Self { home, folder, extent, tools, _in_use: in_use })
    }

    /// Whether so much of the library is compiled.
    pub fn is_ready(extent: Extent) -> bool {
        let look = || -> Result<bool> {
            Ok(Self::find(&Source::find()?, &Tools::find()?, extent)?.is_some())
        };
        look().unwrap_or(false)
    }

    /// The library if it is compiled already: for everybody, or for this user.
    fn find(source: &Source, tools: &Tools, at_least: Extent) -> Result<Option<Self>> {
        let (shared, own) = (cache_folder()?, own_folder()?);
        let folders = [Some(&shared), (own != shared).then_some(&own)];
        for folder in folders.into_iter().flatten() {
            let ready = Self::ready(&home(folder, source, tools), source, tools, at_least)?;
            if ready.is_some() {
                return Ok(ready);
            }
        }
        Ok(None)
    }

    /// The library if it is compiled in this place. Nobody waits here for another program that compiles
    /// the rest of it.
    fn ready(
        home: &Path,
        source: &Source,
        tools: &Tools,
        at_least: Extent,
    ) -> Result<Option<Self>> {
        let extents = match at_least {
            Extent::Models if !has_whole(home) => &[Extent::Whole, Extent::Models][..],
            _ => &[Extent::Whole],
        };
        let sources = state_of(&source.root)?;
        for &extent in extents {
            let current = Current::read(&checkout_folder(home, source), extent);
            let folder = build_folder(home, &current.build);
            let Ok(in_use) = File::open(folder.join(IN_USE)) else { continue };
            if current.sources != sources || in_use.lock_shared().is_err() {
                continue;
            }
            // Whoever swept it away had locked it.
            if folder.join(IN_USE).exists() {
                // Touched by everybody who uses it: what nobody uses may be removed.
                let _ = File::open(home.join("lock"))
                    .and_then(|lock| lock.set_modified(SystemTime::now()));
                let (home, tools) = (home.to_owned(), tools.clone());
                return Ok(Some(Self { home, folder, extent, tools, _in_use: in_use }));
            }
        }
        Ok(None)
    }

    /// How cells are compiled against it.
    ///
    /// # Errors
    /// When the compiler does not name the platform.
    pub fn settings(&self) -> Result<Settings> {
        let folder = self.libraries();
        let artifacts = artifacts::read(&folder)?;
        let lock = fs::read_to_string(self.folder.join(LOCK))?;
        let library = Library {
            name: NAME.to_owned(),
            file: folder.join(library_file()),
            at_hand: artifacts::at_hand(&artifacts, &lock),
            identity: artifacts::identity(&self.home, &artifacts),
            dependencies: folder,
            lock,
        };
        plain_settings(&self.tools, Some(library))
    }

    /// The folder of the dynamic library.
    pub fn libraries(&self) -> PathBuf {
        self.folder.join(LIBRARIES)
    }

    /// The line with which a manifest names what rust-analyzer is to read of the library.
    ///
    /// # Errors
    /// When the cache folder's path is not text.
    pub fn dependency(&self) -> Result<String> {
        interface::dependency(&self.folder.join(INTERFACE))
    }
}

/// Waits until no other program compiles in the folder that is locked by this file.
fn wait_for(guard: &File, progress: &mut Progress<'_>) -> Result<()> {
    let mut has_said = false;
    loop {
        match guard.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => {
                return Err(error).context(
                    "cannot lock the library's folder; on a network drive that cannot lock files, \
                     set ELBO_CACHE to a folder on a local disk",
                );
            }
        }
        ensure!(!progress.is_stopped(), Stopped);
        if !std::mem::replace(&mut has_said, true) {
            progress.note("another session is compiling the library; waiting for it");
        }
        std::thread::sleep(GLANCE);
    }
}

/// How far the compilation of the library has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Not begun.
    Missing,
    /// Begun and not finished.
    Incomplete,
    /// The source code has changed since.
    Stale,
    /// Ready for sessions, but for polars.
    Models,
    /// Ready for sessions.
    Ready,
}

impl State {
    /// Looks at a library: where it is compiled, and how far that has come.
    ///
    /// # Errors
    /// When the compiler or the source code is not found.
    pub fn look(cache: &Path, source: &Source) -> Result<(PathBuf, Self)> {
        let home = home(cache, source, &Tools::find()?);
        let sources = state_of(&source.root)?;
        let build = |extent| {
            let current = Current::read(&checkout_folder(&home, source), extent);
            let is_there = build_folder(&home, &current.build).join(IN_USE).exists();
            is_there.then_some(current.sources == sources)
        };
        let state = match (build(Extent::Whole), build(Extent::Models)) {
            (Some(true), _) => Self::Ready,
            (None, Some(true)) => Self::Models,
            (None, None) if home.exists() => Self::Incomplete,
            (None, None) => Self::Missing,
            _ => Self::Stale,
        };
        Ok((home, state))
    }
}

fn lock_of(source: &Source, extent: Extent) -> String {
    let lock = fs::read_to_string(source.root.join(LOCK)).unwrap_or_default();
    lock::closure(&lock, NAME, extent.left_out()).unwrap_or(lock)
}

/// Where the library is compiled, with everything that it depends on.
fn home(cache: &Path, source: &Source, tools: &Tools) -> PathBuf {
    let ingredients = Ingredients { features: &source.features, compiler: &tools.version };
    cache.join("prelude").join(ingredients.key())
}

/// Checkouts share what the library depends on, but each has its own idea of the library.
fn checkout_folder(home: &Path, source: &Source) -> PathBuf {
    home.join(short_hash([&*source.root.to_string_lossy()]))
}

fn build_folder(home: &Path, build: &str) -> PathBuf {
    home.join("builds").join(build)
}

impl Current {
    const fn file(extent: Extent) -> &'static str {
        match extent {
            Extent::Models => "current-models.json",
            Extent::Whole => "current.json",
        }
    }

    fn read(own: &Path, extent: Extent) -> Self {
        let text = fs::read(own.join(Self::file(extent))).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn write(&self, own: &Path, extent: Extent) -> Result<()> {
        Ok(fs::write(own.join(Self::file(extent)), serde_json::to_vec(self)?)?)
    }
}

/// Whether some checkout has once been compiled as a whole here, so that the crates are there.
fn has_whole(home: &Path) -> bool {
    let entries = fs::read_dir(home).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|own| own.join(Current::file(Extent::Whole)).exists())
}

/// How cells are compiled with these tools.
///
/// # Errors
/// When the compiler does not name the platform.
pub fn plain_settings(tools: &Tools, library: Option<Library>) -> Result<Settings> {
    Ok(Settings {
        cargo: tools.cargo.clone(),
        rustc: tools.rustc.clone(),
        version: tools.version.clone(),
        crates: own_folder()?.join("crates"),
        host: tools.host()?.to_owned(),
        library,
    })
}

fn library_file() -> String {
    let (prefix, suffix) = (std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    format!("{prefix}{NAME}{suffix}")
}

/// Where the library is compiled; one program at a time works here.
struct Workshop<'a> {
    home: &'a Path,
    source: &'a Source,
    tools: &'a Tools,
    lock: &'a str,
    extent: Extent,
}

impl Workshop<'_> {
    /// The folder of the build that fits the sources, made if there is none.
    fn current_build(&self, progress: &mut Progress<'_>) -> Result<PathBuf> {
        let own = checkout_folder(self.home, self.source);
        fs::create_dir_all(&own)?;
        let current = Current::read(&own, self.extent);
        let sources = state_of(&self.source.root)?;
        let known = build_folder(self.home, &current.build);
        if current.sources == sources && known.join(IN_USE).exists() {
            return Ok(known);
        }
        let wrapper = match self.extent {
            Extent::Models => "wrapper-models",
            Extent::Whole => "wrapper",
        };
        let wrapper = own.join(wrapper);
        let built = self.compile(&wrapper, progress)?;
        let build = short_hash([sources.as_str(), &format!("{:?}", SystemTime::now())]);
        let folder = build_folder(self.home, &build);
        self.keep(built, &folder, &wrapper)?;
        Current { sources, build }.write(&own, self.extent)?;
        if self.extent == Extent::Whole {
            // Nobody begins with less any more. What is not there need not be removed.
            let _ = fs::remove_file(own.join(Current::file(Extent::Models)));
        }
        Ok(folder)
    }

    fn compile(&self, wrapper: &Path, progress: &mut Progress<'_>) -> Result<Built> {
        let target = self.home.join(TARGET);
        if !target.exists() || (self.extent == Extent::Whole && !has_whole(self.home)) {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            let what = match self.extent {
                Extent::Models => "the models",
                Extent::Whole => "the library with polars",
            };
            progress.note(&format!(
                "Compiling {what}. This happens once and takes about {} minutes on {cores} cores.",
                (self.extent.minutes() / cores).max(2)
            ));
        }
        self.make_way(&target, wrapper)?;
        fs::create_dir_all(wrapper.join("src"))?;
        let manifest = wrapper_manifest(self.source, self.extent, self.lock)?;
        write(&wrapper.join("Cargo.toml"), &manifest)?;
        write(&wrapper.join("src/lib.rs"), WRAPPER)?;
        write(&wrapper.join("src/variable_store.rs"), VARIABLE_STORE)?;
        write(&wrapper.join("src/cell_report.rs"), CELL_REPORT)?;
        // Only to begin with, and when the library's own has changed: cargo keeps it.
        let begun_with = wrapper.join(BEGUN_WITH);
        if fs::read_to_string(&begun_with).is_ok_and(|lock| lock == self.lock) {
            return self.tools.build(wrapper, &target, progress);
        }
        fs::write(wrapper.join(LOCK), self.lock)?;
        fs::write(begun_with, self.lock)?;
        self.tools.build(wrapper, &target, progress)
    }

    /// Removes the library of another wrapper: cargo gives them all the same name, and would take the
    /// other one for its own when it has nothing to compile.
    fn make_way(&self, target: &Path, wrapper: &Path) -> Result<()> {
        let last = target.join(LAST);
        let own = wrapper.to_string_lossy();
        if fs::read_to_string(&last).is_ok_and(|other| other == own) {
            return Ok(());
        }
        let released = target.join(self.tools.host()?).join("release");
        for folder in [released.join("deps"), released] {
            // The first time there is none.
            let _ = fs::remove_file(folder.join(library_file()));
        }
        fs::create_dir_all(target)?;
        fs::write(last, &*own).context("cannot write in the prelude's folder")
    }

    /// Puts the results where no later build touches them. Links suffice: the compiler replaces
    /// its files as a whole.
    fn keep(&self, mut built: Built, folder: &Path, wrapper: &Path) -> Result<()> {
        let libraries = folder.join(LIBRARIES);
        fs::create_dir_all(&libraries)?;
        for file in &built.files {
            let Some(name) = file.file_name() else { continue };
            link_or_copy(file, &libraries.join(name))
                .with_context(|| format!("cannot keep {}", file.display()))?;
        }
        // In this folder they go by their names.
        for file in built.artifacts.iter_mut().flat_map(|artifact| &mut artifact.files) {
            *file = file.file_name().map(PathBuf::from).unwrap_or_default();
        }
        fs::write(libraries.join(LIST), serde_json::to_vec(&built.artifacts)?)?;
        interface::write(&self.source.root, &folder.join(INTERFACE))?;
        fs::copy(wrapper.join(LOCK), folder.join(LOCK))?;
        // Comes last: a folder without it is only half a build.
        File::create(folder.join(IN_USE))?;
        Ok(())
    }

    /// Removes builds that no session uses any more, and halves of builds.
    fn sweep(&self, wanted: &Path) {
        let Ok(entries) = fs::read_dir(self.home.join("builds")) else { return };
        for folder in entries.flatten().map(|entry| entry.path()) {
            let is_free =
                File::open(folder.join(IN_USE)).map_or(true, |file| file.try_lock().is_ok());
            if folder != wanted && is_free && !self.is_current(&folder) {
                // What cannot be removed now is swept next time.
                let _ = fs::remove_dir_all(folder);
            }
        }
    }

    /// Whether some checkout's latest build is in this folder.
    fn is_current(&self, folder: &Path) -> bool {
        let Ok(entries) = fs::read_dir(self.home) else { return true };
        entries.flatten().any(|entry| {
            let is_current = |extent| {
                build_folder(self.home, &Current::read(&entry.path(), extent).build) == folder
            };
            [Extent::Models, Extent::Whole].into_iter().any(is_current)
        })
    }
}

/// One dynamic library that holds the model library and everything that it uses.
fn wrapper_manifest(source: &Source, extent: Extent, lock: &str) -> Result<String> {
    let path = toml_string(&source.root)?;
    let wanted = source.features.iter().map(String::as_str);
    let features: Vec<&str> = wanted.chain(extent.features().iter().copied()).collect();
    let features = serde_json::to_string(&features)?;
    let own = fs::read_to_string(source.root.join("Cargo.toml"))?;
    Ok(format!(
        "[package]\nname = \"elbo-prelude\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
         [lib]\nname = \"{NAME}\"\ncrate-type = [\"dylib\"]\n\n{}\n[workspace]\n\n\
         [dependencies]\n\
         elbo_models = {{ package = \"elbo\", path = {path}, default-features = false, \
         features = {features} }}\n",
        profile(&own, lock)?
    ))
}

/// How the library's manifest wants a release compiled. What it says of crates that the lock file does
/// not name, those of this program for instance, is left out: cargo would warn of them.
fn profile(manifest: &str, lock: &str) -> Result<String> {
    let mut manifest: Table = toml::from_str(manifest)?;
    let mut release = manifest
        .get_mut("profile")
        .and_then(|profiles| profiles.as_table_mut()?.remove("release"))
        .unwrap_or_else(|| Table::new().into());
    if let Some(packages) = release.get_mut("package").and_then(toml::Value::as_table_mut) {
        let locked = lock::names(lock);
        packages.retain(|name, _| locked.contains(name));
    }
    let release: Table = [("release".to_owned(), release)].into_iter().collect();
    let whole: Table = [("profile".to_owned(), release.into())].into_iter().collect();
    Ok(toml::to_string(&whole)?)
}

/// A name for the present state of the source code: its files, sizes and times.
fn state_of(root: &Path) -> Result<String> {
    let mut words = vec![root.to_string_lossy().into_owned(), WRAPPER.to_owned(), LIST.to_owned()];
    words.extend([VARIABLE_STORE, CELL_REPORT].map(str::to_owned));
    for file in ["Cargo.toml", LOCK] {
        words.push(content_of(&root.join(file))?);
    }
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder);
        for entry in entries.with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else {
                words.push(content_of(&entry.path())?);
            }
        }
    }
    words.sort();
    Ok(short_hash(words.iter().map(String::as_str)))
}

/// A word for what a file says. Its time would change when it is copied, as into an image.
fn content_of(file: &Path) -> Result<String> {
    let Ok(content) = fs::read(file) else { return Ok(format!("{} is missing", file.display())) };
    Ok(format!("{} {}", file.display(), short_hash([&*String::from_utf8_lossy(&content)])))
}

/// A word for the present state of a file: its size and time.
///
/// # Errors
/// When the system does not tell its time.
pub fn state_of_file(file: &Path) -> Result<String> {
    let Ok(data) = fs::metadata(file) else { return Ok(format!("{} is missing", file.display())) };
    let written = data.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(format!("{} {} {}", file.display(), data.len(), written.as_nanos()))
}

fn link_or_copy(from: &Path, to: &Path) -> std::io::Result<()> {
    if to.exists() || fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    // A link is not possible between file systems.
    fs::copy(from, to).map(drop)
}

/// Writes a file unless it already says the same: cargo judges by the time of writing.
fn write(path: &Path, text: &str) -> Result<()> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_of_the_library_is_kept_without_crates_it_does_not_use() {
        let manifest = "[package]\nname = \"elbo\"\n[profile.dev]\ndebug = false\n\
                        [profile.release]\nopt-level = 1\n[profile.release.package]\n\
                        gemm = { opt-level = 3 }\nelbo-kernel = { opt-level = 1 }\n";
        let lock = "version = 4\n[[package]]\nname = \"gemm\"\nversion = \"0.19.0\"\n";
        let kept: Table = toml::from_str(&profile(manifest, lock).unwrap()).unwrap();
        let expected: Table =
            toml::from_str("[profile.release]\nopt-level = 1\npackage.gemm.opt-level = 3").unwrap();
        assert_eq!(kept, expected);
        assert!(profile("[package]\nname = \"elbo\"", lock).is_ok());
    }
}
