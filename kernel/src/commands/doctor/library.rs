//! The model library: its source code, and whether it has been compiled.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::disk;
use super::finding::Finding;
use crate::prelude::{Source, template_folder};

const TOPIC: &str = "library";

/// What is known about the library.
#[derive(Debug)]
pub enum Library {
    /// The source code is not found, for this reason.
    NoSource(String),
    /// Without a compiler or a cache nothing can be said.
    Unknown,
    /// The source code is there.
    Found {
        /// Where it is compiled.
        template: PathBuf,
        /// How far that has come.
        build: Build,
    },
}

/// How far the compilation of the library has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Build {
    /// Not begun.
    Missing,
    /// Begun and not finished.
    Incomplete,
    /// The source code has changed since.
    Stale,
    /// Ready, with its size in bytes.
    Ready(u64),
}

impl Library {
    /// Looks for the source code and for what has been compiled of it in the cache.
    pub fn look(cache: Option<&PathBuf>) -> Self {
        let source = match Source::find() {
            Ok(source) => source,
            Err(error) => return Self::NoSource(format!("{error:#}")),
        };
        match cache.and_then(|cache| template_folder(cache, &source).ok()) {
            Some(template) => Self::Found { build: look_at(&template, &source.root), template },
            None => Self::Unknown,
        }
    }

    /// Where the library is compiled.
    pub fn current(&self) -> Option<&Path> {
        match self {
            Self::Found { template, .. } => Some(template),
            Self::NoSource(_) | Self::Unknown => None,
        }
    }

    /// Whether sessions find the library ready.
    pub fn judge(&self) -> Finding {
        let build = match self {
            Self::NoSource(reason) => {
                let advice = "set ELBO_SOURCE to the folder of the package `elbo`";
                return Finding::obstacle(TOPIC, reason, advice);
            }
            Self::Unknown => return Finding::note(TOPIC, "not looked for without a compiler"),
            Self::Found { build, .. } => build,
        };
        let at_start = "elbo install does it now, else the next session does";
        match build {
            Build::Missing => {
                Finding::note(TOPIC, "not compiled yet; that takes some minutes").advise(at_start)
            }
            Build::Incomplete => {
                Finding::note(TOPIC, "its compilation was broken off and will go on")
                    .advise(at_start)
            }
            Build::Stale => {
                Finding::note(TOPIC, "its source code has changed since it was compiled")
                    .advise(at_start)
            }
            Build::Ready(size) => {
                Finding::ok(TOPIC, format!("compiled, takes {}", disk::readable(*size)))
            }
        }
    }
}

fn look_at(template: &Path, root: &Path) -> Build {
    if !template.exists() {
        return Build::Missing;
    }
    let Some(built) = built(&template.join("ctx").join("target")) else { return Build::Incomplete };
    // The judgement is cargo's: by the times at which files were written.
    if newest(root).is_some_and(|changed| changed > built) {
        return Build::Stale;
    }
    Build::Ready(disk::size(template))
}

/// When the last step of the compilation was done. Each platform has a folder of its own.
fn built(target: &Path) -> Option<SystemTime> {
    let platforms = fs::read_dir(target).ok()?.flatten().map(|entry| entry.path().join("debug"));
    let libraries =
        platforms.flat_map(|folder| ["libctx.so", "libctx.dylib"].map(|name| folder.join(name)));
    libraries.filter_map(|library| fs::metadata(library).ok()?.modified().ok()).max()
}

/// When the library's source code was last changed.
fn newest(root: &Path) -> Option<SystemTime> {
    let mut newest = fs::metadata(root.join("Cargo.toml")).and_then(|file| file.modified()).ok();
    // Files that vanish meanwhile are changes too, but will be seen the next time.
    let _ = disk::visit(&root.join("src"), &mut |file| newest = newest.max(file.modified().ok()));
    newest
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use super::*;

    fn write(path: PathBuf, seconds: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    #[test]
    fn the_four_states_of_a_build_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (template, root) = (folder.path().join("key"), folder.path().join("root"));
        write(root.join("Cargo.toml"), 100);
        write(root.join("src/deep/model.rs"), 200);
        assert_eq!(look_at(&template, &root), Build::Missing);
        write(template.join("ctx/Cargo.toml"), 300);
        assert_eq!(look_at(&template, &root), Build::Incomplete);
        write(template.join("ctx/target/x86_64/debug/libctx.so"), 300);
        assert_eq!(look_at(&template, &root), Build::Ready(2));
        write(root.join("src/deep/model.rs"), 301);
        assert_eq!(look_at(&template, &root), Build::Stale);
    }

    #[test]
    fn only_missing_source_code_is_in_the_way() {
        assert!(Library::NoSource("gone".into()).judge().is_in_the_way());
        for build in [Build::Missing, Build::Incomplete, Build::Stale, Build::Ready(1)] {
            let library = Library::Found { template: "/t".into(), build };
            assert!(!library.judge().is_in_the_way());
        }
    }
}
