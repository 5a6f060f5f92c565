//! `elbo run` from end to end, without the model library.

mod common;

use std::path::PathBuf;

use common::{elbo, outputs, read, run_cells, stderr, stdout, write_notebook};

const SHOW: &str = "fn show(n: i32) { println!(\"EVCXR_BEGIN_CONTENT text/plain\\n{n}\\n\
    EVCXR_END_CONTENT\\nEVCXR_BEGIN_CONTENT text/html\\n<b>{n}</b>\\nEVCXR_END_CONTENT\"); }";

#[test]
fn outputs_come_in_order_and_variables_stay() {
    let pause = "std::thread::sleep(std::time::Duration::from_millis(150));";
    let streams = format!(
        "println!(\"1\"); {pause} eprintln!(\"2\"); {pause} print!(\"3\"); show(4); show(5); x"
    );
    let (said, notebook) = run_cells(&[SHOW, "let x = 6;", &streams, "()", "let y = x + 1;\ny"]);
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(outputs(&notebook, 0), [""; 0]);
    assert_eq!(
        outputs(&notebook, 2),
        [
            "stdout: 1\n",
            "stderr: 2\n",
            "stdout: 3",
            "display: text/html=<b>4</b> text/plain=4",
            "display: text/html=<b>5</b> text/plain=5",
            "display: text/plain=6",
        ]
    );
    assert_eq!(outputs(&notebook, 3), [""; 0]);
    assert_eq!(outputs(&notebook, 4), ["display: text/plain=7"]);
    assert_eq!(notebook["cells"][4]["execution_count"], 5);
    assert_eq!(notebook["metadata"]["language_info"]["name"], "rust");
    assert!(stderr(&said).contains("5 cells in"), "{}", stderr(&said));
}

#[test]
fn a_panic_stops_the_run_and_keeps_what_was_shown() {
    let cells = ["println!(\"before\");\nlet v: Vec<i32> = vec![];\nv[3]", "println!(\"after\")"];
    let (said, notebook) = run_cells(&cells);
    assert!(!said.status.success());
    let message = "index out of bounds: the len is 0 but the index is 3";
    assert_eq!(
        outputs(&notebook, 0),
        [
            "stdout: before\n".to_owned(),
            "stderr: note: lost with this cell: `v`\n".to_owned(),
            format!("error: Panic: {message}"),
        ]
    );
    assert_eq!(outputs(&notebook, 1), [""; 0]);
    let said = stderr(&said);
    assert!(said.contains(&format!("panicked at line 3 of the cell: {message}")), "{said}");
}

#[test]
fn a_returned_error_stops_the_run_with_its_own_words() {
    let cells = ["let n: i32 = \"seven\".parse()?;", "n"];
    let (said, notebook) = run_cells(&cells);
    assert!(!said.status.success());
    assert_eq!(outputs(&notebook, 0), ["error: Error: invalid digit found in string"]);
    assert!(stderr(&said).contains("error: invalid digit found in string"));
}

#[test]
fn a_value_with_its_own_display_uses_it_also_behind_the_first_question_mark() {
    let kind = "#[derive(Debug)] struct Own(i32); impl Own { fn evcxr_display(&self) { \
        println!(\"EVCXR_BEGIN_CONTENT text/plain\\nown {}\\nEVCXR_END_CONTENT\", self.0); } }";
    let (said, notebook) = run_cells(&[kind, "Own(\"7\".parse()?)"]);
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(outputs(&notebook, 1), ["display: text/plain=own 7"]);
}

#[test]
fn a_compile_error_points_into_the_cell() {
    let cells = ["// σ\nlet s = 1.0;\nlet t: i32 = s + \"a\";"];
    let (said, notebook) = run_cells(&cells);
    assert!(!said.status.success());
    let shown = outputs(&notebook, 0);
    assert!(shown[0].starts_with("error: CompileError: ") && shown.len() == 1, "{shown:?}");
    let said = stderr(&said);
    assert!(said.contains("--> cell:3:") && said.contains("let t: i32 = s + \"a\";"), "{said}");
    assert!(!said.contains("evcxr"), "{said}");
}

#[test]
fn the_end_of_the_process_is_an_error() {
    let (said, notebook) = run_cells(&["println!(\"x\");\nstd::process::abort()"]);
    assert!(!said.status.success());
    assert_eq!(outputs(&notebook, 0), ["stdout: x\n", "error: Crash: it aborted"]);
    assert!(stderr(&said).contains("There were no variables to lose."));
}

#[test]
fn parameters_and_pages() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    let notebook = serde_json::json!({"cells": [
        {"cell_type": "markdown", "id": "t", "metadata": {}, "source": "# A *title*"},
        {"cell_type": "code", "id": "p", "metadata": {"tags": ["parameters"]},
         "execution_count": null, "outputs": [], "source": "let quick = false;"},
        {"cell_type": "code", "id": "q", "metadata": {}, "execution_count": null, "outputs": [],
         "source": "quick"}
    ], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    .to_string();
    std::fs::write(&path, &notebook).unwrap();
    let page = folder.path().join("n.html");
    let said = elbo()
        .args(["run", "--no-prelude", "--param", "quick=true", "--html"])
        .args([&page, &path])
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), notebook, "the notebook was changed");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains("<title>A title</title>"));
    assert!(page.contains("<pre class=\"output value\">true</pre>"), "{page}");
}

#[test]
fn mistakes_in_the_arguments_are_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    let fails = |arguments: &[&str], advice: &str| {
        let said =
            elbo().args(["run", "--no-prelude"]).args(arguments).arg(&path).output().unwrap();
        assert!(!said.status.success());
        assert!(stderr(&said).contains(advice), "{}", stderr(&said));
    };
    fails(&[], "cannot be read");
    std::fs::write(&path, "[]").unwrap();
    fails(&[], "is not a Jupyter notebook");
    write_notebook(&path, &["1"]);
    fails(&["--param", "a=1"], "no cell tagged `parameters`");
    fails(&["--param", "a"], "name=value");
    fails(&["--html", "/no/such/folder/x.html"], "there is no folder");
}

#[test]
fn no_session_folder_is_left_behind() {
    let (said, _) = run_cells(&["1"]);
    assert!(said.status.success());
    let pid = said.status.code();
    assert_eq!(pid, Some(0));
    // Other tests of this file may be running: only locked folders may be there.
    for entry in std::fs::read_dir(common::sessions()).unwrap().flatten() {
        let Ok(lock) = std::fs::File::open(entry.path().join(".lock")) else { continue };
        assert!(lock.try_lock().is_err(), "{} was left behind", entry.path().display());
    }
}

#[test]
fn without_rustup_the_compiler_on_the_path_is_as_good() {
    let sysroot =
        std::process::Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
    let toolchain = PathBuf::from(stdout(&sysroot).trim()).join("bin");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    write_notebook(&path, &["let x = 20;", "x + 1"]);
    let mut command = elbo();
    command.args(["run", "--no-prelude"]).arg(&path).env_remove("CARGO_HOME").env_remove("CARGO");
    let command = command
        .env("PATH", format!("{}:/usr/bin:/bin", toolchain.display()))
        .env("HOME", folder.path());
    let said = command.output().unwrap();
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(outputs(&read(&path), 1), ["display: text/plain=21"]);
}
