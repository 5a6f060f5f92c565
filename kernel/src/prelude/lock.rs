//! The part of a lock file that concerns one package.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

/// The entries of a package and of all that it depends on, without some that it can do without and
/// what those alone need. What else the lock file holds (this
/// program's own dependencies, for instance) is no reason to compile the package again.
///
/// `None` when the file is not a lock file that names the package.
pub fn closure(lock: &str, package: &str, without: &[&str]) -> Option<String> {
    let lock: Table = toml::from_str(lock).ok()?;
    let entries = lock.get("package")?.as_array()?;
    let mut by_name: BTreeMap<&str, Vec<&Table>> = BTreeMap::new();
    for entry in entries.iter().filter_map(Value::as_table) {
        by_name.entry(text(entry, "name")?).or_default().push(entry);
    }
    let mut seen = BTreeSet::new();
    let mut open = by_name.get(package)?.clone();
    while let Some(entry) = open.pop() {
        if !seen.insert((text(entry, "name")?, text(entry, "version")?)) {
            continue;
        }
        let dependencies = entry.get("dependencies").and_then(Value::as_array);
        for dependency in dependencies.into_iter().flatten().filter_map(Value::as_str) {
            // A name, and a version where there are several.
            let mut words = dependency.split(' ');
            let (name, version) = (words.next()?, words.next());
            let is_wanted = !without.contains(&name);
            let named = by_name.get(name).filter(|_| is_wanted).into_iter().flatten();
            open.extend(named.filter(|own| version.is_none() || text(own, "version") == version));
        }
    }
    let kept = entries.iter().filter_map(Value::as_table).filter(|entry| {
        let pair = text(entry, "name").zip(text(entry, "version"));
        pair.is_some_and(|pair| seen.contains(&pair))
    });
    let kept: Vec<_> = kept.cloned().map(Value::Table).collect();
    let mut part = Table::new();
    part.insert("version".to_owned(), lock.get("version")?.clone());
    part.insert("package".to_owned(), Value::Array(kept));
    toml::to_string(&part).ok()
}

/// A lock file with the crates of two, without those that are folders. `None` when neither can be read.
pub fn union(first: &str, second: &str) -> Option<String> {
    let read = |text: &str| toml::from_str::<Table>(text).ok().filter(|lock| !lock.is_empty());
    let (first, second) = (read(first), read(second));
    let version = first.as_ref().or(second.as_ref())?.get("version")?.clone();
    let packages = |lock: Option<Table>| {
        let list = lock.and_then(|mut lock| match lock.remove("package") {
            Some(Value::Array(packages)) => Some(packages),
            _ => None,
        });
        list.into_iter().flatten().filter(|package| package.get("source").is_some())
    };
    let mut all: Vec<Value> = packages(first).collect();
    for package in packages(second) {
        let key = |package: &Value| {
            let text = |key| Some(package.get(key)?.as_str()?.to_owned());
            (text("name"), text("version"))
        };
        if !all.iter().any(|own| key(own) == key(&package)) {
            all.push(package);
        }
    }
    let mut lock = Table::new();
    lock.insert("version".to_owned(), version);
    lock.insert("package".to_owned(), Value::Array(all));
    toml::to_string(&lock).ok()
}

/// The names and versions in a lock file, a line each. Unlike the file itself they do not change
/// with what else was in the file that it was taken from.
pub fn versions(lock: &str) -> String {
    let lock: Table = toml::from_str(lock).unwrap_or_default();
    let entries = lock.get("package").and_then(Value::as_array);
    let words = |entry: &Value| {
        let entry = entry.as_table()?;
        Some(format!("{} {}\n", text(entry, "name")?, text(entry, "version")?))
    };
    entries.into_iter().flatten().filter_map(words).collect()
}

/// The names of the packages in a lock file.
pub fn names(lock: &str) -> BTreeSet<String> {
    versions(lock).lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}

fn text<'t>(entry: &'t Table, key: &str) -> Option<&'t str> {
    entry.get(key)?.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 4
[[package]]
name = "elbo"
version = "0.1.0"
dependencies = ["a", "b 2.0.0"]
[[package]]
name = "kernel"
version = "0.1.0"
dependencies = ["elbo", "b 1.0.0", "c"]
[[package]]
name = "a"
version = "1.0.0"
dependencies = ["d"]
[[package]]
name = "b"
version = "1.0.0"
[[package]]
name = "b"
version = "2.0.0"
[[package]]
name = "c"
version = "1.0.0"
[[package]]
name = "d"
version = "1.0.0"
dependencies = ["a"]
"#;

    #[test]
    fn two_lock_files_are_joined_without_the_folders() {
        let entry = |name: &str, version: &str, source: &str| {
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}\n")
        };
        let from = "source = \"registry\"";
        let first =
            format!("version = 4\n{}{}", entry("a", "1.0.0", from), entry("own", "0.1.0", ""));
        let second =
            format!("version = 4\n{}{}", entry("a", "1.0.0", from), entry("b", "2.0.0", from));
        let joined = union(&first, &second).unwrap();
        assert_eq!(versions(&joined), "a 1.0.0\nb 2.0.0\n");
        assert_eq!(versions(&union("", &second).unwrap()), "a 1.0.0\nb 2.0.0\n");
        assert_eq!(union("", ""), None);
    }

    #[test]
    fn only_what_the_package_needs_is_kept() {
        let part: Table = toml::from_str(&closure(LOCK, "elbo", &[]).unwrap()).unwrap();
        let names: Vec<_> = part["package"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| format!("{} {}", entry["name"], entry["version"]).replace('"', ""))
            .collect();
        assert_eq!(names, ["elbo 0.1.0", "a 1.0.0", "b 2.0.0", "d 1.0.0"]);
        assert_eq!(
            versions(&toml::to_string(&part).unwrap()),
            "elbo 0.1.0\na 1.0.0\nb 2.0.0\nd 1.0.0\n"
        );
        let part = closure(LOCK, "elbo", &["a"]).unwrap();
        assert_eq!(versions(&part), "elbo 0.1.0\nb 2.0.0\n");
        assert_eq!(closure(LOCK, "other", &[]), None);
        assert_eq!(closure("?", "elbo", &[]), None);
    }
}
