//! Where data sets are looked for.

use std::env;
use std::path::{Path, PathBuf};

/// The folders in which the data set of this name may be, in the order of looking: that in the
/// folder that `ELBO_DATA` names, and that in the user's own data folder. A note says why there is
/// no first one.
pub(super) fn places(name: &str, failures: &mut Vec<String>) -> Vec<PathBuf> {
    let named = env::var_os("ELBO_DATA").filter(|name| !name.is_empty());
    if named.is_none() {
        failures.push("the folder in ELBO_DATA: the variable is not set".to_owned());
    }
    named.map(|folder| PathBuf::from(folder).join(name)).into_iter().chain(own(name)).collect()
}

/// The folder of this name in the user's data folder, if the system has one.
pub(super) fn own(name: &str) -> Option<PathBuf> {
    dirs::data_dir().map(|folder| folder.join("elbo").join(name))
}

/// The paths of these files in `folder`, each with or without `.gz`, or what is missing.
pub(super) fn files<const N: usize>(
    folder: &Path,
    names: [&str; N],
) -> std::result::Result<[PathBuf; N], String> {
    if !folder.is_dir() {
        return Err("there is no such folder".into());
    }
    let mut paths = names.map(|name| folder.join(name));
    for (path, name) in paths.iter_mut().zip(names) {
        let packed = folder.join(format!("{name}.gz"));
        if packed.is_file() {
            *path = packed;
        } else if !path.is_file() {
            return Err(format!("{name}(.gz) is missing"));
        }
    }
    Ok(paths)
}
