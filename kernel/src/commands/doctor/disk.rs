//! Sizes of folders and of what is free.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use indicatif::DecimalBytes;

/// A number of bytes as people read it.
pub fn readable(bytes: u64) -> String {
    DecimalBytes(bytes).to_string()
}

/// How many bytes are free for this user.
pub fn free(folder: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    disk.f_bavail.checked_mul(disk.f_frsize)
}

/// How many bytes the files in a folder take. A file with several names counts once.
pub fn size(folder: &Path) -> u64 {
    let mut total = 0;
    let mut seen = HashSet::new();
    // Files may vanish while they are being counted; what is gone takes no space.
    let _ = visit(folder, &mut |file| {
        if seen.insert((file.dev(), file.ino())) {
            total += file.len();
        }
    });
    total
}

/// Shows all files below a folder to the visitor, without following links.
pub fn visit(folder: &Path, visitor: &mut dyn FnMut(&fs::Metadata)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            visit(&entry.path(), visitor)?;
        } else {
            visitor(&metadata);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_two_names_counts_once_and_links_are_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(inner.join("one"), [0; 1000]).unwrap();
        fs::hard_link(inner.join("one"), folder.path().join("two")).unwrap();
        fs::write(folder.path().join("three"), [0; 24]).unwrap();
        assert_eq!(size(folder.path()), 1024);
        std::os::unix::fs::symlink("..", inner.join("up")).unwrap();
        // The link itself holds the two characters of its target.
        assert_eq!(size(folder.path()), 1026);
        assert_eq!(size(&folder.path().join("none")), 0);
    }
}
