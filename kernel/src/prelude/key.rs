//! Tells compiled preludes apart that must not be mixed up.

use sha2::{Digest, Sha256};

/// Everything that makes one compiled prelude different from another, except the source code itself,
/// its place, and the versions of what it depends on: cargo looks after those, and compiles anew only
/// what is new. Two checkouts share all that they depend on.
#[derive(Clone, Debug)]
pub struct Ingredients<'a> {
    /// The features of the model library.
    pub features: &'a [String],
    /// What `rustc -vV` says.
    pub compiler: &'a str,
}

impl Ingredients<'_> {
    /// A short name for this combination.
    pub fn key(&self) -> String {
        let features = self.features.join(",");
        short_hash([env!("CARGO_PKG_VERSION"), &features, self.compiler])
    }
}

/// Sixteen hexadecimal digits that differ when a part differs.
pub fn short_hash<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        // The length keeps "ab" + "c" from being "a" + "bc".
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ingredient_changes_the_key_and_nothing_else_does() {
        let cuda = ["cuda".to_owned()];
        let base = Ingredients { features: &[], compiler: "1.95" };
        let others = [
            Ingredients { features: &cuda, ..base.clone() },
            Ingredients { compiler: "1.96", ..base.clone() },
        ];
        assert_eq!(base.key(), base.clone().key());
        assert_eq!(base.key().len(), 16);
        for other in others {
            assert_ne!(other.key(), base.key(), "{other:?}");
        }
    }
}
