//! Long sessions and bad luck: many cells, stops, crashes and added crates leave the kernel as it was;
//! and whatever dies, it answers. With the library.
//!
//! A short run is part of the tests. For a long one, of as many cells:
//!
//! ```text
//! ELBO_SOAK=2000 cargo test --release --test soak -- --nocapture
//! ```
#![cfg(target_os = "linux")]

mod common;
#[path = "common/front_end.rs"]
mod front_end;
#[path = "common/processes.rs"]
mod processes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use front_end::FrontEnd;
use jupyter_protocol::{JupyterMessageContent as Content, ReplyStatus};
use processes::{below, memory, variable};
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};

/// How many cells a short run has.
const FEW: usize = 120;

fn cells() -> usize {
    std::env::var("ELBO_SOAK").ok().and_then(|count| count.parse().ok()).unwrap_or(FEW)
}

/// What a kernel holds.
#[derive(Debug)]
struct Held {
    /// Of the kernel's own process, in megabytes; what several processes share is shared out.
    memory: u64,
    /// Of the process that runs the cells, in megabytes.
    memory_of_cells: u64,
    files: usize,
    processes: usize,
    /// In the session's folder, in megabytes.
    disk: u64,
}

impl Held {
    fn by(front_end: &FrontEnd) -> Self {
        let kernel = front_end.kernel.id();
        let below = below(kernel);
        let cells = below.iter().find(|pid| has_variable(**pid, "ELBO_DISPLAY")).copied();
        Self {
            memory: memory(kernel),
            memory_of_cells: cells.map_or(0, memory),
            files: fs::read_dir(format!("/proc/{kernel}/fd")).unwrap().count(),
            processes: 1 + below.len(),
            disk: size(&session(kernel)) / 1_000_000,
        }
    }
}

fn has_variable(process: u32, name: &str) -> bool {
    variable(process, name).is_some()
}

/// The folder of a kernel's session.
fn session(kernel: u32) -> PathBuf {
    variable(kernel, "ELBO_SESSION").expect("the kernel has a session").into()
}

fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let sizes = entries.map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => size(&entry.path()),
        _ => entry.path().symlink_metadata().map_or(0, |file| file.len()),
    });
    sizes.sum()
}

/// Runs a cell that is to end well.
#[track_caller]
fn run(front_end: &mut FrontEnd, code: &str) {
    let cell = front_end.execute(code);
    let words = front_end.until(&cell, "idle");
    let Content::ExecuteReply(reply) = front_end.reply(&cell) else { panic!("wrong reply") };
    assert_eq!(reply.status, ReplyStatus::Ok, "{code}: {words:?}");
}

/// Writes a small crate.
fn write_crate(folder: &Path, number: usize) -> PathBuf {
    let path = folder.join(format!("own{number}"));
    fs::create_dir_all(path.join("src")).unwrap();
    let manifest =
        format!("[package]\nname = \"own{number}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::write(path.join("Cargo.toml"), manifest).unwrap();
    fs::write(path.join("src/lib.rs"), format!("pub fn number() -> usize {{ {number} }}")).unwrap();
    path
}

#[test]
fn a_long_session_stays_as_it_was() {
    let count = cells();
    let (stops, crashes, crates) = (count / 40, count / 100, count / 200 + 1);
    let folder = tempfile::tempdir().unwrap();
    let mut front_end = FrontEnd::with_library();
    let mut at_begin = None;
    for number in 0..count {
        if number == count / 10 + 10 {
            let held = Held::by(&front_end);
            println!("after {number} cells: {held:?}");
            at_begin = Some(held);
        }
        if number % (count / crates) == 5 {
            let path = write_crate(folder.path(), number);
            let code = format!(
                ":dep own{number} = {{ path = {path:?} }}\nassert_eq!(own{number}::number(), {number});"
            );
            run(&mut front_end, &code);
        } else if number % (count / stops) == 20 {
            let cell = front_end.execute("println!(\"on\"); while !elbo::interrupted() {}");
            front_end.until(&cell, "stdout");
            front_end.interrupt();
            front_end.finish(&cell);
        } else if number % (count / crashes) == 50 {
            let words = front_end.run("std::process::abort()");
            assert!(words.last().unwrap().starts_with("error Crash"), "{words:?}");
        } else {
            let code = match number % 4 {
                0 => format!("let kept = vec![{number}; 1000]; kept.len()"),
                1 => format!("fn twice(x: usize) -> usize {{ 2 * x + {number} - {number} }}"),
                2 => "println!(\"{}\", twice(4)); display::markdown(\"*a*\")".to_owned(),
                _ => "let grid = ndarray::Array2::<f64>::zeros((9, 9)); grid.sum()".to_owned(),
            };
            let words = front_end.run(&code);
            let is_unknown = |word: &String| word.contains("cannot find function `twice`");
            let failed = words.iter().any(|word| word.starts_with("error") && !is_unknown(word));
            assert!(!failed, "{code}: {words:?}");
        }
    }
    let (begin, end) = (at_begin.unwrap(), Held::by(&front_end));
    println!("after {count} cells: {end:?}");
    assert!(end.memory < begin.memory + 40, "{begin:?} {end:?}");
    // The code of a cell stays in memory: variables may refer to it.
    assert!(end.memory_of_cells < begin.memory_of_cells + 100, "{begin:?} {end:?}");
    assert!(end.files <= begin.files + 4, "{begin:?} {end:?}");
    assert!(end.processes <= begin.processes, "{begin:?} {end:?}");
    assert!(end.disk < begin.disk + 100, "{begin:?} {end:?}");
}

#[test]
fn whatever_dies_the_kernel_answers() {
    let mut front_end = FrontEnd::with_library();
    run(&mut front_end, "let x = 1;");
    let mut random = StdRng::seed_from_u64(13);
    let cells = [
        "for i in 0..1000 { println!(\"{i}\"); std::thread::sleep(std::time::Duration::from_millis(1)); }",
        "std::thread::sleep(std::time::Duration::from_secs(2)); 1",
        "let y = 2; display::markdown(\"*a*\")",
        "std::process::Command::new(\"sleep\").arg(\"2\").status()?;",
        "while !elbo::interrupted() { eprintln!(\"x\") }",
    ];
    for number in 0..(cells_to_kill()) {
        let code = cells[random.random_range(0..cells.len())];
        let cell = front_end.execute(code);
        std::thread::sleep(Duration::from_millis(random.random_range(0..900)));
        let below = below(front_end.kernel.id());
        let is_relay = |pid: &&u32| has_variable(**pid, "ELBO_RELAY");
        let runs_cells = |pid: &&u32| has_variable(**pid, "ELBO_DISPLAY");
        let victim = if random.random() {
            below.iter().find(is_relay)
        } else {
            below.iter().find(runs_cells)
        };
        if let Some(victim) = victim {
            let killed = Command::new("kill").args(["-KILL", &victim.to_string()]).status();
            assert!(killed.is_ok());
        }
        let begun = Instant::now();
        if code.contains("interrupted") {
            // Where the victim was another, or none.
            front_end.interrupt();
        }
        front_end.finish(&cell);
        assert!(begun.elapsed() < Duration::from_secs(30), "{number}: {code}");
        // What died between two cells is noticed by the next one.
        let words = front_end.run("assert_eq!(1 + 1, 2);");
        assert!(words.iter().all(|word| word.starts_with("error Crash")), "{words:?}");
        run(&mut front_end, "assert_eq!(1 + 1, 2);");
    }
    let held = Held::by(&front_end);
    println!("{held:?}");
    assert!(held.processes <= 4, "{held:?}");
}

/// How often something is killed.
fn cells_to_kill() -> usize {
    cells() / 10
}
