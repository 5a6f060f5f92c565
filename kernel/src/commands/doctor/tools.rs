//! The compiler and what belongs to it.

use std::path::Path;

use super::finding::Finding;
use super::said::first_line;

/// The oldest compiler that the model library can be built with.
const OLDEST: &str = env!("CARGO_PKG_RUST_VERSION");
const RUST: &str = "rust";
const SOURCE: &str = "rust-src";

/// What is installed, by what it says about itself.
#[derive(Clone, Debug)]
pub struct Toolchain {
    rustc: Option<String>,
    cargo: Option<String>,
    rustup: Option<String>,
    has_source: bool,
}

impl Toolchain {
    /// Asks the programs on the search path.
    pub fn look() -> Self {
        let root = first_line("rustc", &["--print", "sysroot"]);
        let library = "lib/rustlib/src/rust/library";
        Self {
            rustc: first_line("rustc", &["--version"]),
            cargo: first_line("cargo", &["--version"]),
            rustup: first_line("rustup", &["--version"]),
            has_source: root.is_some_and(|root| Path::new(&root).join(library).is_dir()),
        }
    }

    /// Whether there is something to compile cells with.
    pub fn has_compiler(&self) -> bool {
        self.rustc.is_some()
    }

    /// What is missing or too old.
    pub fn judge(&self) -> Vec<Finding> {
        let mut findings = vec![self.judge_compiler()];
        if self.has_compiler() {
            findings.push(self.judge_source());
        }
        findings
    }

    fn judge_compiler(&self) -> Finding {
        let (Some(rustc), Some(cargo)) = (&self.rustc, &self.cargo) else {
            let missing = match (&self.rustc, &self.cargo) {
                (None, None) => "neither rustc nor cargo runs",
                (None, _) => "rustc does not run",
                (_, _) => "cargo does not run",
            };
            return Finding::obstacle(RUST, missing, self.how_to_install());
        };
        if version(rustc) < version(OLDEST) {
            let advice = match self.rustup {
                Some(_) => "rustup update",
                None => "install a newer one: https://rustup.rs",
            };
            return Finding::obstacle(RUST, format!("{rustc}, but {OLDEST} is needed"), advice);
        }
        let manager = if self.rustup.is_some() { "with rustup" } else { "without rustup" };
        let text = format!("{rustc}, {cargo}, {manager}");
        if version(rustc) == version(cargo) {
            return Finding::ok(RUST, text);
        }
        Finding::note(RUST, text).advise("rustc and cargo are of different releases; see your PATH")
    }

    fn how_to_install(&self) -> &'static str {
        match self.rustup {
            Some(_) => "rustup default stable",
            None => "install Rust (https://rustup.rs), or put its folder on the PATH",
        }
    }

    fn judge_source(&self) -> Finding {
        if self.has_source {
            return Finding::ok(SOURCE, "the standard library can be looked up in cells");
        }
        let finding =
            Finding::note(SOURCE, "missing; cells cannot look up or complete the standard library");
        finding.advise(match self.rustup {
            Some(_) => "rustup component add rust-src",
            None => "install the package rust-src of your system",
        })
    }
}

/// The release in a text such as `rustc 1.95.0 (f2d3ce0bd 2026-03-21)`.
fn version(text: &str) -> Option<(u32, u32)> {
    let number = text.split([' ', '-']).find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let mut parts = number?.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole() -> Toolchain {
        Toolchain {
            rustc: Some("rustc 1.96.0-nightly (f2d3ce0bd 2026-03-21)".into()),
            cargo: Some("cargo 1.96.0-nightly (f2d3ce0bd 2026-03-21)".into()),
            rustup: Some("rustup 1.28.0".into()),
            has_source: true,
        }
    }

    fn lines(toolchain: &Toolchain) -> String {
        let findings = toolchain.judge();
        let lines: Vec<_> = findings.iter().map(|finding| finding.render(false)).collect();
        lines.join("\n")
    }

    #[test]
    fn a_whole_toolchain_is_well() {
        let lines = lines(&whole());
        assert_eq!(lines.lines().filter(|line| line.starts_with("ok ")).count(), 2, "{lines}");
        assert!(lines.contains("with rustup"));
    }

    #[test]
    fn a_missing_or_old_compiler_is_in_the_way_and_the_advice_depends_on_rustup() {
        for (toolchain, advice) in [
            (Toolchain { rustc: None, ..whole() }, "rustup default stable"),
            (Toolchain { cargo: None, rustup: None, ..whole() }, "https://rustup.rs"),
            (Toolchain { rustc: Some("rustc 1.94.1 (x)".into()), ..whole() }, "rustup update"),
            (Toolchain { rustc: Some("rustc 1.9.0".into()), ..whole() }, "but 1.95 is needed"),
        ] {
            let findings = toolchain.judge();
            assert!(findings[0].is_in_the_way(), "{findings:?}");
            assert!(lines(&toolchain).contains(advice), "{}", lines(&toolchain));
        }
    }

    #[test]
    fn releases_that_differ_and_missing_sources_are_only_noted() {
        let toolchain =
            Toolchain { cargo: Some("cargo 1.95.0".into()), has_source: false, ..whole() };
        let lines = lines(&toolchain);
        assert_eq!(lines.lines().filter(|line| line.starts_with("note ")).count(), 2, "{lines}");
        assert!(lines.contains("rustup component add rust-src"));
    }
}
