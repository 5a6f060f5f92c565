//! Crates that the user adds by `:dep`: compiled by the real cargo, once for all sessions, in a crate
//! that depends on them and is otherwise empty. What cargo then tells rustc about them is noted down,
//! and holds for every cell until the user adds another crate.
//!
//! Where an added crate needs one that the model library is made of, it gets the library's own
//! ([`recorder`]): ndarray's companions work on the arrays of the library.

mod recorder;
mod request;
mod sources;
mod workshop;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use semver::VersionReq;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

pub use recorder::{RECORDER, record};
pub use request::Dependency;
pub use workshop::{clear as clear_crates, last_lock};

use super::settings::{Library, Settings};
use crate::prelude::{Artifact, read_artifacts};
use workshop::{Failure, Workshop};

/// What a session has added, in its folder.
const FILE: &str = "crates.json";

/// The crates that the user has added, and what rustc must be told about them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Added {
    /// As a manifest describes them.
    pub dependencies: Table,
    /// For rustc.
    pub arguments: Vec<String>,
    /// The state of the sources of those that are folders.
    sources: String,
}

impl Added {
    /// What a session has added so far.
    pub fn load(session: &Path) -> Self {
        let text = fs::read(session.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Makes what one session has added known to another.
    ///
    /// # Errors
    /// When the folder of the other one cannot be written.
    pub fn share(from: &Path, to: &Path) -> std::io::Result<()> {
        for file in [FILE, workshop::LAST_SET] {
            match fs::copy(from.join(file), to.join(file)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// Forgets what a session has added.
    ///
    /// # Errors
    /// When its folder cannot be written.
    pub fn forget(session: &Path) -> std::io::Result<()> {
        super::remove_if_there(&session.join(FILE))
    }

    fn save(&self, session: &Path) -> Result<()> {
        let file = session.join(FILE);
        fs::write(&file, serde_json::to_vec(self)?)
            .with_context(|| format!("cannot write {}", file.display()))
    }

    /// The names by which code knows them.
    pub fn names(&self) -> BTreeSet<String> {
        self.dependencies.keys().map(|name| name.replace('-', "_")).collect()
    }

    /// The crates that code knows by other names than their own, with both names.
    pub fn renamed(&self) -> Vec<(String, String)> {
        let in_code = |name: &str| name.replace('-', "_");
        let package = |own: &Value| Some(in_code(own.get("package")?.as_str()?));
        let both =
            self.dependencies.iter().filter_map(|(new, own)| Some((package(own)?, in_code(new))));
        both.collect()
    }

    /// Whether the sources of a crate have changed since it was compiled.
    pub fn is_stale(&self) -> bool {
        sources::has_folders(&self.dependencies)
            && sources::state(&self.dependencies) != self.sources
    }
}

/// How crates are to be compiled.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Whether the network is not to be used.
    pub offline: bool,
    /// Environment variables for cargo and what it starts.
    pub environment: Vec<(String, String)>,
}

/// Why crates could not be added.
#[derive(Debug)]
pub enum Refusal {
    /// What cargo says.
    Failed(String),
    /// The user has stopped it.
    Stopped,
}

/// Makes these crates, beside those that the session has already, known to its cells. Returns notes
/// for the user. After a refusal the session has what it had before.
///
/// # Errors
/// When cargo does not start or a folder cannot be written.
pub fn add(
    session: &Path,
    settings: &Settings,
    wanted: &[Dependency],
    options: &Options,
    progress: &mut dyn FnMut(&str),
) -> Result<Result<Vec<String>, Refusal>> {
    let before = Added::load(session);
    let mut dependencies = before.dependencies.clone();
    let mut notes = Vec::new();
    for Dependency { name, description } in wanted {
        let own = settings.library.as_ref().and_then(|library| library.at_hand(name));
        match own {
            Some(own) if satisfies(own, description) => {
                dependencies.remove(name);
            }
            own => {
                notes.extend(own.map(|own| beside(own, description)));
                dependencies.insert(name.clone(), description.clone());
            }
        }
    }
    match resolve(session, settings, &before, dependencies, options, progress)? {
        Ok(added) => {
            notes.extend(other_versions(settings, session, &added));
            added.save(session)?;
            Ok(Ok(notes))
        }
        Err(Failure::Said(text)) => Ok(Err(Refusal::Failed(text))),
        Err(Failure::Stopped) => Ok(Err(Refusal::Stopped)),
    }
}

fn resolve(
    session: &Path,
    settings: &Settings,
    before: &Added,
    dependencies: Table,
    options: &Options,
    progress: &mut dyn FnMut(&str),
) -> Result<Result<Added, Failure>> {
    if dependencies.is_empty() {
        return Ok(Ok(Added::default()));
    }
    let sources = sources::state(&dependencies);
    if dependencies == before.dependencies && sources == before.sources {
        return Ok(Ok(before.clone()));
    }
    let workshop = Workshop::open(settings)?;
    let compiled = workshop.compile(session, &dependencies, &sources, options, progress)?;
    Ok(compiled.map(|arguments| Added { dependencies, arguments, sources }))
}

/// Whether a crate at hand is what a dependency asks for.
pub fn satisfies(own: &Artifact, description: &Value) -> bool {
    let version_fits =
        |text: &str| VersionReq::parse(text).is_ok_and(|wanted| wanted.matches(&own.version));
    match description {
        Value::String(version) => version_fits(version),
        Value::Table(table) => table.iter().all(|(key, value)| match (key.as_str(), value) {
            ("version", Value::String(version)) => version_fits(version),
            ("features", Value::Array(features)) => {
                let mut names = features.iter().filter_map(Value::as_str);
                names.all(|name| own.features.contains(name))
            }
            ("default-features" | "default_features", _) => true,
            _ => false,
        }),
        _ => false,
    }
}

/// What to know about a crate that the library has in another form.
fn beside(own: &Artifact, description: &Value) -> String {
    let Artifact { name, version, .. } = own;
    let wanted = match description {
        Value::String(wanted) => wanted.clone(),
        Value::Table(table) => table.get("version").and_then(Value::as_str).map_or_else(
            || "the one you name".to_owned(),
            |wanted| match table.get("features") {
                Some(features) => format!("{wanted} with the features {features}"),
                None => wanted.to_owned(),
            },
        ),
        other => other.to_string(),
    };
    format!(
        "`{name}` is now {wanted} in cells. The library keeps its own, {version}: what it takes and \
         gives is of that one. To have both, give yours another name: \
         `:dep my_{name} = {{ package = \"{name}\", … }}`; `:dep {name}` brings the library's back."
    )
}

/// What to know about added crates that use another version of a crate at hand.
fn other_versions(settings: &Settings, session: &Path, added: &Added) -> Vec<String> {
    let Some(library) = &settings.library else { return Vec::new() };
    if added.dependencies.is_empty() || Added::load(session).dependencies == added.dependencies {
        return Vec::new();
    }
    let Ok(workshop) = Workshop::open(settings) else { return Vec::new() };
    let versions = workshop.versions(&added.dependencies);
    let other = |own: &&Artifact| {
        !added.dependencies.contains_key(&own.package)
            && versions.iter().any(|(name, _)| *name == own.package)
            && !versions.contains(&(own.package.clone(), own.version.to_string()))
    };
    let told = |own: &Artifact| {
        let theirs = versions.iter().find(|(name, _)| *name == own.package);
        let theirs = theirs.map_or("another", |(_, version)| version);
        format!(
            "the added crates use {} {theirs}, the library {}: values of the one are none of the \
             other. A version of the added crate that uses {} would share the library's.",
            own.package, own.version, own.version
        )
    };
    library.at_hand.iter().filter(other).map(told).collect()
}

impl Library {
    /// The crates from registries that the library is made of.
    ///
    /// # Errors
    /// When their list cannot be read.
    pub fn artifacts(&self) -> Result<Vec<Artifact>> {
        read_artifacts(&self.dependencies)
    }

    /// The crate at hand of this name, in code or in a manifest.
    pub fn at_hand(&self, name: &str) -> Option<&Artifact> {
        let name = name.replace('-', "_");
        self.at_hand.iter().find(|own| own.name == name)
    }
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::*;

    #[test]
    fn a_crate_at_hand_satisfies_what_asks_for_no_more() {
        let own = Artifact {
            package: "serde".to_owned(),
            name: "serde".to_owned(),
            version: Version::new(1, 0, 228),
            features: BTreeSet::from(["derive".to_owned(), "std".to_owned()]),
            is_for_host: false,
            files: Vec::new(),
        };
        for (description, expected) in [
            ("\"1\"", true),
            ("\"*\"", true),
            ("\"1.0.300\"", false),
            ("\"0.9\"", false),
            ("{ version = \"1\", features = [\"derive\"] }", true),
            ("{ version = \"1\", features = [\"rc\"] }", false),
            ("{ version = \"1\", default-features = false }", true),
            ("{ path = \"/x\" }", false),
            ("{ version = \"1\", package = \"other\" }", false),
        ] {
            let table: Table = toml::from_str(&format!("x = {description}")).unwrap();
            assert_eq!(satisfies(&own, &table["x"]), expected, "{description}");
        }
        assert!(beside(&own, &Value::String("0.9".to_owned())).contains("`serde` is now 0.9"));
    }
}
