//! The real data of tests that need them.

use std::{io::Write, path::PathBuf};

/// The folder that `ELBO_DATA` names. Without it the test that asks says that it is skipped, past
/// the test runner, which hides what passing tests print.
pub fn real_data(test: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("ELBO_DATA").filter(|name| !name.is_empty()).map(PathBuf::from);
    if folder.is_none() {
        let _ = writeln!(std::io::stderr(), "skipped: {test} needs ELBO_DATA");
    }
    folder
}
