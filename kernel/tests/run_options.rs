//! The options of `elbo run` from end to end, without the model library.

mod common;

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use common::{elbo, outputs, read, run, stderr, stdout, write_notebook, write_tagged};

/// Stops a test with the program's own words.
fn assert_success(said: &std::process::Output) {
    assert!(said.status.success(), "{}{}", stdout(said), stderr(said));
}

/// Replaces a stored text, which must be there.
fn alter(path: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{text}");
    fs::write(path, text.replace(old, new)).unwrap();
}

#[test]
fn a_check_compares_with_what_is_stored_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    write_tagged(
        &path,
        &[
            ("let x = 0.1 + 0.2;\nx", None),
            ("println!(\"{x} nats\");", None),
            ("std::process::id()", Some("nocheck")),
        ],
    );
    let never_run = run(&path, &["--check"]);
    assert!(!never_run.status.success());
    assert!(stderr(&never_run).contains("run it first: elbo run"), "{}", stderr(&never_run));
    assert_success(&run(&path, &[]));
    assert_success(&run(&path, &["--check"]));

    // A tenth of the tolerance away, then far away.
    alter(&path, "0.30000000000000004 nats", "0.30000003 nats");
    assert_success(&run(&path, &["--check"]));
    alter(&path, "0.30000003 nats", "0.31 nats");
    let stored = fs::read_to_string(&path).unwrap();
    let differs = run(&path, &["--check"]);
    assert!(!differs.status.success());
    let said = stderr(&differs);
    assert!(said.contains("cell 2 shows something else than what is stored: println!"), "{said}");
    assert!(said.contains("- 0.31 nats\n+ 0.30000000000000004 nats"), "{said}");
    assert_eq!(fs::read_to_string(&path).unwrap(), stored);
    assert_success(&run(&path, &["--check", "--tolerance", "0.1"]));
}

#[test]
fn failing_cells_stop_the_run_unless_they_may_fail_or_all_may() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    let cells = [
        ("panic!(\"on purpose\")", Some("raises-exception")),
        ("let n: i32 = \"seven\".parse()?;", None),
        ("println!(\"after\");", None),
    ];
    write_tagged(&path, &cells);
    let stopped = run(&path, &[]);
    assert!(!stopped.status.success());
    assert!(stderr(&stopped).contains("failed, as it may"), "{}", stderr(&stopped));
    let notebook = read(&path);
    assert_eq!(outputs(&notebook, 0), ["error: Panic: on purpose"]);
    assert_eq!(outputs(&notebook, 1), ["error: Error: invalid digit found in string"]);
    assert_eq!(outputs(&notebook, 2), [""; 0]);

    let gone_on = run(&path, &["--allow-errors"]);
    assert!(!gone_on.status.success(), "the exit code does not tell");
    assert_eq!(outputs(&read(&path), 2), ["stdout: after\n"]);
    // The same errors as stored: nothing differs.
    assert_success(&run(&path, &["--allow-errors", "--check"]));
}

#[test]
fn a_cell_that_takes_too_long_is_stopped_also_when_it_does_not_want_to() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    // Signal 2 is the interrupt, 1 stands for ignoring it.
    let deaf = "unsafe extern \"C\" { fn signal(number: i32, action: usize) -> usize; }\n\
        println!(\"deaf\");\nunsafe { signal(2, 1) };\nloop {}";
    write_notebook(&path, &[deaf, "1 + 1"]);
    // Long enough to compile a cell on a machine that is busy.
    let said = run(&path, &["--timeout", "30", "--allow-errors"]);
    assert!(!said.status.success());
    let notebook = read(&path);
    let error = "error: Timeout: took longer than 30 s and was stopped";
    assert_eq!(outputs(&notebook, 0), ["stdout: deaf\n", error]);
    assert_eq!(outputs(&notebook, 1), ["display: text/plain=2"]);
    let end = "The process that ran the cells has ended.";
    assert!(stderr(&said).contains(end), "{}", stderr(&said));
    for nonsense in ["0", "-1", "soon", "1e300"] {
        assert!(!run(&path, &["--timeout", nonsense]).status.success(), "{nonsense}");
    }
}

#[test]
fn several_notebooks_run_each_by_itself_and_a_table_sums_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let (good, bad, plain) = (file("good.ipynb"), file("bad.ipynb"), file("plain.ipynb"));
    write_tagged(&good, &[("let n = 1;", Some("parameters")), ("n + 1", None)]);
    write_tagged(
        &bad,
        &[("let n: usize = 0;", Some("parameters")), ("vec![7][n]", None), ("n", None)],
    );
    write_notebook(&plain, &["1"]);
    let original = fs::read_to_string(&good).unwrap();
    let run_all = |notebooks: &[&Path]| {
        let options = ["run", "--no-prelude", "-j", "2", "--param", "n=41", "-o"];
        let mut command = elbo();
        command.args(options).arg(file("out")).arg("--html").arg(file("pages"));
        command.args(notebooks).output().unwrap()
    };

    let lacking = run_all(&[&good, &plain]);
    assert!(!lacking.status.success());
    let advice = stderr(&lacking);
    assert!(advice.contains("plain.ipynb") && advice.contains("tagged `parameters`"), "{advice}");
    let twice = run_all(&[&good, &good]);
    assert!(stderr(&twice).contains("would both be written"), "{}", stderr(&twice));

    let said = run_all(&[&good, &bad]);
    assert!(!said.status.success());
    let table = stdout(&said);
    let lines: Vec<_> = table.lines().filter(|line| !line.is_empty()).collect();
    assert!(lines[0].starts_with("notebook "), "{table}");
    assert!(lines[1].contains("good.ipynb ") && lines[1].ends_with("s  ok"), "{table}");
    let failure = "cell 3 failed: Panic: index out of bounds: the len is 1 but the index is 41";
    assert!(lines[2].contains("bad.ipynb ") && lines[2].ends_with(failure), "{table}");
    assert_eq!(fs::read_to_string(&good).unwrap(), original, "the notebook was changed");
    assert_eq!(outputs(&read(&file("out/good.ipynb")), 2), ["display: text/plain=42"]);
    assert!(fs::read_to_string(file("pages/good.html")).unwrap().contains(">42</pre>"));
    let page = fs::read_to_string(file("pages/bad.html")).unwrap();
    assert!(page.contains("index out of bounds") && page.contains("Cell 3</a> failed"), "{page}");
}

/// Starts a run of three cells, the second of which takes long, and waits for that.
fn begun(folder: &Path, arguments: &[&str]) -> std::process::Child {
    let path = folder.join("n.ipynb");
    let code = |source: &str, outputs: serde_json::Value| {
        serde_json::json!({"cell_type": "code", "id": format!("c{}", source.len()), "metadata": {},
            "execution_count": 7, "outputs": outputs, "source": source})
    };
    let old = serde_json::json!([{"output_type": "stream", "name": "stdout", "text": ["old\n"]}]);
    let wait = "println!(\"on\"); std::fs::write(\"on\", \"\")?; \
                loop { std::thread::sleep(std::time::Duration::from_secs(60)) }";
    let cells =
        [code("println!(\"first\");", old.clone()), code(wait, old.clone()), code("1 + 1", old)];
    let notebook = serde_json::json!({"cells": cells, "metadata": {}, "nbformat": 4,
        "nbformat_minor": 5});
    fs::write(&path, notebook.to_string()).unwrap();
    let mut command = elbo();
    command.args(["run", "--no-prelude"]).args(arguments).arg(&path);
    let child = command.stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(60);
    while !folder.join("on").exists() {
        assert!(Instant::now() < deadline, "the second cell did not run");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn a_run_that_is_killed_keeps_what_has_run_and_what_was_stored() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = begun(folder.path(), &[]);
    child.kill().unwrap();
    child.wait().unwrap();
    let notebook = read(&folder.path().join("n.ipynb"));
    assert_eq!(outputs(&notebook, 0), ["stdout: first\n"]);
    assert_eq!(notebook["cells"][0]["execution_count"], 1);
    for cell in [1, 2] {
        assert_eq!(outputs(&notebook, cell), ["stdout: old\n"]);
        assert_eq!(notebook["cells"][cell]["execution_count"], 7);
    }
    // The notebook, and what its cell has written.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "something else was left");
}

#[test]
fn a_run_that_is_asked_to_end_writes_what_there_is() {
    let folder = tempfile::tempdir().unwrap();
    let (out, page) = (folder.path().join("out.ipynb"), folder.path().join("page.html"));
    let arguments = ["-o", out.to_str().unwrap(), "--html", page.to_str().unwrap()];
    let mut child = begun(folder.path(), &arguments);
    ask_to_end(&child);
    assert_eq!(child.wait().unwrap().code(), Some(128 + 15));
    let notebook = read(&out);
    assert_eq!(outputs(&notebook, 0), ["stdout: first\n"]);
    let second = outputs(&notebook, 1);
    assert!(second[0].starts_with("stdout: on"), "{second:?}");
    assert!(second[1].starts_with("error: Crash"), "{second:?}");
    assert_eq!(outputs(&notebook, 2), [""; 0]);
    assert!(fs::read_to_string(&page).unwrap().contains("first"));
}

fn ask_to_end(child: &std::process::Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

#[test]
fn what_cannot_be_written_or_is_no_rust_is_told_before_anything_runs() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    write_notebook(&path, &["std::fs::write(\"has-run\", \"\")?;"]);
    // Not even the administrator can make a file there.
    let said = run(&path, &["-o", "/proc/out.ipynb"]);
    assert!(!said.status.success());
    assert!(stderr(&said).contains("nothing can be written to the folder /proc"), "{said:?}");
    let mut notebook = read(&path);
    notebook["metadata"] = serde_json::json!({"kernelspec": {"name": "python3",
        "display_name": "Python 3", "language": "python"}});
    fs::write(&path, notebook.to_string()).unwrap();
    let said = run(&path, &[]);
    assert!(!said.status.success());
    assert!(stderr(&said).contains("is written in python"), "{}", stderr(&said));
    assert!(!folder.path().join("has-run").exists());
    assert_eq!(read(&path), notebook);
}

#[test]
fn text_that_goes_back_is_stored_as_it_was_seen() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    write_notebook(
        &path,
        &[
            "print!(\"1\\r2\\r3\\n\");",
            "print!(\"abcdef\\rxy\\n\");",
            "print!(\"a\\r\\r\\n\");",
            "print!(\"12\"); print!(\"3\\u{8}456\\n\");",
            "for i in (1..=3).rev() { print!(\"{:<5}\\r\", \"#\".repeat(i)); } println!();",
            "\"y\".repeat(3_000_000)",
        ],
    );
    let page = folder.path().join("p.html");
    let out = folder.path().join("o.ipynb");
    let said = run(&path, &["-o", out.to_str().unwrap(), "--html", page.to_str().unwrap()]);
    assert!(said.status.success(), "{}", stderr(&said));
    let notebook = read(&out);
    for (cell, expected) in ["3\n", "xycdef\n", "a\n", "12456\n", "#    \n"].iter().enumerate() {
        assert_eq!(outputs(&notebook, cell), [format!("stdout: {expected}")]);
    }
    assert!(outputs(&notebook, 5)[0].len() > 3_000_000, "the notebook keeps it all");
    let page = fs::read(&page).unwrap();
    assert!(!page.contains(&8) && !page.contains(&13));
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("more characters</summary>"));
}
