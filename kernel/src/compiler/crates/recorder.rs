//! Called by cargo in the place of rustc while it compiles added crates.
//!
//! A crate that the library has already, in the same version and with all features that are asked for,
//! is not compiled: its compiled files are put where cargo wants them. To rustc a crate is what its
//! file says it is, so what is compiled against these files is compiled against the library's crates.
//!
//! The library's crate may stand on another compilation of a third one than cargo had in mind, where
//! an added crate asks for more of that one's features. Most often nobody notices. Where somebody
//! does, it does not compile, and cargo is called again to be [`STRICT`]: then only crates are taken
//! whose dependencies are the library's own, too.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use super::workshop;
use crate::compiler::arguments::CRATE;
use crate::compiler::settings::{Library, Settings};
use crate::prelude::Artifact;

/// The name under which cargo calls this program.
pub const RECORDER: &str = "rustc-recorder";
/// Set in the environment of a cargo that is to be strict.
pub const STRICT: &str = "ELBO_STRICT_CRATES";
/// The ending of a file that says which file of the library another one is.
const ORIGIN: &str = "origin";
/// The ending of a procedural macro's file.
const MACRO: &str = if cfg!(target_os = "macos") { "dylib" } else { "so" };
/// The kinds of crates that are taken from the library.
const KINDS: [&str; 3] = ["lib", "rlib", "proc-macro"];

/// Compiles a crate, or takes it from the library; notes down what concerns other crates when it is
/// the one that depends on all added ones.
///
/// # Errors
/// When rustc does not start or a file cannot be written.
pub fn record(settings: &Settings, arguments: &[String]) -> Result<ExitCode> {
    let (rustc, arguments) = arguments.split_first().context("no compiler was named")?;
    let call = Call { arguments };
    if call.value("--crate-name") == Some(CRATE) {
        let set = std::env::var_os("CARGO_MANIFEST_DIR").context("cargo names no package")?;
        let told = about_other_crates(arguments, settings.library.as_ref());
        workshop::save(Path::new(&set), "", &told)?;
    } else if let Some(library) = &settings.library
        && call.is_taken_from(library)?
    {
        return Ok(ExitCode::SUCCESS);
    }
    let mut command = Command::new(rustc);
    command.args(arguments);
    if let Some(library) = &settings.library {
        // Where the crates of the library look for one another.
        command.args(["-L", &format!("dependency={}", library.dependencies.display())]);
    }
    let status = command.status().context("rustc does not start")?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(1)))
}

/// A command line of rustc.
struct Call<'a> {
    arguments: &'a [String],
}

impl Call<'_> {
    fn value(&self, option: &str) -> Option<&str> {
        self.values(option).next()
    }

    fn values(&self, option: &str) -> impl Iterator<Item = &str> {
        let pairs = self.arguments.windows(2).filter(move |pair| pair[0] == option);
        pairs.map(|pair| pair[1].as_str())
    }

    fn features(&self) -> BTreeSet<String> {
        let features = self.values("--cfg").filter_map(|flag| flag.strip_prefix("feature="));
        features.map(|name| name.trim_matches('"').to_owned()).collect()
    }

    /// The files of the crates whose types and functions this one uses. Procedural macros are
    /// programs of their own: of which build they are does not matter.
    fn dependencies(&self) -> impl Iterator<Item = &Path> {
        let is_macro = |kind| kind == "proc-macro";
        let named = self
            .values("--extern")
            .filter(move |_| !self.value("--crate-type").is_some_and(is_macro));
        let files = named.filter_map(|named| Some(Path::new(named.split_once('=')?.1)));
        files.filter(|file| file.extension().is_none_or(|ending| ending != MACRO))
    }

    /// Puts the library's files in the place of what would be compiled, if they are as good.
    fn is_taken_from(&self, library: &Library) -> Result<bool> {
        let Some(artifact) = self.same_in(library)? else { return Ok(false) };
        let (Some(folder), Some(name)) = (self.value("--out-dir"), self.value("--crate-name"))
        else {
            return Ok(false);
        };
        let folder = Path::new(folder);
        let suffix = self.values("-C").find_map(|option| option.strip_prefix("extra-filename="));
        let stem = format!("{name}{}", suffix.unwrap_or_default());
        for file in &artifact.files {
            let Some(ending) = file.extension() else { continue };
            let place = folder.join(format!("lib{stem}")).with_added_extension(ending);
            let _ = fs::remove_file(&place);
            let original = library.dependencies.join(file);
            // A link would have the original's time, by which cargo would find it outdated.
            fs::copy(&original, &place)
                .with_context(|| format!("cannot copy {}", original.display()))?;
            fs::write(origin_file(&place), file.to_string_lossy().as_bytes())?;
        }
        // cargo asks for the list of source files.
        fs::write(
            folder.join(format!("{stem}.d")),
            format!("{}: \n", folder.join(stem).display()),
        )?;
        Ok(true)
    }

    /// The library's crate that can stand for this one.
    fn same_in(&self, library: &Library) -> Result<Option<Artifact>> {
        let kind = self.value("--crate-type").unwrap_or_default();
        let environment = |name| std::env::var(name).unwrap_or_default();
        let is_from_registry =
            Path::new(&environment("CARGO_MANIFEST_DIR")).iter().any(|part| part == "registry");
        if !KINDS.contains(&kind) || !is_from_registry {
            return Ok(None);
        }
        let (package, version) = (environment("CARGO_PKG_NAME"), environment("CARGO_PKG_VERSION"));
        let artifacts = library.artifacts()?;
        let features = self.features();
        let is_for_host = self.value("--target").is_none();
        let found = artifacts.into_iter().find(|own| {
            own.package == package
                && own.version.to_string() == version
                && own.is_for_host == is_for_host
                && Some(own.name.as_str()) == self.value("--crate-name")
                && own.features.is_superset(&features)
                && own.files.iter().all(|file| library.dependencies.join(file).exists())
        });
        let is_strict = std::env::var_os(STRICT).is_some();
        let fits = !is_strict || self.dependencies().all(|file| origin_file(file).exists());
        Ok(found.filter(|_| fits))
    }
}

fn origin_file(file: &Path) -> PathBuf {
    // The two forms of a library stand for each other.
    file.with_extension(ORIGIN)
}

/// The options that name other crates, and where they and their libraries are. Crates of the library
/// are named where the library has them.
fn about_other_crates(arguments: &[String], library: Option<&Library>) -> Vec<String> {
    let call = Call { arguments };
    let mut told = Vec::new();
    for named in call.values("--extern") {
        let original = named.split_once('=').and_then(|(name, file)| {
            let original = fs::read_to_string(origin_file(Path::new(file))).ok()?;
            let file = library?.dependencies.join(original);
            // Either form will do: the library's dynamic form holds the code.
            Some(format!("{name}={}", file.display()))
        });
        told.extend(["--extern".to_owned(), original.unwrap_or_else(|| named.to_owned())]);
    }
    for place in call.values("-L") {
        told.extend(["-L".to_owned(), place.to_owned()]);
        if let Some(folder) = place.strip_prefix("native=") {
            // Where the loader finds what a build script has made or found.
            told.push(format!("-Clink-arg=-Wl,-rpath,{folder}"));
        }
    }
    for name in call.values("-l") {
        told.extend(["-l".to_owned(), name.to_owned()]);
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn what_names_other_crates_is_kept_and_the_rest_is_not() {
        let arguments = words(
            "--crate-name ctx src/lib.rs -C opt-level=2 -L dependency=/t/deps \
             --extern rand=/t/deps/librand-1.rlib --cfg x -L native=/usr/lib -l static=z",
        );
        let expected = "--extern rand=/t/deps/librand-1.rlib -L dependency=/t/deps \
                        -L native=/usr/lib -Clink-arg=-Wl,-rpath,/usr/lib -l static=z";
        assert_eq!(about_other_crates(&arguments, None).join(" "), expected);
    }

    #[test]
    fn a_call_tells_features_and_dependencies() {
        let mut arguments = words("--crate-name a --extern b=/x/libb-1.rmeta --extern proc_macro");
        arguments.extend(["--cfg", "feature=\"std\""].map(str::to_owned));
        let call = Call { arguments: &arguments };
        assert_eq!(call.features(), BTreeSet::from(["std".to_owned()]));
        assert_eq!(call.dependencies().collect::<Vec<_>>(), [Path::new("/x/libb-1.rmeta")]);
    }
}
