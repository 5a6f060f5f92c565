//! The folder with the data that notebooks read.

use std::ffi::OsStr;
use std::path::Path;

use super::finding::Finding;

const TOPIC: &str = "data";
const VARIABLE: &str = "ELBO_DATA";

/// What can be said about `ELBO_DATA` as it is set now.
pub fn judge_variable() -> Finding {
    judge(std::env::var_os(VARIABLE).as_deref())
}

fn judge(value: Option<&OsStr>) -> Finding {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Finding::note(
            TOPIC,
            format!("{VARIABLE} is not set; generated data need no folder"),
        );
    };
    let folder = Path::new(value);
    let name = folder.display();
    if !folder.is_dir() {
        return Finding::problem(
            TOPIC,
            format!("{VARIABLE} names {name}, which is no folder"),
            format!("make the folder or change {VARIABLE}"),
        );
    }
    if folder.join("mnist").is_dir() {
        return Finding::ok(TOPIC, format!("{name}, with mnist"));
    }
    Finding::ok(TOPIC, format!("{name}, without mnist"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_named_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        let value = folder.path().as_os_str();
        assert!(judge(Some(value)).render(false).ends_with("without mnist"));
        std::fs::create_dir(folder.path().join("mnist")).unwrap();
        assert!(judge(Some(value)).render(false).ends_with("with mnist"));
        assert!(judge(Some(OsStr::new("/no/such"))).render(false).starts_with("problem"));
        for unset in [None, Some(OsStr::new(""))] {
            assert!(judge(unset).render(false).starts_with("note"));
        }
    }
}
