//! The types of a cell's variables, from the compiler itself.
//!
//! evcxr keeps variables from cell to cell, and for that must name their types; rust-analyzer tells
//! it. Where rust-analyzer cannot, because the type comes from a crate whose sources it does not
//! read, rustc can: passed through a function whose result is not used, every variable earns a
//! warning that spells out its type.

use std::ops::Range;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result};
use serde_json::Value;
use syn::spanned::Spanned;
use syn::visit::Visit;

use super::arguments::Arguments;
use super::build::Kind;
use super::settings::{Settings, outer_path};

/// The function in which evcxr puts a cell to have it analysed.
const FUNCTION: &str = "evcxr_analysis_wrapper";
const PROBE: &str = "#[allow(dead_code)] struct ElboTypeOf<T>(::std::marker::PhantomData<T>);\n\
                     fn elbo_type_of<T>(_: &T) -> ElboTypeOf<T> \
                     { ElboTypeOf(::std::marker::PhantomData) }\n";
const MESSAGE: &str = "unused result of type `ElboTypeOf<";

/// Names the types of the variables that the analysed cell defines without a type. Those that have
/// no name in Rust (closures, `impl Trait`) or borrow from something are left out.
///
/// # Errors
/// When the compiler does not start or the session's folder cannot be written.
pub fn type_names(
    session: &Path,
    settings: &Settings,
    analysed: &str,
) -> Result<Vec<(String, String)>> {
    let Some((source, probes)) = probed(analysed) else { return Ok(Vec::new()) };
    let folder = session.join("types");
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("lib.rs");
    std::fs::write(&file, &source)?;
    let crates = super::crates::known(session);
    let arguments = Arguments { settings, target: &settings.host, opt_level: "0", crates: &crates };
    let output = arguments
        .command(Kind::Check, &file, &folder)
        .args(["-Wunused_results", "-Ztrim-diagnostic-paths=no", "-Zwrite-long-types-to-disk=no"])
        // The two options that make it spell types out are not stable.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("PATH", outer_path())
        .stdin(Stdio::null())
        .output()
        .context("rustc does not start")?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let found = messages.lines().filter_map(|line| type_in(line, &probes));
    Ok(found.filter(|(_, kind)| has_a_name(kind)).collect())
}

/// A call that makes the compiler tell a variable's type, and where it stands.
struct Probe {
    variable: String,
    place: Range<usize>,
}

/// The source with a probe behind every `let` that gives no type.
fn probed(analysed: &str) -> Option<(String, Vec<Probe>)> {
    let file = syn::parse_file(analysed).ok()?;
    let body = file.items.iter().find_map(|item| match item {
        syn::Item::Fn(function) if function.sig.ident == FUNCTION => Some(&function.block),
        _ => None,
    })?;
    let (mut source, mut probes, mut copied) = (String::new(), Vec::new(), 0);
    for (end, names) in untyped_variables(&body.stmts) {
        source.push_str(analysed.get(copied..end)?);
        copied = end;
        for (name, _) in names {
            let start = source.len();
            source.push_str(&format!(" elbo_type_of(&{name});"));
            probes.push(Probe { variable: name, place: start..source.len() });
        }
    }
    source.push_str(analysed.get(copied..)?);
    source.push('\n');
    source.push_str(PROBE);
    (!probes.is_empty()).then_some((source, probes))
}

/// For each `let` without a type: where it ends, and its variables, each with whether it is `mut`.
pub fn untyped_variables(statements: &[syn::Stmt]) -> Vec<(usize, Vec<(String, bool)>)> {
    let lets = statements.iter().filter_map(|statement| match statement {
        syn::Stmt::Local(local) if !matches!(local.pat, syn::Pat::Type(_)) => Some(local),
        _ => None,
    });
    lets.map(|local| {
        let mut names = Names::default();
        names.visit_pat(&local.pat);
        (local.span().byte_range().end, names.0)
    })
    .collect()
}

#[derive(Default)]
struct Names(Vec<(String, bool)>);

impl Visit<'_> for Names {
    fn visit_pat_ident(&mut self, pattern: &syn::PatIdent) {
        // What is bound by reference cannot be kept anyway.
        if pattern.by_ref.is_none() {
            self.0.push((pattern.ident.to_string(), pattern.mutability.is_some()));
        }
        syn::visit::visit_pat_ident(self, pattern);
    }
}

/// The variable and its type, if this line is the warning about a probe.
fn type_in(line: &str, probes: &[Probe]) -> Option<(String, String)> {
    let message: Value = serde_json::from_str(line).ok()?;
    let kind = message["message"].as_str()?.strip_prefix(MESSAGE)?.strip_suffix(">`")?;
    let at = usize::try_from(message["spans"][0]["byte_start"].as_u64()?).ok()?;
    let probe = probes.iter().find(|probe| probe.place.contains(&at))?;
    Some((probe.variable.clone(), kind.to_owned()))
}

/// Whether the compiler's words for a type can stand in a program, and outlive a cell.
fn has_a_name(kind: &str) -> bool {
    let unnameable = ["{closure", "{async", "impl ", "fn item", "'_", "{type error}"];
    !unnameable.iter().any(|part| kind.contains(part)) && syn::parse_str::<syn::Type>(kind).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_stand_behind_untyped_variables_only() {
        let source = "fn x() { let no = 1; }\nasync fn evcxr_analysis_wrapper() -> u8 {\n\
                      let a = f();\nlet b: u8 = 1;\nlet (mut c, S { d, .. }) = g();\nOk(())\n}";
        let (probed, probes) = probed(source).unwrap();
        assert!(probed.contains("let a = f(); elbo_type_of(&a);\nlet b: u8 = 1;\n"), "{probed}");
        assert!(probed.contains("= g(); elbo_type_of(&c); elbo_type_of(&d);\n"), "{probed}");
        let names: Vec<_> = probes.iter().map(|probe| probe.variable.as_str()).collect();
        assert_eq!(names, ["a", "c", "d"]);
        for probe in &probes {
            assert!(probed[probe.place.clone()].contains(&probe.variable));
        }
    }

    #[test]
    fn a_type_is_read_from_the_warning_at_its_probe() {
        let probes = [Probe { variable: "a".into(), place: 10..20 }];
        let line = r#"{"message": "unused result of type `ElboTypeOf<std::vec::Vec<(i32, x::D)>>`",
            "spans": [{"byte_start": 11}]}"#
            .replace('\n', "");
        let expected = ("a".to_owned(), "std::vec::Vec<(i32, x::D)>".to_owned());
        assert_eq!(type_in(&line, &probes), Some(expected));
        assert_eq!(type_in(&line, &[]), None);
        assert_eq!(type_in("{\"message\": \"unused variable\"}", &probes), None);
    }

    #[test]
    fn types_without_a_name_are_left_out() {
        for kind in ["{closure@src/lib.rs:1:2}", "std::slice::Iter<'_, f32>", "impl Fn()", "a b"] {
            assert!(!has_a_name(kind), "{kind}");
        }
        assert!(has_a_name("elbo::Vae<784, 2>"));
    }
}
