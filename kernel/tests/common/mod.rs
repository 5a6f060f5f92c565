//! What the tests of the program share.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// One cache for all tests of a file: sessions are private to each run anyway.
static CACHE: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// The program under test, with a cache of its own.
pub fn elbo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elbo"));
    command.env("ELBO_CACHE", CACHE.path()).env_remove("ELBO_SESSION").env_remove("ELBO_RELAY");
    command
}

/// The program with the user's own cache, in which the model library is compiled once.
pub fn elbo_with_library() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_elbo"));
    command.env_remove("ELBO_SESSION").env_remove("ELBO_RELAY");
    command
}

/// Where sessions have their folders.
pub fn sessions() -> PathBuf {
    CACHE.path().join("sessions")
}

/// Writes a notebook with these cells of code.
pub fn write_notebook(path: &Path, cells: &[&str]) {
    let cells: Vec<_> = cells.iter().map(|source| (*source, None)).collect();
    write_tagged(path, &cells);
}

/// Writes a notebook with these cells of code, each with its tag.
pub fn write_tagged(path: &Path, cells: &[(&str, Option<&str>)]) {
    let cells: Vec<_> = cells
        .iter()
        .enumerate()
        .map(|(index, (source, tag))| {
            let tags: Vec<_> = tag.iter().collect();
            serde_json::json!({"cell_type": "code", "id": format!("cell-{index}"),
                "metadata": {"tags": tags}, "execution_count": null, "outputs": [],
                "source": source})
        })
        .collect();
    let notebook = serde_json::json!({"cells": cells, "metadata": {}, "nbformat": 4,
        "nbformat_minor": 5});
    std::fs::write(path, notebook.to_string()).unwrap();
}

/// Runs a notebook of these cells; returns what the program said and the notebook it wrote.
pub fn run_cells(cells: &[&str]) -> (Output, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.ipynb");
    write_notebook(&path, cells);
    let said = run(&path, &[]);
    (said, read(&path))
}

/// As [`run_cells`], with the model library.
pub fn run_cells_with_library(cells: &[&str]) -> (Output, serde_json::Value) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.ipynb");
    write_notebook(&path, cells);
    let said = elbo_with_library().arg("run").arg(&path).output().unwrap();
    (said, read(&path))
}

/// Runs a notebook with these options.
pub fn run(path: &Path, options: &[&str]) -> Output {
    elbo().args(["run", "--no-prelude"]).args(options).arg(path).output().unwrap()
}

/// Reads a notebook.
pub fn read(path: &Path) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Standard output as text.
pub fn stdout(said: &Output) -> String {
    String::from_utf8_lossy(&said.stdout).into_owned()
}

/// Standard error as text.
pub fn stderr(said: &Output) -> String {
    String::from_utf8_lossy(&said.stderr).into_owned()
}

/// The outputs of a cell, each as "kind: content".
pub fn outputs(notebook: &serde_json::Value, cell: usize) -> Vec<String> {
    let outputs = notebook["cells"][cell]["outputs"].as_array().unwrap();
    outputs.iter().map(describe).collect()
}

fn describe(output: &serde_json::Value) -> String {
    match output["output_type"].as_str().unwrap() {
        "stream" => format!("{}: {}", output["name"].as_str().unwrap(), joined(&output["text"])),
        "error" => format!(
            "error: {}: {}",
            output["ename"].as_str().unwrap(),
            output["evalue"].as_str().unwrap()
        ),
        _ => {
            let data = output["data"].as_object().unwrap();
            let forms = data.iter().map(|(mime, content)| format!("{mime}={}", joined(content)));
            format!("display: {}", forms.collect::<Vec<_>>().join(" "))
        }
    }
}

fn joined(text: &serde_json::Value) -> String {
    match text {
        serde_json::Value::Array(lines) => lines.iter().filter_map(|line| line.as_str()).collect(),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}
