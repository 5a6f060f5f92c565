//! Compiles, links and runs a real program.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::finding::Finding;

const TOPIC: &str = "linker";
const PROGRAM: &str = "fn main() { println!(\"{}\", 6 * 7); }\n";
const ANSWER: &str = "42";

/// How long it took to compile, link and run a program in this folder, or what went wrong. Cells
/// are compiled and run there as well.
pub fn try_out(folder: &Path) -> Result<Duration, String> {
    let begun = Instant::now();
    let folder = tempfile::tempdir_in(folder).map_err(|error| error.to_string())?;
    let (source, program) = (folder.path().join("try.rs"), folder.path().join("try"));
    fs::write(&source, PROGRAM).map_err(|error| error.to_string())?;
    let mut compiler = Command::new("rustc");
    run(compiler.arg(&source).arg("-o").arg(&program).current_dir(&folder))?;
    let said = run(&mut Command::new(&program))?;
    if said.trim() == ANSWER {
        return Ok(begun.elapsed());
    }
    Err(format!("the program printed {said:?} instead of {ANSWER:?}"))
}

/// What the command prints, or the first line of why it failed.
fn run(command: &mut Command) -> Result<String, String> {
    let said = command
        .output()
        .map_err(|error| format!("{} does not start: {error}", command.get_program().display()))?;
    if said.status.success() {
        return Ok(String::from_utf8_lossy(&said.stdout).into_owned());
    }
    let text = String::from_utf8_lossy(&said.stderr);
    let reason = text.lines().find(|line| line.starts_with("error")).or(text.lines().next());
    Err(reason.map_or_else(|| said.status.to_string(), str::to_owned))
}

/// Says how to get a linker if there is none.
pub fn judge(tried: &Result<Duration, String>) -> Finding {
    let reason = match tried {
        Ok(time) => {
            let text = format!("compiled, linked and ran a program in {:.1} s", time.as_secs_f64());
            return Finding::ok(TOPIC, text);
        }
        Err(reason) => reason,
    };
    let advice = if reason.contains("Permission denied") {
        "programs must be allowed to run in the cache folder; set ELBO_CACHE to another one"
    } else if cfg!(target_os = "macos") {
        "xcode-select --install"
    } else {
        "install a C compiler, for instance by `apt install build-essential` or `dnf install gcc`"
    };
    Finding::obstacle(TOPIC, format!("a small program does not compile and run: {reason}"), advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_really_compiled_and_nothing_of_it_is_left() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!judge(&try_out(folder.path())).is_in_the_way());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn what_goes_wrong_is_told_with_advice_that_fits() {
        let missing = judge(&Err("error: linker `cc` not found".into()));
        assert!(missing.is_in_the_way());
        assert!(missing.render(false).contains("linker `cc` not found"));
        let forbidden = judge(&Err("/x/try does not start: Permission denied".into()));
        assert!(forbidden.render(false).contains("ELBO_CACHE"));
    }
}
