//! Tells templates apart that must not be mixed up.

use std::path::Path;

use sha2::{Digest, Sha256};

/// Everything that makes one compiled prelude different from another, except the source code
/// itself: cargo looks after that.
#[derive(Clone, Debug)]
pub struct Ingredients<'a> {
    /// The folder of the model library.
    pub root: &'a Path,
    /// Its features.
    pub features: &'a [String],
    /// What `rustc -vV` says.
    pub compiler: &'a str,
    /// The lock file that fixes the versions of all dependencies.
    pub lock: &'a str,
}

impl Ingredients<'_> {
    /// A short name for this combination.
    pub fn key(&self) -> String {
        let mut hasher = Sha256::new();
        let root = self.root.to_string_lossy();
        let features = self.features.join(",");
        let parts = [env!("CARGO_PKG_VERSION"), &root, &features, self.compiler, self.lock];
        for part in parts {
            // The length keeps "ab" + "c" from being "a" + "bc".
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ingredient_changes_the_key_and_nothing_else_does() {
        let cuda = ["cuda".to_owned()];
        let base =
            Ingredients { root: Path::new("/a"), features: &[], compiler: "1.95", lock: "x" };
        let others = [
            Ingredients { root: Path::new("/b"), ..base.clone() },
            Ingredients { features: &cuda, ..base.clone() },
            Ingredients { compiler: "1.96", ..base.clone() },
            Ingredients { lock: "y", ..base.clone() },
            Ingredients { compiler: "1.95x", lock: "", ..base.clone() },
        ];
        assert_eq!(base.key(), base.clone().key());
        assert_eq!(base.key().len(), 16);
        for other in others {
            assert_ne!(other.key(), base.key(), "{other:?}");
        }
    }
}
