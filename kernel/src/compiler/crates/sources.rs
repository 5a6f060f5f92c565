//! The state of crates that are folders of the user's: what is compiled must follow their files.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use crate::prelude::{short_hash, state_of_file};

/// Folders in which cargo and git keep what they make.
const NOT_SOURCES: [&str; 2] = ["target", ".git"];

/// Whether any dependency is a folder.
pub fn has_folders(dependencies: &Table) -> bool {
    folders(dependencies).next().is_some()
}

/// A word that changes when a file of a folder that is a dependency, or that such a one depends on,
/// changes.
pub fn state(dependencies: &Table) -> String {
    let mut open: Vec<PathBuf> = folders(dependencies).map(PathBuf::from).collect();
    let (mut seen, mut words) = (Vec::new(), Vec::new());
    while let Some(folder) = open.pop() {
        if seen.contains(&folder) {
            continue;
        }
        files(&folder, &mut words);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
        let manifest: Table = toml::from_str(&manifest).unwrap_or_default();
        for section in ["dependencies", "build-dependencies"] {
            let needed = manifest.get(section).and_then(Value::as_table);
            open.extend(needed.into_iter().flat_map(folders).filter_map(|path| {
                // Relative to the folder that names it.
                folder.join(path).canonicalize().ok()
            }));
        }
        seen.push(folder);
    }
    words.sort();
    if words.is_empty() { String::new() } else { short_hash(words.iter().map(String::as_str)) }
}

fn folders(dependencies: &Table) -> impl Iterator<Item = &str> {
    dependencies.values().filter_map(|description| description.get("path")?.as_str())
}

fn files(folder: &Path, words: &mut Vec<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        words.push(format!("{} is missing", folder.display()));
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            let name = entry.file_name();
            if !NOT_SOURCES.iter().any(|other| name == *other) {
                files(&path, words);
            }
        } else {
            words.extend(state_of_file(&path));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_follows_a_folder_and_what_it_depends_on() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let file = root.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        };
        write("a/Cargo.toml", "[dependencies]\nb = { path = \"../b\" }");
        write("a/src/lib.rs", "1");
        write("b/src/lib.rs", "1");
        let own: Table =
            toml::from_str(&format!("a = {{ path = {:?} }}", root.path().join("a"))).unwrap();
        let first = state(&own);
        assert_eq!(state(&own), first);
        write("a/target/debug/x", "made");
        assert_eq!(state(&own), first);
        write("b/src/lib.rs", "2 and more");
        let second = state(&own);
        assert_ne!(second, first);
        write("a/src/new.rs", "");
        assert_ne!(state(&own), second);
        let registry: Table = toml::from_str("x = \"1\"").unwrap();
        assert!(!has_folders(&registry));
        assert_eq!(state(&registry), "");
    }
}
