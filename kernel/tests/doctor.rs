//! `elbo doctor` from end to end.

mod common;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, SystemTime};

use common::{elbo, stderr, stdout};

/// The program, with nothing of this machine but its search path.
fn doctor(folder: &Path) -> Command {
    let mut command = elbo();
    command.arg("doctor").env("ELBO_CACHE", folder.join("cache"));
    command.env("JUPYTER_DATA_DIR", folder.join("jupyter")).env_remove("JUPYTER_PATH");
    command.env_remove("ELBO_DATA").env_remove("ELBO_FEATURES").env_remove("ELBO_SOURCE");
    command
}

/// The line about a check, with the advice below it.
fn line(said: &Output, topic: &str) -> String {
    let text = stdout(said);
    let mut lines = text.lines().skip_while(|line| line.split_whitespace().nth(1) != Some(topic));
    let first = lines.next().unwrap_or_else(|| panic!("no {topic} in\n{text}{}", stderr(said)));
    let advice = lines.take_while(|line| line.trim_start().starts_with('→'));
    [first].into_iter().chain(advice).collect::<Vec<_>>().join("\n")
}

fn on_path(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
        .unwrap()
}

#[test]
fn on_a_machine_that_runs_these_tests_cells_can_run() {
    let folder = tempfile::tempdir().unwrap();
    let said = doctor(folder.path()).env("ELBO_DATA", "/no/such/folder").output().unwrap();
    assert!(said.status.success(), "{}{}", stdout(&said), stderr(&said));
    assert!(line(&said, "rust").starts_with("ok"), "{}", stdout(&said));
    assert!(line(&said, "linker").contains("compiled, linked and ran"), "{}", stdout(&said));
    assert!(line(&said, "library").starts_with("note"), "{}", stdout(&said));
    assert!(line(&said, "leftovers").ends_with("none"), "{}", stdout(&said));
    let data = line(&said, "data");
    assert!(data.starts_with("problem") && data.contains("→"), "{data}");
    assert!(!folder.path().join("cache").exists(), "looking has made a folder");
}

#[test]
fn without_a_compiler_no_cell_can_run() {
    let folder = tempfile::tempdir().unwrap();
    let said = doctor(folder.path()).env("PATH", folder.path()).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let rust = line(&said, "rust");
    assert!(rust.starts_with("problem") && rust.contains("neither rustc nor cargo"), "{rust}");
    assert!(rust.contains("https://rustup.rs"), "{rust}");
    assert!(!stdout(&said).contains("linker"), "{}", stdout(&said));
}

#[test]
fn without_a_linker_no_cell_can_run() {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    fs::create_dir(&programs).unwrap();
    for program in ["rustc", "cargo"] {
        symlink(on_path(program), programs.join(program)).unwrap();
    }
    let said = doctor(folder.path()).env("PATH", &programs).output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    assert!(line(&said, "rust").starts_with("ok"), "{}", stdout(&said));
    let linker = line(&said, "linker");
    assert!(linker.starts_with("problem") && linker.contains("linker `cc` not found"), "{linker}");
    assert!(linker.contains('→'), "{linker}");
}

#[test]
fn the_kernel_that_jupyter_knows_is_started() {
    let folder = tempfile::tempdir().unwrap();
    let said = doctor(folder.path()).env("VIRTUAL_ENV", folder.path()).output().unwrap();
    assert!(line(&said, "kernel").contains("does not know this kernel"), "{}", stdout(&said));

    let install = ["install", "--no-build", "--prefix"];
    assert!(elbo().args(install).arg(folder.path()).status().unwrap().success());
    let said = doctor(folder.path()).env("VIRTUAL_ENV", folder.path()).output().unwrap();
    assert!(line(&said, "kernel").starts_with("ok"), "{}", stdout(&said));

    let spec = folder.path().join("share/jupyter/kernels/elbo/kernel.json");
    fs::write(&spec, "{\"argv\": [\"/no/such/program\", \"kernel\"]}").unwrap();
    let said = doctor(folder.path()).env("VIRTUAL_ENV", folder.path()).output().unwrap();
    let kernel = line(&said, "kernel");
    assert!(kernel.starts_with("problem") && kernel.contains("→ elbo install"), "{kernel}");
    assert!(said.status.success(), "cells run without Jupyter");
}

#[test]
fn what_a_killed_session_left_is_removed_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let session = folder.path().join("cache/sessions/s123abc");
    // What somebody else keeps there is not ours.
    let other = folder.path().join("cache/sessions/2024-experiment");
    fs::create_dir_all(&other).unwrap();
    fs::create_dir_all(&session).unwrap();
    fs::write(session.join(".lock"), "").unwrap();
    let yesterday = SystemTime::now() - Duration::from_secs(86_400);
    for old in [&session, &other] {
        fs::File::open(old).unwrap().set_modified(yesterday).unwrap();
    }
    let said = doctor(folder.path()).output().unwrap();
    assert!(line(&said, "leftovers").contains("--clean removes them"), "{}", stdout(&said));
    assert!(session.exists());
    let said = doctor(folder.path()).arg("--clean").output().unwrap();
    assert!(line(&said, "leftovers").contains("removed 1 session"), "{}", stdout(&said));
    assert!(!session.exists() && other.exists());
}

#[cfg(target_os = "linux")]
#[test]
fn without_a_place_to_write_no_cell_can_run() {
    let folder = tempfile::tempdir().unwrap();
    // Not even the administrator can make a file there.
    let mut command = doctor(folder.path());
    let said = command.env("ELBO_CACHE", "/proc/elbo").output().unwrap();
    let cache = line(&said, "cache");
    assert!(cache.starts_with("note") && cache.contains("/proc/elbo cannot be written"), "{cache}");
    let said = command.env("XDG_CACHE_HOME", "/proc/elbo").env("TMPDIR", "/proc").output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    let cache = line(&said, "cache");
    assert!(cache.starts_with("problem") && cache.contains("→ set ELBO_CACHE"), "{cache}");
    assert!(!stdout(&said).contains("linker"), "{}", stdout(&said));
}
