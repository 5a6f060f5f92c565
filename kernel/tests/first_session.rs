//! A machine on which polars is not compiled yet: a first picture does not wait for it.

#[path = "common/cells.rs"]
mod cells;
mod common;
#[path = "common/front_end.rs"]
mod front_end;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cells::Cells;
use common::elbo_with_library;
use front_end::FrontEnd;

/// Files that are only ever replaced are linked; cargo's notes of them, which are small, it rewrites.
const LARGE: u64 = 1 << 20;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (data, target) = (entry.metadata().unwrap(), to.join(entry.file_name()));
        if data.is_dir() {
            copy(&entry.path(), &target);
        } else if data.len() > LARGE {
            fs::hard_link(entry.path(), &target).unwrap();
        } else if data.is_file() {
            fs::copy(entry.path(), &target).unwrap();
            // cargo compares the times.
            let times = fs::FileTimes::new().set_modified(data.modified().unwrap());
            fs::File::options().append(true).open(&target).unwrap().set_times(times).unwrap();
        }
    }
}

/// The folder in which the library has been compiled last.
fn home() -> PathBuf {
    let cache = std::env::var_os("ELBO_CACHE").map(PathBuf::from);
    let cache = cache.unwrap_or_else(|| dirs::cache_dir().unwrap().join("elbo"));
    let homes = fs::read_dir(cache.join("prelude")).unwrap().map(|entry| entry.unwrap().path());
    homes.max_by_key(|home| fs::metadata(home.join("lock")).unwrap().modified().unwrap()).unwrap()
}

fn has_whole_library(home: &Path) -> bool {
    let checkouts = fs::read_dir(home).unwrap().map(|entry| entry.unwrap().path());
    checkouts.into_iter().any(|own| own.join("current.json").exists())
}

fn kernel(cache: &Path) -> Cells {
    let mut command: Command = elbo_with_library();
    command.env("ELBO_CACHE", cache).arg("kernel");
    Cells { front_end: FrontEnd::connect_to(command) }
}

#[test]
fn polars_is_compiled_while_a_first_session_is_used() {
    // A cache in which everything has been compiled that does not depend on what there is to test.
    assert!(elbo_with_library().arg("prepare").output().unwrap().status.success());
    let known = home();
    let cache = tempfile::tempdir_in(known.parent().unwrap().parent().unwrap()).unwrap();
    let own = cache.path().join("prelude").join(known.file_name().unwrap());
    copy(&known.join("target"), &own.join("target"));

    let mut first = kernel(cache.path());
    let picture = first
        .run(
            "let mut vae = Vae::<784, 2>::params().hidden([4]).build()?;\n\
             vae.fit(&data::handwriting().writers(1).repeats(1).images::<28>(), \
             Fit::new().epochs(1))?;\n\
             vae.sample(4)?",
        )
        .unwrap();
    assert!(picture.forms["image/png"].is_string(), "{picture:?}");
    assert!(!has_whole_library(&own), "the picture has waited for polars");

    let too_early = first.run("use polars::prelude::*;").unwrap_err();
    assert!(too_early.value.contains("polars is not in this session yet"), "{}", too_early.value);
    assert!(too_early.value.contains("`:restart` when that is done"), "{}", too_early.value);
    // The session is as it was.
    first.run("vae.decode(&[[0.0, 1.0]])?;").unwrap();

    // A session that has nothing to lose waits, and goes on with polars.
    let table = "use polars::prelude::*;\ndf!(\"planet\" => [\"Mars\"])?";
    let shown = kernel(cache.path()).run(table).unwrap();
    assert!(shown.forms["text/html"].as_str().unwrap().contains("Mars"), "{shown:?}");
    assert!(has_whole_library(&own));

    let deadline = Instant::now() + Duration::from_secs(60);
    let compiled = loop {
        let refused = first.run("use polars::prelude::*;").unwrap_err();
        if refused.value.contains("has been compiled since") {
            break refused.value;
        }
        assert!(Instant::now() < deadline, "{}", refused.value);
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(compiled.contains("run `:restart`, and then"), "{compiled}");
    first.run(":restart").unwrap();
    let shown = first.run(table).unwrap();
    assert!(shown.forms["text/html"].as_str().unwrap().contains("Mars"), "{shown:?}");
    assert!(first.run("vae.sample(4)?").unwrap_err().value.contains("`vae`"));
}
