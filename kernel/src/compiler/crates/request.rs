//! What a `:dep` line asks for.

use std::path::Path;

use toml::{Table, Value};

/// A crate to add: its name in code and how a manifest would describe it.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// The key in a manifest.
    pub name: String,
    /// The value in a manifest; paths in it are absolute.
    pub description: Value,
}

impl Dependency {
    /// Reads what stands behind `:dep`: `NAME`, `NAME = "1.0"`, `NAME = { … }` as in a manifest, or
    /// the path of a crate. Relative paths start at `folder`.
    ///
    /// # Errors
    /// What is wrong with it, for the user.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, String> {
        let text = text.trim().trim_end_matches(';').trim_end();
        if text.is_empty() {
            return Err("name a crate, as in `:dep heck = \"0.5\"` or `:dep ./folder`".to_owned());
        }
        if text.starts_with(['.', '/', '~']) && !text.contains('=') {
            return Self::at_path(text, folder);
        }
        let (name, description) = match text.split_once('=') {
            Some((name, value)) => (name.trim(), described(name.trim(), value)?),
            None => match text.split_once('@') {
                Some((name, version)) => (name, Value::String(version.to_owned())),
                None => (text, Value::String("*".to_owned())),
            },
        };
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_part) {
            return Err(format!("`{name}` is not the name of a crate"));
        }
        let description = with_absolute_paths(description, folder)?;
        Ok(Self { name: name.to_owned(), description })
    }

    fn at_path(text: &str, folder: &Path) -> Result<Self, String> {
        let path = absolute(text, folder)?;
        let manifest = path.join("Cargo.toml");
        let read = std::fs::read_to_string(&manifest)
            .map_err(|error| format!("{} cannot be read: {error}", manifest.display()))?;
        let manifest_table: Table = toml::from_str(&read)
            .map_err(|error| format!("{} cannot be read: {error}", manifest.display()))?;
        let name = manifest_table.get("package").and_then(|package| package.get("name"));
        let name = name.and_then(Value::as_str).ok_or_else(|| {
            format!("{} names no package; give the folder of one", manifest.display())
        })?;
        let mut description = Table::new();
        description.insert("path".to_owned(), Value::String(path.display().to_string()));
        Ok(Self { name: name.to_owned(), description: Value::Table(description) })
    }
}

fn described(name: &str, value: &str) -> Result<Value, String> {
    let value = value.trim();
    let read: Result<Table, _> = toml::from_str(&format!("x = {value}"));
    match read.map(|mut table| table.remove("x")) {
        Ok(Some(value @ (Value::String(_) | Value::Table(_)))) => Ok(value),
        _ => Err(format!(
            "`{value}` does not describe a crate; write a version, `:dep {name} = \"1.0\"`, or a \
             table as in Cargo.toml, `:dep {name} = {{ version = \"1.0\", features = [\"x\"] }}`"
        )),
    }
}

fn with_absolute_paths(description: Value, folder: &Path) -> Result<Value, String> {
    let Value::Table(mut table) = description else { return Ok(description) };
    if let Some(Value::String(path)) = table.get_mut("path") {
        *path = absolute(path, folder)?.display().to_string();
    }
    if let Some(Value::String(url)) = table.get_mut("git")
        && let Ok(path) = absolute(url, folder)
    {
        // cargo knows repositories by their address only.
        *url = format!("file://{}", path.display());
    }
    Ok(Value::Table(table))
}

fn absolute(path: &str, folder: &Path) -> Result<std::path::PathBuf, String> {
    let home = || path.strip_prefix("~/").and_then(|rest| Some(dirs::home_dir()?.join(rest)));
    let path = home().unwrap_or_else(|| folder.join(path));
    path.canonicalize().map_err(|error| format!("{} cannot be opened: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<String, String> {
        let found = Dependency::parse(text, Path::new("/"))?;
        Ok(format!("{} = {}", found.name, found.description))
    }

    #[test]
    fn names_versions_and_tables_are_read() {
        for (text, expected) in [
            ("heck", "heck = \"*\""),
            ("heck@0.5", "heck = \"0.5\""),
            ("heck=\"0.5\"", "heck = \"0.5\""),
            (" rand-x  = \"=0.8.5\" ;", "rand-x = \"=0.8.5\""),
            (
                "tokio = { version = \"1\", features = [\"rt\"] }",
                "tokio = { features = [\"rt\"], version = \"1\" }",
            ),
        ] {
            assert_eq!(parsed(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_crate_is_told() {
        for (text, expected) in [
            ("", "name a crate"),
            ("heck = 0.5", "write a version, `:dep heck = \"1.0\"`"),
            ("heck = { version = ", "does not describe a crate"),
            ("a b = \"1\"", "`a b` is not the name of a crate"),
            ("./no/such/folder", "/no/such/folder cannot be opened"),
            ("x = { path = \"no/such\" }", "/no/such cannot be opened"),
        ] {
            let told = parsed(text).unwrap_err();
            assert!(told.contains(expected), "{text}: {told}");
        }
    }

    #[test]
    fn a_folder_is_known_by_its_package() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "[package]\nname = \"own\"").unwrap();
        let found = Dependency::parse("./", folder.path()).unwrap();
        assert_eq!(found.name, "own");
        let path = folder.path().canonicalize().unwrap();
        assert_eq!(found.description["path"].as_str(), path.to_str());
    }
}
