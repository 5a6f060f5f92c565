//! Finds the model library's source code.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The model library: where it is, and what of it is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The folder of the package `elbo`.
    pub root: PathBuf,
    /// Optional features to switch on, sorted.
    pub features: Vec<String>,
}

impl Source {
    /// Looks where `ELBO_SOURCE` points, else where this program was built from.
    /// `ELBO_FEATURES=cuda` switches the GPU on.
    ///
    /// # Errors
    /// When the package is in neither place; the message says what to do.
    pub fn find() -> Result<Self> {
        let root = match std::env::var_os("ELBO_SOURCE") {
            Some(folder) => {
                let root = fs::canonicalize(&folder).with_context(|| {
                    format!("ELBO_SOURCE points to {}, which cannot be opened", folder.display())
                })?;
                check(&root).context("ELBO_SOURCE must be the folder of the package `elbo`")?;
                root
            }
            None => built_from()?,
        };
        let wanted = std::env::var("ELBO_FEATURES").unwrap_or_default();
        Ok(Self { root, features: features(&wanted) })
    }
}

/// The features that users may ask for among those asked for. What cells need is not theirs to say
/// (see [`super::Extent`]).
fn features(wanted: &str) -> Vec<String> {
    let has_cuda = wanted.split([',', ' ']).any(|feature| feature == "cuda");
    has_cuda.then(|| "cuda".to_owned()).into_iter().collect()
}

/// The package that `cargo run` or `cargo test` has started this program from, else the one that it
/// was compiled in. They differ when checkouts share one target folder or one was moved: cargo does
/// not compile again for that.
fn built_from() -> Result<PathBuf> {
    let is_own =
        std::env::var_os("CARGO_PKG_NAME").is_some_and(|name| name == env!("CARGO_PKG_NAME"));
    let started_from = std::env::var_os("CARGO_MANIFEST_DIR").filter(|_| is_own);
    let package =
        started_from.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = package.parent().unwrap_or(Path::new("."));
    check(root).context(
        "the model library is no longer where this program was built from; set ELBO_SOURCE to the \
         folder of the package `elbo`, for instance a fresh clone of the project",
    )?;
    Ok(root.to_owned())
}

fn check(root: &Path) -> Result<()> {
    let manifest = root.join("Cargo.toml");
    let text = fs::read_to_string(&manifest)
        .with_context(|| format!("{} cannot be read", manifest.display()))?;
    if package_name(&text) != Some("elbo") {
        bail!("{} is not the manifest of the package `elbo`", manifest.display());
    }
    Ok(())
}

/// The name in the `[package]` section.
fn package_name(manifest: &str) -> Option<&str> {
    let section = manifest.lines().skip_while(|line| line.trim() != "[package]").skip(1);
    let mut own = section.take_while(|line| !line.starts_with('['));
    let name = own.find_map(|line| line.trim().strip_prefix("name")?.trim().strip_prefix('='))?;
    Some(name.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_is_known_by_its_name() {
        let workspace =
            "[workspace]\nname = \"no\"\n\n[package]\nname = \"elbo\"\nversion = \"1\"\n";
        assert_eq!(package_name(workspace), Some("elbo"));
        assert_eq!(package_name("[package]\nversion = \"1\"\n[lib]\nname = \"elbo\""), None);
    }

    #[test]
    fn only_the_gpu_can_be_asked_for() {
        assert_eq!(features("cuda"), ["cuda"]);
        assert_eq!(features("x,cuda"), ["cuda"]);
        assert!(features("").is_empty());
    }
}
