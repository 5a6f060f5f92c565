//! Copies a template's results into a session: large files by hard link, small ones for real.

use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Compiled code. The compiler replaces such a file as a whole; all others may be written in
/// place, which through a hard link would change the template too.
const LINKED: [&str; 5] = ["rlib", "rmeta", "so", "dylib", "a"];
/// Only of use for compiling the same crate again.
const LEFT_OUT: [&str; 1] = ["incremental"];

/// Copies a folder with everything in it and the times at which it was written: cargo judges by
/// them what has to be compiled again.
pub fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let target = to.join(&name);
        if !entry.file_type()?.is_dir() {
            copy_file(&entry.path(), &target)?;
        } else if !LEFT_OUT.iter().any(|left_out| name == *left_out) {
            copy_tree(&entry.path(), &target)?;
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> io::Result<()> {
    let is_linked = from.extension().is_some_and(|end| LINKED.iter().any(|linked| end == *linked));
    // A link is not possible between file systems.
    if is_linked && fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    fs::copy(from, to)?;
    let written = fs::metadata(from)?.modified()?;
    File::options().write(true).open(to)?.set_modified(written)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    #[test]
    fn libraries_are_linked_and_the_rest_is_copied_with_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("deps")).unwrap();
        fs::create_dir_all(from.join("incremental/x")).unwrap();
        fs::write(from.join("deps/liba.rlib"), "code").unwrap();
        fs::write(from.join("deps/a.d"), "a: b").unwrap();
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000);
        File::options().write(true).open(from.join("deps/a.d")).unwrap().set_modified(old).unwrap();

        copy_tree(&from, &to).unwrap();

        let inode = |path: &Path| fs::metadata(path).unwrap().ino();
        assert_eq!(inode(&from.join("deps/liba.rlib")), inode(&to.join("deps/liba.rlib")));
        assert_ne!(inode(&from.join("deps/a.d")), inode(&to.join("deps/a.d")));
        assert_eq!(fs::metadata(to.join("deps/a.d")).unwrap().modified().unwrap(), old);
        assert!(!to.join("incremental").exists());
    }
}
