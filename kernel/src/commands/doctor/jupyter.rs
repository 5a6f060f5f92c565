//! Jupyter: whether it is there, and whether it knows the kernel.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::finding::Finding;
use super::said::{first_line, on_path};
use crate::KERNEL_NAME;
use crate::commands::install::data_folder;

const TOPIC: &str = "jupyter";
const KERNEL: &str = "kernel";
/// What `elbo --version` of this program says.
const OWN_VERSION: &str = concat!("elbo ", env!("CARGO_PKG_VERSION"));
const REINSTALL: &str = "elbo install";

/// What an installed kernelspec starts.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Program {
    /// The kernelspec names none.
    Unnamed,
    /// There is no such program, or it does not start.
    Missing(String),
    /// It says this about itself.
    Says(String),
}

/// Both findings.
pub fn judge_all() -> Vec<Finding> {
    let spec = kernel_folders().into_iter().map(|folder| folder.join("kernel.json"));
    let spec = spec.into_iter().find(|spec| spec.is_file());
    vec![judge_jupyter(on_path("jupyter").as_deref()), judge_kernel(spec.as_deref())]
}

fn judge_jupyter(program: Option<&Path>) -> Finding {
    match program {
        Some(program) => Finding::ok(TOPIC, program.display().to_string()),
        None => Finding::note(TOPIC, "not on the PATH; VS Code and `elbo run` do without"),
    }
}

fn judge_kernel(spec: Option<&Path>) -> Finding {
    let Some(spec) = spec else {
        return Finding::note(KERNEL, "Jupyter does not know this kernel yet").advise(REINSTALL);
    };
    judge_program(spec, &look_at(&fs::read_to_string(spec).unwrap_or_default()))
}

fn judge_program(spec: &Path, program: &Program) -> Finding {
    let spec = spec.display();
    match program {
        Program::Says(version) if version == OWN_VERSION => {
            Finding::ok(KERNEL, format!("{spec} starts {version}"))
        }
        Program::Says(version) => {
            let text = format!("{spec} starts {version}, but this is {OWN_VERSION}");
            Finding::problem(KERNEL, text, REINSTALL)
        }
        Program::Missing(path) => {
            let text = format!("{spec} names a program that does not start: {path}");
            Finding::problem(KERNEL, text, REINSTALL)
        }
        Program::Unnamed => Finding::problem(KERNEL, format!("{spec} names no program"), REINSTALL),
    }
}

fn look_at(spec: &str) -> Program {
    let spec: Value = serde_json::from_str(spec).unwrap_or_default();
    let Some(path) = spec.pointer("/argv/0").and_then(Value::as_str) else {
        return Program::Unnamed;
    };
    match first_line(path, &["--version"]) {
        Some(version) => Program::Says(version),
        None => Program::Missing(path.to_owned()),
    }
}

/// Where Jupyter looks for this kernel: the user's folder first, then those of Python's
/// environments and of the system.
fn kernel_folders() -> Vec<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Some(path) = set("JUPYTER_PATH") {
        folders.extend(std::env::split_paths(&path));
    }
    folders.extend(data_folder());
    let environments = ["VIRTUAL_ENV", "CONDA_PREFIX"].into_iter().filter_map(set);
    let prefixes = environments.map(PathBuf::from).chain(prefix_of_jupyter());
    let prefixes = prefixes.chain(["/usr/local", "/usr"].map(PathBuf::from));
    folders.extend(prefixes.map(|prefix| prefix.join("share").join("jupyter")));
    folders.into_iter().map(|folder| folder.join("kernels").join(KERNEL_NAME)).collect()
}

/// The environment that `jupyter` belongs to.
fn prefix_of_jupyter() -> Option<PathBuf> {
    let program = fs::canonicalize(on_path("jupyter")?).ok()?;
    Some(program.parent()?.parent()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernelspec_must_start_this_version() {
        let judge = |program: &Program| judge_program(Path::new("/k.json"), program).render(false);
        assert!(judge(&Program::Says(OWN_VERSION.into())).starts_with("ok"));
        let old = judge(&Program::Says("elbo 0.0.1".into()));
        assert!(old.starts_with("problem") && old.contains("elbo 0.0.1, but this is"), "{old}");
        for program in [Program::Missing("/gone".into()), Program::Unnamed] {
            let finding = judge_program(Path::new("/k.json"), &program);
            assert!(finding.render(false).contains("→ elbo install"), "{finding:?}");
            assert!(!finding.is_in_the_way(), "cells run without Jupyter");
        }
    }

    #[test]
    fn a_program_is_really_started() {
        assert_eq!(
            look_at("{\"argv\": [\"/no/such/program\"]}"),
            Program::Missing("/no/such/program".into())
        );
        let Program::Says(version) = look_at("{\"argv\": [\"rustc\"]}") else { panic!() };
        assert!(version.starts_with("rustc 1."));
        for broken in ["", "{}", "{\"argv\": []}", "{\"argv\": [1]}"] {
            assert_eq!(look_at(broken), Program::Unnamed, "{broken}");
        }
    }

    #[test]
    fn jupyter_itself_is_not_needed() {
        assert!(judge_jupyter(None).render(false).starts_with("note"));
        assert!(judge_jupyter(Some(Path::new("/j"))).render(false).starts_with("ok"));
        assert!(judge_kernel(None).render(false).starts_with("note"));
    }
}
