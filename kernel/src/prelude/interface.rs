//! What rust-analyzer reads in the place of the model library and its two hundred dependencies.
//!
//! It is the library's own source with only the light ones of its dependencies. rust-analyzer
//! takes what it cannot resolve as unknown and understands the rest: the library's own types, and
//! ndarray's. Reading all dependencies takes it twenty seconds and over a gigabyte. Where a
//! variable's type is then unknown to it, the compiler is asked (see [`crate::compiler`]).

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use crate::engine::toml_string;

/// Dependencies whose types users name and call, small enough to be read in every session.
pub const LIGHT: [&str; 2] = ["ndarray", "rand"];

/// Writes the interface of the library at `root` into a new folder.
///
/// # Errors
/// When the library cannot be read or the folder cannot be written.
pub fn write(root: &Path, folder: &Path) -> Result<()> {
    let manifest = root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)
        .with_context(|| format!("{} cannot be read", manifest.display()))?;
    copy_sources(&root.join("src"), &folder.join("src"))?;
    let manifest = reduced(&text).with_context(|| format!("{} is unusual", manifest.display()))?;
    fs::write(folder.join("Cargo.toml"), manifest)?;
    Ok(())
}

/// The line with which a manifest depends on the interface.
///
/// # Errors
/// When the path is not text.
pub fn dependency(folder: &Path) -> Result<String> {
    Ok(format!("elbo = {{ path = {} }}", toml_string(folder)?))
}

/// The manifest with the light dependencies only. Features stay, so that code behind them is read,
/// but bring nothing with them.
fn reduced(manifest: &str) -> Option<String> {
    let manifest: Table = toml::from_str(manifest).ok()?;
    let own = manifest.get("dependencies")?.as_table()?;
    let dependencies: Table = LIGHT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), own.get(*name)?.clone())))
        .collect();
    let mut features = Table::new();
    for (name, parts) in manifest.get("features").and_then(Value::as_table)? {
        let parts = parts.as_array()?.iter().filter_map(Value::as_str);
        let parts = parts.filter(|part| !part.contains([':', '/']));
        let parts = parts.map(|part| Value::String(part.to_owned())).collect();
        features.insert(name.clone(), Value::Array(parts));
    }
    let package: Table = [("name", "elbo"), ("version", "0.0.0"), ("edition", "2024")]
        .map(|(key, value)| (key.to_owned(), Value::String(value.to_owned())))
        .into_iter()
        .collect();
    let parts = [
        ("package", package),
        ("features", features),
        ("dependencies", dependencies),
        ("workspace", Table::new()),
    ];
    let whole: Table =
        parts.into_iter().map(|(key, part)| (key.to_owned(), Value::Table(part))).collect();
    toml::to_string(&whole).ok()
}

fn copy_sources(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    let entries = fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type()?.is_dir() {
            copy_sources(&path, &target)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heavy_dependencies_are_left_out() {
        let manifest = r#"
[package]
name = "elbo"
version.workspace = true
[features]
default = ["download"]
download = ["dep:ureq"]
cuda = ["dfdx/cuda"]
[dependencies]
ndarray = "0.17"
polars = "0.55"
ureq = { version = "3", optional = true }
"#;
        let reduced: Table = toml::from_str(&reduced(manifest).unwrap()).unwrap();
        assert_eq!(reduced["dependencies"].as_table().unwrap().len(), 1);
        assert_eq!(reduced["dependencies"]["ndarray"].as_str(), Some("0.17"));
        assert_eq!(reduced["features"]["default"][0].as_str(), Some("download"));
        assert!(reduced["features"]["cuda"].as_array().unwrap().is_empty());
    }
}
