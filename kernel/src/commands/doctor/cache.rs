//! The folder for everything that is compiled.

use std::path::{Path, PathBuf};

use super::disk;
use super::finding::Finding;

const TOPIC: &str = "cache";
/// With less than this, in bytes, a cell may not compile.
const LEAST: u64 = 200_000_000;
/// With less than this the prelude may not compile: it takes about 1 GB, and more on the way.
const ENOUGH: u64 = 3_000_000_000;

/// What is known about the folder.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    /// The folder itself, or the nearest above it that is there already.
    existing: PathBuf,
    unwritable: Option<String>,
    free: Option<u64>,
}

impl Cache {
    /// Tries the folder out and leaves nothing behind.
    pub fn look(folder: &Path) -> Self {
        let existing = folder.ancestors().find(|above| above.is_dir()).unwrap_or(Path::new("/"));
        let tried = tempfile::tempfile_in(existing);
        Self {
            folder: folder.to_owned(),
            existing: existing.to_owned(),
            unwritable: tried.err().map(|error| error.to_string()),
            free: disk::free(existing),
        }
    }

    /// A folder on the same disk in which files can be made.
    pub fn writable(&self) -> Option<&Path> {
        self.unwritable.is_none().then_some(&self.existing)
    }

    /// Whether there is a place to work.
    pub fn judge(&self) -> Finding {
        let folder = self.folder.display();
        if let Some(reason) = &self.unwritable {
            return Finding::obstacle(
                TOPIC,
                format!("{folder} cannot be written: {reason}"),
                "set ELBO_CACHE to a folder of yours",
            );
        }
        let Some(free) = self.free else {
            return Finding::note(TOPIC, format!("{folder}; the free space is not known"));
        };
        let text = format!("{folder}, {} free", disk::readable(free));
        let advice = "make room (elbo doctor --clean), or set ELBO_CACHE to a larger disk";
        match free {
            0..LEAST => Finding::obstacle(TOPIC, text, advice),
            LEAST..ENOUGH => Finding::note(TOPIC, text).advise(advice),
            ENOUGH.. => Finding::ok(TOPIC, text),
        }
    }
}

/// What sessions write goes elsewhere, because the folder that is wanted is only to be read.
pub fn elsewhere(wanted: &Path, own: &Path) -> Finding {
    let text = format!(
        "{} cannot be written: the library is looked for there, and sessions write to {}",
        wanted.display(),
        own.display()
    );
    Finding::note(TOPIC, text).advise("set ELBO_CACHE to a folder of yours if that is not meant")
}

/// When no folder is known.
pub fn unknown(reason: &str) -> Finding {
    Finding::obstacle(TOPIC, "no folder is known", reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cache(unwritable: Option<&str>, free: Option<u64>) -> Cache {
        let unwritable = unwritable.map(str::to_owned);
        Cache { folder: "/c".into(), existing: "/c".into(), unwritable, free }
    }

    #[test]
    fn a_folder_that_is_full_or_cannot_be_written_is_in_the_way() {
        assert!(cache(Some("read-only"), Some(ENOUGH)).judge().is_in_the_way());
        assert!(cache(None, Some(LEAST - 1)).judge().is_in_the_way());
        for free in [Some(LEAST), Some(ENOUGH), None] {
            assert!(!cache(None, free).judge().is_in_the_way());
        }
        assert!(cache(None, Some(LEAST)).judge().render(false).starts_with("note"));
        assert!(cache(None, Some(ENOUGH)).judge().render(false).starts_with("ok"));
    }

    #[test]
    fn a_folder_that_is_not_there_yet_is_tried_where_it_will_be_and_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let wanted = folder.path().join("a/b");
        let cache = Cache::look(&wanted);
        assert_eq!(cache.writable(), Some(folder.path()));
        assert!(cache.free.is_some_and(|free| free > 0));
        assert!(!folder.path().join("a").exists());
    }
}
