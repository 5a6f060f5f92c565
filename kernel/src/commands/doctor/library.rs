//! The model library: its source code, and whether it has been compiled.

use std::path::{Path, PathBuf};

use super::disk;
use super::finding::Finding;
use crate::prelude::{Source, State};

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
        home: PathBuf,
        /// How far that has come.
        state: State,
    },
}

impl Library {
    /// Looks for the source code and for what has been compiled of it in the cache.
    pub fn look(cache: Option<&PathBuf>) -> Self {
        let source = match Source::find() {
            Ok(source) => source,
            Err(error) => return Self::NoSource(format!("{error:#}")),
        };
        match cache.and_then(|cache| State::look(cache, &source).ok()) {
            Some((home, state)) => Self::Found { home, state },
            None => Self::Unknown,
        }
    }

    /// Where the library is compiled.
    pub fn current(&self) -> Option<&Path> {
        match self {
            Self::Found { home, .. } => Some(home),
            Self::NoSource(_) | Self::Unknown => None,
        }
    }

    /// Whether sessions find the library ready.
    pub fn judge(&self) -> Finding {
        let (home, state) = match self {
            Self::NoSource(reason) => {
                let advice = "set ELBO_SOURCE to the folder of the package `elbo`";
                return Finding::obstacle(TOPIC, reason, advice);
            }
            Self::Unknown => return Finding::note(TOPIC, "not looked for without a compiler"),
            Self::Found { home, state } => (home, state),
        };
        let at_start = "elbo install does it now, else the next session does";
        match state {
            State::Missing => {
                Finding::note(TOPIC, "not compiled yet; that takes some minutes").advise(at_start)
            }
            State::Incomplete => {
                Finding::note(TOPIC, "its compilation was broken off and will go on")
                    .advise(at_start)
            }
            State::Stale => {
                Finding::note(TOPIC, "its source code has changed since it was compiled")
                    .advise(at_start)
            }
            State::Models => {
                let size = disk::readable(disk::size(home));
                Finding::ok(TOPIC, format!("compiled but for polars, takes {size}"))
                    .advise("elbo prepare compiles polars now, else the next session does")
            }
            State::Ready => {
                let size = disk::readable(disk::size(home));
                Finding::ok(TOPIC, format!("compiled, takes {size}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_compiled_is_no_obstacle_but_a_missing_source_is() {
        for state in [State::Missing, State::Incomplete, State::Stale, State::Models, State::Ready]
        {
            let library = Library::Found { home: "/t".into(), state };
            assert!(!library.judge().is_in_the_way(), "{state:?}");
            assert_eq!(library.current(), Some(Path::new("/t")));
        }
        assert!(Library::NoSource("gone".into()).judge().is_in_the_way());
    }
}
