//! The commands of cells: every one of evcxr's does what it says here, or says how it is done.

mod common;

use common::{elbo_with_library, outputs, read, run_cells, write_notebook};
use serde_json::Value;

/// Runs cells with the library, of which any may fail. Returns what each shows.
fn shown(cells: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    write_notebook(&path, cells);
    elbo_with_library().args(["run", "--allow-errors"]).arg(&path).output().unwrap();
    let notebook: Value = read(&path);
    (0..cells.len()).map(|cell| outputs(&notebook, cell).concat()).collect()
}

#[test]
fn the_help_is_a_table_and_names_every_command() {
    let shown = shown(&[":help"]);
    assert!(shown[0].contains("text/markdown=") && shown[0].contains("| `:dep NAME = \"1.0\"` |"));
    for command in [":vars", ":timing", ":explain", ":restart", ":backtrace"] {
        assert!(shown[0].contains(command), "{command}");
    }
}

#[test]
fn variables_are_listed_with_type_size_and_a_short_value() {
    let shown = shown(&[
        "let word = \"a<b\".to_owned(); let many = vec![1.5; 1000]; struct Mute; let mute = Mute;",
        ":vars",
        ":type many",
        ":t word",
        ":type nobody",
    ]);
    let rows: Vec<_> = shown[1].split("text/plain=").nth(1).unwrap().lines().collect();
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(rows[0].starts_with("variable") && rows[0].ends_with("value"));
    assert!(
        rows[1].contains("Vec<f64>") && rows[1].contains("24") && rows[1].ends_with('…'),
        "{rows:?}"
    );
    assert!(rows[2].starts_with("mute") && rows[2].trim_end().ends_with('0'), "{rows:?}");
    assert!(rows[3].ends_with("\"a<b\""), "{rows:?}");
    assert!(shown[1].contains("a&lt;b"));
    assert_eq!(shown[2], "display: text/plain=many: Vec<f64>");
    assert_eq!(shown[3], "display: text/plain=word: String");
    assert!(shown[4].contains("there is no variable `nobody`"), "{}", shown[4]);
}

#[test]
fn restart_and_clear_leave_a_session_that_works() {
    let shown = shown(&[
        "let x = 1; fn twice(i: i32) -> i32 { 2 * i }",
        ":env ELBO_TEST=still there",
        ":restart",
        "x",
        "twice(4)",
        "std::env::var(\"ELBO_TEST\")?",
        ":clear",
        "twice(4)",
        "let y = 2; Vae::<4, 2>::params(); let f = |i: i32| i + y; f(1)",
    ]);
    assert!(shown[2].contains("without `x`"), "{}", shown[2]);
    assert!(shown[3].contains("cannot find value `x`"), "{}", shown[3]);
    assert_eq!(shown[4], "display: text/plain=8");
    assert_eq!(shown[5], "display: text/plain=\"still there\"");
    assert!(shown[7].contains("cannot find function `twice`"), "{}", shown[7]);
    assert_eq!(shown[8], "display: text/plain=3");
}

#[test]
fn values_times_and_types_are_shown_as_asked() {
    let shown = shown(&[
        ":fmt {:#?}",
        "(1, 2)",
        ":fmt",
        "(1, 2)",
        ":types",
        "vec![1.5]",
        ":types",
        ":time std::thread::sleep(std::time::Duration::from_millis(120))",
        ":timing",
        "1",
        ":timing",
        "1",
        ":efmt {:?}",
        "\"x\".parse::<i32>()?",
        ":efmt {}",
    ]);
    assert_eq!(shown[1], "display: text/plain=(\n    1,\n    2,\n)");
    assert_eq!(shown[3], "display: text/plain=(1, 2)");
    assert!(shown[5].contains(": Vec<f64>") && shown[5].contains("[1.5]"), "{}", shown[5]);
    let seconds = |text: &str| {
        let time = text.rsplit("stderr: ").next().unwrap().trim().trim_end_matches(" s");
        time.parse::<f64>().unwrap_or_else(|_| panic!("{text}"))
    };
    assert!((0.12..60.0).contains(&seconds(&shown[7])), "{}", shown[7]);
    assert!(seconds(&shown[9]) < 60.0);
    assert_eq!(shown[11], "display: text/plain=1");
    assert!(shown[13].contains("ParseIntError"), "{}", shown[13]);
}

#[test]
fn shell_lines_show_what_they_say_and_run_in_the_notebooks_folder() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    let cells = [
        "!pwd",
        "std::env::current_dir()?.display().to_string()",
        "!echo out; echo err >&2; exit 3",
        "!env | grep -c -e ELBO_SESSION -e EVCXR_ || true",
        "let ok = false ||\n    !true;\nok",
        "::std::mem::size_of::<u8>()",
    ];
    write_notebook(&path, &cells);
    elbo_with_library()
        .args(["run", "--allow-errors"])
        .arg(&path)
        .current_dir("/")
        .output()
        .unwrap();
    let notebook = read(&path);
    let shown: Vec<_> = (0..cells.len()).map(|cell| outputs(&notebook, cell).concat()).collect();
    let here = folder.path().canonicalize().unwrap().display().to_string();
    assert_eq!(shown[0], format!("stdout: {here}\n"));
    assert_eq!(shown[1], format!("display: text/plain={here:?}"));
    assert!(shown[2].contains("out\n") && shown[2].contains("err\n"), "{}", shown[2]);
    assert!(shown[2].contains("exit status: 3"), "{}", shown[2]);
    assert_eq!(shown[3], "stdout: 0\n");
    assert_eq!(shown[4], "display: text/plain=false");
    assert_eq!(shown[5], "display: text/plain=1");
}

#[test]
fn other_commands_do_what_they_say_or_say_what_to_do() {
    let shown = shown(&[
        ":version",
        ":show_deps",
        ":explain E0382",
        "let x: i32 = \"\";",
        ":explain",
        ":last_error_json",
        ":opt 0",
        "1 + 1",
        ":opt 2",
        ":offline 1",
        ":offline 0",
        ":linker system",
        ":linker nolinker",
        ":build_env ELBO_TEST_BUILD=7",
        "env!(\"ELBO_TEST_BUILD\")",
        ":backtrace 1",
        "#[inline(never)] fn deep(v: &[i32]) -> i32 { v[v.len()] }\ndeep(&[1])",
        ":backtrace 0",
        ":toolchain nightly",
        ":load_config",
        ":cache 100",
        ":quit",
        ":nonsense",
        "40 + 2",
        ":last_compile_dir",
        ":preserve_vars_on_panic 1",
    ]);
    assert!(shown[0].contains("elbo 0.1") && shown[0].contains("rustc 1."), "{}", shown[0]);
    assert!(shown[1].contains("at hand: ") && shown[1].contains("polars 0.55"), "{}", shown[1]);
    assert!(shown[2].contains("moved elsewhere"));
    assert!(shown[4].contains("Expected type did not match"), "{}", shown[4]);
    assert!(shown[5].contains("E0308"), "{}", shown[5]);
    assert_eq!(shown[7], "display: text/plain=2");
    assert!(shown[9].contains("must do without the network"), "{}", shown[9]);
    assert!(shown[12].contains("the linkers are system, lld, mold"), "{}", shown[12]);
    assert_eq!(shown[14], "display: text/plain=\"7\"");
    assert!(shown[16].contains("stack backtrace:") && shown[16].contains("deep"), "{}", shown[16]);
    assert!(shown[18].contains("RUSTUP_TOOLCHAIN=nightly"), "{}", shown[18]);
    assert!(shown[19].contains("first cell"), "{}", shown[19]);
    assert!(shown[20].contains(":clear_cache"), "{}", shown[20]);
    assert!(shown[21].contains("shut the kernel down"), "{}", shown[21]);
    assert!(shown[22].contains("there is no command `:nonsense`"), "{}", shown[22]);
    assert_eq!(shown[23], "display: text/plain=42");
    assert!(shown[24].contains("sessions"), "{}", shown[24]);
}

#[test]
fn a_notebook_is_not_ended_by_one_of_its_cells() {
    let (said, notebook) = run_cells(&[":quit", "1"]);
    assert!(!said.status.success());
    assert_eq!(outputs(&notebook, 1), [""; 0]);
}
