//! Fetching data files over HTTP, checked before they are kept.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

/// Public copies of MNIST, tried in this order.
const MIRRORS: [&str; 2] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
];

/// The files of MNIST with the SHA-256 of their bytes.
const MNIST: [Remote<'static>; 4] = [
    Remote {
        name: "train-images-idx3-ubyte.gz",
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    },
    Remote {
        name: "train-labels-idx1-ubyte.gz",
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    },
    Remote {
        name: "t10k-images-idx3-ubyte.gz",
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    },
    Remote {
        name: "t10k-labels-idx1-ubyte.gz",
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    },
];

/// More than any of the files; a server that sends more sends something else.
const LIMIT_BYTES: u64 = 64 << 20;

/// A file to fetch, and the SHA-256 of its bytes in lower-case hexadecimal.
#[derive(Clone, Copy)]
pub(super) struct Remote<'a> {
    pub(super) name: &'a str,
    pub(super) sha256: &'a str,
}

/// Why a download failed: one line per address that was tried.
pub(super) type Failures = Vec<String>;

/// Fetches MNIST into `folder`, from `address` if there is one, else from the public mirrors.
pub(super) fn mnist(folder: &Path, address: Option<String>) -> Result<(), Failures> {
    let mirrors = address.map_or_else(|| MIRRORS.map(String::from).to_vec(), |one| vec![one]);
    fetch(&MNIST, &mirrors, folder)
}

/// Fetches those `files` that `folder` does not have, each from the first of `mirrors` that has
/// it with the right checksum. A file appears in the folder whole or not at all.
pub(super) fn fetch(files: &[Remote], mirrors: &[String], folder: &Path) -> Result<(), Failures> {
    let missing = files.iter().filter(|file| !folder.join(file.name).is_file());
    for &file in missing {
        let mut failures = Failures::new();
        let fetched = mirrors.iter().any(|mirror| {
            let address = format!("{}/{}", mirror.trim_end_matches('/'), file.name);
            fetch_one(file, &address, folder)
                .map_err(|failure| failures.push(format!("{address}: {failure}")))
                .is_ok()
        });
        if !fetched {
            return Err(failures);
        }
    }
    Ok(())
}

fn fetch_one(file: Remote, address: &str, folder: &Path) -> Result<(), String> {
    let bytes = get(address).map_err(|error| error.to_string())?;
    let digest = Sha256::digest(&bytes);
    let sha256: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    if sha256 != file.sha256 {
        return Err(format!(
            "the {} bytes received have the SHA-256 checksum {sha256}, not {}",
            bytes.len(),
            file.sha256
        ));
    }
    keep(&bytes, folder, file.name)
        .map_err(|error| format!("cannot be saved in {} ({error})", folder.display()))
}

fn get(address: &str) -> Result<Vec<u8>, ureq::Error> {
    let config = ureq::Agent::config_builder()
        .timeout_connect(Some(Duration::from_secs(15)))
        .timeout_global(Some(Duration::from_secs(300)))
        .build();
    let mut response = config.new_agent().get(address).call()?;
    response.body_mut().with_config().limit(LIMIT_BYTES).read_to_vec()
}

/// Writes beside the target first, so that a broken write leaves nothing under the name.
fn keep(bytes: &[u8], folder: &Path, name: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(folder.join(name))?;
    Ok(())
}
