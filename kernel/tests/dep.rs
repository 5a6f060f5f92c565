//! Crates that a user adds by `:dep`.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::{elbo, outputs, read, run_cells, run_cells_with_library, stderr, write_notebook};

/// The text of a cell's value.
fn value(notebook: &serde_json::Value, cell: usize) -> String {
    let shown = outputs(notebook, cell);
    let value = shown.iter().find_map(|output| output.strip_prefix("display: text/plain="));
    value.unwrap_or_else(|| panic!("cell {cell} shows {shown:?}")).to_owned()
}

/// Writes a crate with this code, and returns how a cell names it.
fn write_crate(folder: &Path, name: &str, code: &str) -> String {
    fs::create_dir_all(folder.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::write(folder.join("src/lib.rs"), code).unwrap();
    format!(":dep {name} = {{ path = {folder:?} }}")
}

#[test]
fn twelve_crates_of_different_kinds_are_compiled_and_used() {
    // Plain; without dependencies; a large table; a procedural macro; numbers; a build script that
    // compiles C and has `links`; an executor; a parser with features; a macro by example; unsafe
    // code; two versions of one crate; a crate whose name has a hyphen.
    let added = "\
:dep heck = \"0.5\"
:dep itoa = \"1\"
:dep base64 = \"0.22\"
:dep thiserror = \"2\"
:dep num-complex = \"0.4\"
:dep libz-sys = { version = \"1\", features = [\"static\"] }
:dep tokio = { version = \"1\", features = [\"rt\", \"rt-multi-thread\", \"time\"] }
:dep serde_json = \"1\"
:dep bitflags = \"2\"
:dep smallvec = { version = \"1\", features = [\"union\"] }
:dep rand08 = { package = \"rand\", version = \"0.8\" }
:dep unicode-width = \"0.2\"";
    let (said, notebook) = run_cells(&[
        added,
        "use heck::ToSnakeCase;\n\"HelloWorld\".to_snake_case()",
        "let mut buffer = itoa::Buffer::new();\nbuffer.format(128_u64).to_owned()",
        "use base64::prelude::*;\nBASE64_STANDARD.encode(b\"hello\")",
        "#[derive(Debug, thiserror::Error)]\n#[error(\"no {0}\")]\nstruct Missing(u8);\n\
         Missing(3).to_string()",
        "num_complex::Complex::new(3.0, 4.0).norm()",
        "unsafe { libz_sys::adler32(1, b\"abc\".as_ptr(), 3) }",
        "tokio::time::sleep(std::time::Duration::from_millis(5)).await;\n\"awake\"",
        "serde_json::json!({\"a\": [1, 2]}).to_string()",
        "bitflags::bitflags! { struct Bits: u8 { const A = 1; const B = 2; } }\n\
         (Bits::A | Bits::B).bits()",
        "let small: smallvec::SmallVec<[u8; 4]> = smallvec::smallvec![1, 2];\nsmall.len()",
        "use rand08::{Rng, SeedableRng};\nlet mut rng = rand08::rngs::StdRng::seed_from_u64(1);\n\
         rng.gen_range(5..6)",
        "unicode_width::UnicodeWidthStr::width(\"ab\")",
    ]);
    assert!(said.status.success(), "{}", stderr(&said));
    let expected = [
        "\"hello_world\"",
        "\"128\"",
        "\"aGVsbG8=\"",
        "\"no 3\"",
        "5.0",
        // Of a = 1 + 97 + 98 + 99 and b = 3 + 3·97 + 2·98 + 99, b · 65536 + a.
        "38600999",
        "\"awake\"",
        "\"{\\\"a\\\":[1,2]}\"",
        "3",
        "2",
        "5",
        "2",
    ];
    for (cell, expected) in (1..).zip(expected) {
        assert_eq!(value(&notebook, cell), expected);
    }
    // How they were compiled is not kept in the notebook.
    assert_eq!(outputs(&notebook, 0), [""; 0]);
}

#[test]
fn a_folder_is_compiled_again_when_its_files_change_and_its_variables_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("own");
    let dep = write_crate(&path, "own", "pub struct S { pub x: u64 } pub fn f() -> i32 { 1 }");
    let changed = "pub struct S { pub x: String } pub fn f() -> i32 { 2 }";
    let write = format!("std::fs::write({:?}, {changed:?})?;", path.join("src/lib.rs"));
    let notebook = folder.path().join("n.ipynb");
    let cells =
        [dep.as_str(), "let s = own::S { x: 1 }; own::f()", &write, "own::f()", "s.x.len()"];
    write_notebook(&notebook, &cells);
    let said = common::run(&notebook, &["--allow-errors"]);
    let notebook = read(&notebook);
    assert_eq!(value(&notebook, 1), "1", "{}", stderr(&said));
    assert_eq!(value(&notebook, 3), "2");
    let notes = outputs(&notebook, 3).concat();
    assert!(notes.contains("the variable `s` is gone"), "{notes}");
    let last = outputs(&notebook, 4).concat();
    assert!(last.contains("cannot find value `s`"), "{last}");
}

#[test]
fn a_git_repository_and_a_relative_path_are_found_from_the_notebooks_folder() {
    let folder = tempfile::tempdir().unwrap();
    write_crate(&folder.path().join("near"), "near", "pub fn f() -> u8 { 7 }");
    let remote = folder.path().join("remote");
    write_crate(&remote, "far", "pub fn f() -> u8 { 8 }");
    for arguments in [
        vec!["init", "-q"],
        vec!["add", "."],
        vec!["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "first"],
    ] {
        assert!(
            Command::new("git").args(arguments).current_dir(&remote).status().unwrap().success()
        );
    }
    let notebook = folder.path().join("n.ipynb");
    let cells = [":dep ./near\n:dep far = { git = \"remote\" }", "(near::f(), far::f())"];
    write_notebook(&notebook, &cells);
    let said =
        elbo().args(["run", "--no-prelude"]).arg(&notebook).current_dir("/").output().unwrap();
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(value(&read(&notebook), 1), "(7, 8)");
}

#[test]
fn a_refused_crate_leaves_the_others_and_can_be_corrected() {
    let folder = tempfile::tempdir().unwrap();
    let good = write_crate(&folder.path().join("good"), "good", "pub fn f() -> u8 { 1 }");
    let broken = write_crate(&folder.path().join("broken"), "broken", "pub fn f() -> u8 { \"\" }");
    let mended = "pub fn f() -> u8 { good() } fn good() -> u8 { 3 }";
    let mend =
        format!("std::fs::write({:?}, {mended:?})?;", folder.path().join("broken/src/lib.rs"));
    let notebook = folder.path().join("n.ipynb");
    let cells = [
        good.as_str(),
        &broken,
        "good::f()",
        ":dep good = { path = 1 }",
        ":dep elbo-no-such-crate = \"9\"",
        &mend,
        &broken,
        "broken::f() + good::f()",
    ];
    write_notebook(&notebook, &cells);
    common::run(&notebook, &["--allow-errors"]);
    let notebook = read(&notebook);
    let told = |cell: usize| outputs(&notebook, cell).concat();
    assert!(told(1).contains("`broken` cannot be used"), "{}", told(1));
    assert!(
        notebook["cells"][1]["outputs"].to_string().contains("mismatched types"),
        "{}",
        told(1)
    );
    assert_eq!(value(&notebook, 2), "1");
    assert!(told(3).contains("expected a string"), "{}", told(3));
    assert!(told(4).contains("`elbo-no-such-crate` cannot be used"), "{}", told(4));
    assert_eq!(value(&notebook, 7), "4");
}

#[test]
fn the_next_session_finds_what_was_compiled_and_needs_no_network() {
    let cells = [":dep itoa = \"1\"", "itoa::Buffer::new().format(5_u8).to_owned()"];
    let (first, notebook) = run_cells(&cells);
    assert_eq!(value(&notebook, 1), "\"5\"", "{}", stderr(&first));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("n.ipynb");
    write_notebook(&path, &cells);
    // A cargo that cannot run would be noticed.
    let offline = elbo()
        .args(["run", "--no-prelude"])
        .arg(&path)
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_HOME", folder.path().join("empty"))
        .output()
        .unwrap();
    assert!(offline.status.success(), "{}", stderr(&offline));
    assert_eq!(value(&read(&path), 1), "\"5\"");
}

#[test]
fn added_crates_work_on_the_librarys_own() {
    let (said, notebook) = run_cells_with_library(&[
        ":dep ndarray-stats = \"0.7\"\n:dep itertools",
        "use ndarray_stats::QuantileExt;\nlet a = ndarray::array![3.0, 1.0, 2.0];\n(*a.max()?, a.argmin()?)",
        // The same array type as the library's own functions take and give.
        "let rows = ndarray::array![[1.0, 2.0], [3.0, 4.5], [5.0, 6.0], [7.0, 8.5]];\n\
         let pca = Pca::params(1).fit(&rows)?;\n\
         use ndarray_stats::SummaryStatisticsExt;\nrows.mean()",
        ":dep plotters = \"0.3\"\n:dep rand_distr\n:dep serde = { version = \"1\", features = [\"derive\"] }",
        "use rand_distr::Distribution;\n\
         let x: f64 = rand_distr::StandardNormal.sample(&mut rand::rng());\nx.is_finite()",
        ":dep rand = \"0.8\"",
        "use rand::{Rng, SeedableRng};\nrand::rngs::StdRng::seed_from_u64(1).gen_range(5..6)",
        ":dep rand\n:dep old_rand = { package = \"rand\", version = \"0.8\" }",
        "use old_rand::SeedableRng as _;\nlet mut old = old_rand::rngs::StdRng::seed_from_u64(1);",
        "old_rand::Rng::gen_range(&mut old, 5..6)",
        "use rand::RngExt;\nrand::rng().random_range(5..6)",
    ]);
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(value(&notebook, 1), "(3.0, 1)");
    assert_eq!(value(&notebook, 2), "Some(4.625)");
    // At hand already: nothing is compiled.
    assert_eq!(outputs(&notebook, 3), [""; 0]);
    assert_eq!(value(&notebook, 4), "true");
    let note = outputs(&notebook, 5).concat();
    assert!(note.contains("`rand` is now 0.8 in cells") && note.contains("package"), "{note}");
    assert_eq!(value(&notebook, 6), "5");
    assert_eq!(value(&notebook, 9), "5");
    assert_eq!(value(&notebook, 10), "5");
}
