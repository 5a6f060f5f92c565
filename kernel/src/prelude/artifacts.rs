//! The compiled crates of which the library is made, one by one.
//!
//! A cell can name some of them ([`AT_HAND`]) as if it depended on them. Crates that a user adds are
//! compiled against these very files (see [`crate::compiler`]): to the compiler a crate is what its
//! file says, and a second copy of ndarray would have types of its own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use semver::Version;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::Table;

use super::key::short_hash;

/// The crates that cells can name without adding them.
pub const AT_HAND: [&str; 11] = [
    "chrono",
    "dfdx",
    "image",
    "ndarray",
    "plotters",
    "polars",
    "rand",
    "rand_distr",
    "serde",
    "serde_json",
    "tokio",
];

/// The list of a build's crates, in the folder of its libraries.
pub const LIST: &str = "crates.json";

/// A compiled crate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// The package's name.
    pub package: String,
    /// The name in code.
    pub name: String,
    /// Its version.
    pub version: Version,
    /// The features with which it was compiled.
    pub features: BTreeSet<String>,
    /// Whether it is for the compiler's own platform: part of a procedural macro or a build script.
    pub is_for_host: bool,
    /// Its files: where cargo has put them, or their names in a folder of libraries.
    pub files: Vec<PathBuf>,
}

impl Artifact {
    /// Reads cargo's report of a crate from a registry. `None` for everything else.
    pub fn reported(report: &Value, target: &str) -> Option<Self> {
        let (source, fragment) = report["package_id"].as_str()?.split_once('#')?;
        if !source.starts_with("registry+") {
            return None;
        }
        let (package, version) = match fragment.split_once('@') {
            Some((package, version)) => (package, version),
            None => (source.rsplit('/').next()?, fragment),
        };
        let kinds = report["target"]["kind"].as_array()?;
        if kinds.iter().any(|kind| kind == "custom-build" || kind == "bin") {
            return None;
        }
        let files = strings(&report["filenames"]).map(PathBuf::from).collect::<Vec<_>>();
        let of_target = |file: &PathBuf| file.iter().any(|part| part == target);
        Some(Self {
            package: package.to_owned(),
            name: report["target"]["name"].as_str()?.replace('-', "_"),
            version: Version::parse(version).ok()?,
            features: strings(&report["features"]).map(str::to_owned).collect(),
            is_for_host: !files.iter().any(of_target),
            files,
        })
    }

    /// The file with this ending.
    pub fn file(&self, ending: &str) -> Option<&Path> {
        let has = |file: &&PathBuf| file.extension().is_some_and(|own| own == ending);
        self.files.iter().find(has).map(PathBuf::as_path)
    }
}

fn strings(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// The crates from registries that a folder of libraries holds.
///
/// # Errors
/// When their list cannot be read.
pub fn read(folder: &Path) -> Result<Vec<Artifact>> {
    let list = folder.join(LIST);
    let text = fs::read(&list).with_context(|| format!("cannot read {}", list.display()))?;
    Ok(serde_json::from_slice(&text)?)
}

/// A name that differs when another compilation of a crate, or another crate, is in the list. What
/// was compiled in another home counts as another compilation: some crates include a file that their
/// build script has written, by its path, and are then not the same to rustc.
pub fn identity(home: &Path, artifacts: &[Artifact]) -> String {
    let files = artifacts.iter().flat_map(|artifact| &artifact.files);
    let names: BTreeSet<_> =
        files.filter_map(|file| file.file_name()).map(|name| name.to_string_lossy()).collect();
    let home = home.to_string_lossy();
    short_hash(std::iter::once(&*home).chain(names.iter().map(|name| &**name)))
}

/// The crates at hand: of each the version that the library itself uses, which its lock file says.
pub fn at_hand(artifacts: &[Artifact], lock: &str) -> Vec<Artifact> {
    let lock: Table = toml::from_str(lock).unwrap_or_default();
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let library = packages.into_iter().flatten().find(|package| {
        package.get("name").and_then(toml::Value::as_str) == Some(super::library::NAME)
    });
    let used = library.and_then(|library| library.get("dependencies")?.as_array());
    let used: Vec<&str> = used.into_iter().flatten().filter_map(toml::Value::as_str).collect();
    let is_used = |artifact: &&Artifact| {
        used.iter().any(|entry| {
            // A name, and a version where there are several.
            let (name, version) = entry.split_once(' ').unwrap_or((entry, ""));
            name == artifact.package
                && (version.is_empty() || version == artifact.version.to_string())
        })
    };
    let at_hand = |artifact: &&Artifact| {
        AT_HAND.contains(&artifact.name.as_str()) && !artifact.is_for_host && is_used(artifact)
    };
    artifacts.iter().filter(at_hand).cloned().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TARGET: &str = "x86_64-unknown-linux-gnu";

    fn report(id: &str, name: &str, folder: &str) -> Value {
        json!({"package_id": id, "target": {"kind": ["lib"], "name": name}, "features": ["std"],
            "filenames": [format!("/t/{folder}/deps/lib{name}-1.rlib"),
                format!("/t/{folder}/deps/lib{name}-1.rmeta")]})
    }

    #[test]
    fn reports_of_registry_crates_are_read_and_others_are_not() {
        let target = format!("{TARGET}/release");
        let id = "registry+https://github.com/rust-lang/crates.io-index#rand-x@0.9.1";
        let read = Artifact::reported(&report(id, "rand-x", &target), TARGET).unwrap();
        assert_eq!((read.package.as_str(), read.name.as_str()), ("rand-x", "rand_x"));
        assert_eq!(read.version, Version::new(0, 9, 1));
        assert!(!read.is_for_host && read.features.contains("std"));
        assert_eq!(read.file("rmeta").unwrap().file_name().unwrap(), "librand-x-1.rmeta");
        assert!(Artifact::reported(&report(id, "rand-x", "release"), TARGET).unwrap().is_for_host);
        let own = report("path+file:///home/ann/elbo#0.1.0", "elbo", &target);
        assert_eq!(Artifact::reported(&own, TARGET), None);
    }

    #[test]
    fn of_several_versions_the_one_that_the_library_uses_is_at_hand() {
        let id = |version| format!("registry+https://x/index#rand@{version}");
        let target = format!("{TARGET}/release");
        let artifacts: Vec<_> = ["0.8.5", "0.10.1"]
            .iter()
            .filter_map(|version| {
                Artifact::reported(&report(&id(version), "rand", &target), TARGET)
            })
            .collect();
        let lock = "[[package]]\nname = \"elbo\"\ndependencies = [\"rand 0.10.1\"]";
        let found = at_hand(&artifacts, lock);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].version, Version::new(0, 10, 1));
        let home = Path::new("/home");
        assert_ne!(identity(home, &artifacts), identity(home, &found[..0]));
        assert_ne!(identity(home, &artifacts), identity(Path::new("/other"), &artifacts));
    }
}
