//! MNIST, from disk or from the network.

use std::env;
use std::path::{Path, PathBuf};

use super::images::Images;
use super::places::{files, own, places};
use crate::error::{Error, Result};

/// The four files: what they hold, and their name without an ending.
pub(super) const FILES: [&str; 4] = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
];

/// The MNIST handwritten digits (LeCun, Cortes and Burges 1998; CC BY-SA 3.0), label "digit".
#[derive(Clone, Debug)]
pub struct Mnist {
    /// 60,000 images for training.
    pub train: Images<28, 28>,
    /// 10,000 images for testing.
    pub test: Images<28, 28>,
}

/// Reads MNIST from the first of these places that has it: the folder `mnist` in the folder that
/// the environment variable `ELBO_DATA` names, and the folder `elbo/mnist` in the user's data
/// folder (on Linux `~/.local/share`). With the feature `download`, it is otherwise fetched into
/// the latter (11 MB) from public mirrors, or from the address in `ELBO_MNIST_URL`, and checked
/// against known checksums.
///
/// The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
/// and `t10k-labels-idx1-ubyte`, with or without `.gz`. Files on disk are taken as they are.
///
/// ```no_run
/// let mnist = elbo::data::mnist()?;
/// assert_eq!(mnist.train.len(), 60_000);
/// assert_eq!(mnist.test.label("digit")?[..5], [7, 2, 1, 0, 4]);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// [`Error::NotFound`] when no place has all four files; it says why for each place. When a place
/// has them but one is damaged, that error: a damaged copy is not silently passed over.
pub fn mnist() -> Result<Mnist> {
    let mut failures = Vec::new();
    if let Some(mnist) = find(&places("mnist", &mut failures), &mut failures)? {
        return Ok(mnist);
    }
    let address = env::var("ELBO_MNIST_URL").ok().filter(|address| !address.is_empty());
    let fetched = fetch(own("mnist").as_deref(), address, &mut failures);
    fetched.map_or_else(|| Err(missing(failures)), load)
}

/// Loads the first of `places` that has all files; notes why the others do not.
pub(super) fn find(places: &[PathBuf], failures: &mut Vec<String>) -> Result<Option<Mnist>> {
    for place in places {
        match files(place, FILES) {
            Ok(files) => return load(files).map(Some),
            Err(failure) => failures.push(format!("{}: {failure}", place.display())),
        }
    }
    Ok(None)
}

pub(super) fn load([train, train_labels, test, test_labels]: [PathBuf; 4]) -> Result<Mnist> {
    Ok(Mnist {
        train: Images::from_idx(train)?.with_idx_label("digit", train_labels)?,
        test: Images::from_idx(test)?.with_idx_label("digit", test_labels)?,
    })
}

/// Downloads into `folder`; the files, or nothing and a note of why.
#[cfg(feature = "download")]
fn fetch(
    folder: Option<&Path>,
    address: Option<String>,
    failures: &mut Vec<String>,
) -> Option<[PathBuf; 4]> {
    let Some(folder) = folder else {
        failures.push("download: this system names no folder for user data".into());
        return None;
    };
    let fetched = super::download::mnist(folder, address).and_then(|()| {
        files(folder, FILES).map_err(|failure| vec![format!("{}: {failure}", folder.display())])
    });
    fetched.map_err(|reasons| failures.extend(reasons)).ok()
}

#[cfg(not(feature = "download"))]
fn fetch(_: Option<&Path>, _: Option<String>, failures: &mut Vec<String>) -> Option<[PathBuf; 4]> {
    failures.push("download: the feature `download` is not switched on".into());
    None
}

pub(super) fn missing(places: Vec<String>) -> Error {
    Error::NotFound {
        dataset: "MNIST".into(),
        places,
        advice: format!(
            "Put {} (each with or without .gz) into a folder named mnist and set ELBO_DATA to the \
             folder that holds it; or use elbo::data::handwriting(), which needs no files",
            FILES.join(", ")
        ),
    }
}
