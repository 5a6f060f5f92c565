//! Folders in the cache that nobody needs any more.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::disk;
use super::finding::Finding;
use crate::engine::is_abandoned;

const TOPIC: &str = "leftovers";
/// A prelude that was not used for this long is not missed. Others may belong to another checkout,
/// another compiler or another setting of `ELBO_FEATURES`.
const UNUSED: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Folders that can be removed.
#[derive(Debug, Default, PartialEq, Eq)]
struct Leftovers {
    sessions: Vec<PathBuf>,
    preludes: Vec<PathBuf>,
}

/// Says what can be removed, or removes it. Without a current prelude all are kept.
pub fn judge(cache: &Path, current: Option<&Path>, clean: bool) -> Finding {
    let leftovers = Leftovers::find(cache, current);
    if leftovers.is_empty() {
        return Finding::ok(TOPIC, "none");
    }
    let text = leftovers.describe();
    if !clean {
        return Finding::note(TOPIC, text).advise("elbo doctor --clean removes them");
    }
    let failures = leftovers.remove();
    match failures.first() {
        None => Finding::ok(TOPIC, format!("removed {text}")),
        Some(failure) => Finding::problem(
            TOPIC,
            format!("not all could be removed of {text}"),
            format!("remove by hand: {failure}"),
        ),
    }
}

impl Leftovers {
    fn find(cache: &Path, current: Option<&Path>) -> Self {
        let sessions = folders(&cache.join("sessions"));
        let (abandoned, living): (Vec<_>, Vec<_>) =
            sessions.into_iter().partition(|session| is_abandoned(session).unwrap_or(false));
        let preludes = current.map_or_else(Vec::new, |_| folders(&cache.join("prelude")));
        let is_unused = |prelude: &PathBuf| {
            Some(prelude.as_path()) != current && is_idle(prelude) && !is_needed(prelude, &living)
        };
        let preludes = preludes.into_iter().filter(is_unused).collect();
        Self { sessions: abandoned, preludes }
    }

    fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    fn iter(&self) -> impl Iterator<Item = &PathBuf> {
        self.sessions.iter().chain(&self.preludes)
    }

    fn describe(&self) -> String {
        let bytes = self.iter().map(|folder| disk::size(folder)).sum();
        let mut parts = Vec::new();
        match self.sessions.len() {
            0 => {}
            1 => parts.push("1 session that was killed".to_owned()),
            count => parts.push(format!("{count} sessions that were killed")),
        }
        match self.preludes.len() {
            0 => {}
            1 => parts.push("1 unused prelude".to_owned()),
            count => parts.push(format!("{count} unused preludes")),
        }
        format!("{} ({})", parts.join(" and "), disk::readable(bytes))
    }

    /// Removes the folders; returns what could not be removed and why.
    fn remove(&self) -> Vec<String> {
        let attempts = self.iter().map(|folder| (folder, fs::remove_dir_all(folder)));
        attempts
            .filter_map(|(folder, attempt)| {
                attempt.err().map(|error| format!("{} ({error})", folder.display()))
            })
            .collect()
    }
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

/// Whether nobody compiles there and nobody has started a session from there for long. A prelude
/// says so by the file that is locked and touched whenever it is used.
fn is_idle(prelude: &Path) -> bool {
    let Ok(lock) = File::open(prelude.join("lock")) else { return false };
    let used = lock.metadata().and_then(|file| file.modified());
    let age = used.ok().and_then(|used| used.elapsed().ok());
    age.is_some_and(|age| age > UNUSED) && lock.try_lock().is_ok()
}

/// Whether a living session loads code from there. It names the folder in its manifest.
fn is_needed(prelude: &Path, sessions: &[PathBuf]) -> bool {
    let Some(key) = prelude.file_name().and_then(|name| name.to_str()) else { return true };
    sessions.iter().any(|session| {
        let manifest = fs::read_to_string(session.join("Cargo.toml"));
        manifest.is_ok_and(|manifest| manifest.contains(key))
    })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    /// A prelude that was last used this long ago.
    fn prelude(cache: &Path, key: &str, age: Duration) -> PathBuf {
        let folder = cache.join("prelude").join(key);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("code"), [0; 1000]).unwrap();
        let lock = File::create(folder.join("lock")).unwrap();
        lock.set_modified(SystemTime::now() - age).unwrap();
        folder
    }

    /// A session's folder that is as old as this and uses this prelude.
    fn session(cache: &Path, name: &str, age: Duration, key: &str) -> (PathBuf, File) {
        let folder = cache.join("sessions").join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("Cargo.toml"), format!("path = \"/c/prelude/{key}/wrapper\""))
            .unwrap();
        let lock = File::create(folder.join(".lock")).unwrap();
        File::open(&folder).unwrap().set_modified(SystemTime::now() - age).unwrap();
        (folder, lock)
    }

    #[test]
    fn only_what_nobody_uses_is_removed() {
        let (day, old) = (Duration::from_secs(86_400), UNUSED + Duration::from_secs(60));
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path();
        let current = prelude(cache, "current", old);
        let recent = prelude(cache, "recent", day);
        let unused = prelude(cache, "unused", old);
        let in_use = prelude(cache, "in-use", old);
        let locked = prelude(cache, "locked", old);
        let guard = File::open(locked.join("lock")).unwrap();
        guard.lock().unwrap();
        let (killed, _) = session(cache, "skilled", day, "unused");
        let (living, lock) = session(cache, "sliving", day, "in-use");
        lock.lock().unwrap();

        let expected = Leftovers { sessions: vec![killed.clone()], preludes: vec![unused.clone()] };
        assert_eq!(Leftovers::find(cache, Some(&current)), expected);
        let said = judge(cache, Some(&current), false).render(false);
        assert!(said.contains("1 session that was killed and 1 unused prelude (1.0"), "{said}");
        assert!(killed.exists() && unused.exists(), "removed without being asked");

        let said = judge(cache, Some(&current), true).render(false);
        assert!(said.starts_with("ok") && said.contains("removed 1 session"), "{said}");
        assert!(!killed.exists() && !unused.exists());
        for kept in [current, recent, in_use, locked, living] {
            assert!(kept.exists(), "{} was removed", kept.display());
        }
    }

    #[test]
    fn without_a_current_prelude_all_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let old = prelude(folder.path(), "old", UNUSED * 2);
        assert_eq!(Leftovers::find(folder.path(), None), Leftovers::default());
        assert_eq!(judge(folder.path(), None, true), Finding::ok(TOPIC, "none"));
        assert!(old.exists());
    }
}
