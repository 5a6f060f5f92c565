//! The options of `elbo run` from end to end, without the model library.

mod common;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

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

#[test]
fn a_run_that_is_killed_leaves_the_notebook_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    let sleep = "std::thread::sleep(std::time::Duration::from_secs(60));";
    write_notebook(&path, &["println!(\"first\");", sleep]);
    let original = fs::read_to_string(&path).unwrap();
    let mut command = elbo();
    command.args(["run", "--no-prelude"]).arg(&path).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("[1/2]")), "the first cell did not run");
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), original);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "something else was left");
}
