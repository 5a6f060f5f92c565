//! The types of a cell's variables, from the compiler itself.
//!
//! evcxr keeps variables from cell to cell, and for that must name their types; rust-analyzer tells
//! it. Where rust-analyzer cannot, because the type comes from a crate whose sources it does not
//! read, rustc can: passed through a function whose result is not used, every variable earns a
//! warning that spells out its type.

use std::collections::HashSet;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use quote::ToTokens;
use serde_json::Value;
use syn::spanned::Spanned;
use syn::visit::Visit;

use super::remove_if_there;

/// The function in which evcxr puts a cell to have it analysed.
const FUNCTION: &str = "evcxr_analysis_wrapper";
/// The function with which evcxr uses a variable there.
const USE: &str = "evcxr_variable_store";
const PROBE: &str = "#[allow(dead_code)] struct ElboTypeOf<T>(::std::marker::PhantomData<T>);\n\
                     fn elbo_type_of<T>(_: &T) -> ElboTypeOf<T> \
                     { ElboTypeOf(::std::marker::PhantomData) }\n";
const MESSAGE: &str = "unused result of type `ElboTypeOf<";
/// What was found, in the session's folder.
const FILE: &str = "types.json";

/// The variables of the cell that was checked last, with their types in the compiler's words.
/// Empty when that cell did not compile.
pub fn known_types(session: &Path) -> Vec<(String, String)> {
    let text = fs::read(session.join(FILE)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Keeps what was found.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn remember(session: &Path, types: &[(String, String)]) -> Result<()> {
    let file = session.join(FILE);
    fs::write(&file, serde_json::to_vec(types)?)
        .with_context(|| format!("cannot write {}", file.display()))
}

/// Drops what was found in an earlier cell.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn forget(session: &Path) -> Result<()> {
    Ok(remove_if_there(&session.join(FILE))?)
}

/// Has rustc spell out types in its warnings.
pub fn ask(command: &mut Command) -> &mut Command {
    command
        .arg("-Wunused_results")
        .args(["-Ztrim-diagnostic-paths=no", "-Zwrite-long-types-to-disk=no"])
        // The last two are not stable.
        .env("RUSTC_BOOTSTRAP", "1")
}

/// A cell with a call behind every `let` that gives no type, which makes the compiler tell it.
pub struct Probes {
    source: String,
    probes: Vec<Probe>,
}

/// Such a call, and where it stands.
struct Probe {
    variable: String,
    place: Range<usize>,
}

impl Probes {
    /// Puts the calls into a cell that evcxr has written for analysis. `None` if there is nothing
    /// to find out.
    pub fn new(analysed: &str) -> Option<Self> {
        let file = syn::parse_file(analysed).ok()?;
        let body = file.items.iter().find_map(|item| match item {
            syn::Item::Fn(function) if function.sig.ident == FUNCTION => Some(&function.block),
            _ => None,
        })?;
        let (mut source, mut probes, mut copied) = (String::new(), Vec::new(), 0);
        let analysed = &without_uses(analysed, &body.stmts);
        // A variable without a value has a type when the cell has ended.
        let end = body.stmts.last()?.span().byte_range().start;
        let (deferred, others): (Vec<_>, Vec<_>) =
            untyped_variables(&body.stmts).into_iter().partition(|own| own.deferred.is_some());
        let at_end = deferred.into_iter().map(|own| Untyped { place: end..end, ..own });
        for Untyped { place, variables, .. } in others.into_iter().chain(at_end) {
            source.push_str(analysed.get(copied..place.end)?);
            copied = place.end;
            for (name, _) in variables {
                let start = source.len();
                source.push_str(&format!(" elbo_type_of(&{name});"));
                probes.push(Probe { variable: name, place: start..source.len() });
            }
        }
        source.push_str(analysed.get(copied..)?);
        source.push('\n');
        source.push_str(PROBE);
        (!probes.is_empty()).then_some(Self { source, probes })
    }

    /// The cell with the calls.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The variable and its type, if this line of rustc's is the warning about a call.
    pub fn answer(&self, line: &str) -> Option<(String, String)> {
        let message: Value = serde_json::from_str(line).ok()?;
        let kind = message["message"].as_str()?.strip_prefix(MESSAGE)?.strip_suffix(">`")?;
        let at = usize::try_from(message["spans"][0]["byte_start"].as_u64()?).ok()?;
        let probe = self.probes.iter().find(|probe| probe.place.contains(&at))?;
        Some((probe.variable.clone(), kind.to_owned()))
    }
}

/// The cell without the calls in which evcxr uses each variable at the end, be it there or moved.
fn without_uses(analysed: &str, statements: &[syn::Stmt]) -> String {
    let mut source = analysed.to_owned();
    for statement in statements {
        let syn::Stmt::Expr(syn::Expr::Call(call), Some(_)) = statement else { continue };
        if matches!(&*call.func, syn::Expr::Path(function) if function.path.is_ident(USE)) {
            let place = statement.span().byte_range();
            source.replace_range(place.clone(), &" ".repeat(place.len()));
        }
    }
    source
}

/// A `let`, most often one that does not say the whole type of what it defines.
pub struct Untyped {
    /// Where it stands.
    pub place: Range<usize>,
    /// Its variables, each with whether it is `mut`. One that a later `let` defines again is left
    /// out: it is what it becomes last.
    pub variables: Vec<(String, bool)>,
    /// The type that it says, if it says all of it.
    pub written: Option<String>,
    /// Where its pattern ends, if it gives no value yet.
    pub deferred: Option<usize>,
}

/// The cell's `let`s without a type, or with a `_` in it.
pub fn untyped_variables(statements: &[syn::Stmt]) -> Vec<Untyped> {
    defined_variables(statements).into_iter().filter(|own| own.written.is_none()).collect()
}

/// All of the cell's `let`s.
pub fn defined_variables(statements: &[syn::Stmt]) -> Vec<Untyped> {
    let lets = statements.iter().filter_map(|statement| match statement {
        syn::Stmt::Local(local) => Some(local),
        _ => None,
    });
    let mut found: Vec<_> = lets
        .map(|local| {
            let mut names = Names::default();
            names.visit_pat(&local.pat);
            let place = local.span().byte_range();
            let written = match &local.pat {
                syn::Pat::Type(own) if names.says_all => Some(own.ty.to_token_stream().to_string()),
                _ => None,
            };
            let is_deferred = local.init.is_none() && matches!(local.pat, syn::Pat::Ident(_));
            let deferred = is_deferred.then(|| local.pat.span().byte_range().end);
            Untyped { place, variables: names.found, written, deferred }
        })
        .collect();
    let mut seen = HashSet::new();
    for Untyped { variables, .. } in found.iter_mut().rev() {
        variables.retain(|(name, _)| seen.insert(name.clone()));
    }
    found
}

/// The variables that a pattern defines, without those that borrow.
pub fn pattern_variables(pattern: &syn::Pat) -> Vec<String> {
    let mut names = Names::default();
    names.visit_pat(pattern);
    names.found.into_iter().map(|(name, _)| name).collect()
}

/// The variables of a pattern.
#[derive(Default)]
struct Names {
    found: Vec<(String, bool)>,
    /// Whether a type is given, with nothing left open.
    says_all: bool,
}

impl Visit<'_> for Names {
    fn visit_pat_ident(&mut self, pattern: &syn::PatIdent) {
        // What is bound by reference cannot be kept anyway.
        if pattern.by_ref.is_none() {
            self.found.push((pattern.ident.to_string(), pattern.mutability.is_some()));
        }
        syn::visit::visit_pat_ident(self, pattern);
    }

    fn visit_pat_type(&mut self, pattern: &syn::PatType) {
        self.says_all = true;
        syn::visit::visit_pat_type(self, pattern);
    }

    fn visit_type_infer(&mut self, _: &syn::TypeInfer) {
        self.says_all = false;
    }
}

/// Whether the compiler's words for a type can stand in a program, and outlive a cell. Closures,
/// `impl Trait` and what borrows from a variable cannot.
pub fn has_a_name(kind: &str) -> bool {
    let unnameable = ["{closure", "{async", "impl ", "fn item", "'_", "{type error}"];
    !unnameable.iter().any(|part| kind.contains(part)) && syn::parse_str::<syn::Type>(kind).is_ok()
}

/// A type in which a crate goes by another name.
pub fn with_renamed_crate(kind: &str, name: &str, new: &str) -> String {
    let path = format!("{name}::");
    let (mut text, mut rest) = (String::with_capacity(kind.len()), kind);
    while let Some(at) = rest.find(&path) {
        let (before, found) = rest.split_at(at);
        text.push_str(before);
        let continues = text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        text.push_str(if continues { name } else { new });
        rest = &found[name.len()..];
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_stand_behind_untyped_variables_only() {
        let source = "fn x() { let no = 1; }\nasync fn evcxr_analysis_wrapper() -> u8 {\n\
                      let a = f();\nlet b: u8 = 1;\nlet (mut c, S { d, .. }) = g();\n\
                      evcxr_variable_store(a);\nOk(())\n}";
        let found = Probes::new(source).unwrap();
        let probed = found.source();
        assert!(probed.contains("let a = f(); elbo_type_of(&a);\nlet b: u8 = 1;\n"), "{probed}");
        assert!(probed.contains("= g(); elbo_type_of(&c); elbo_type_of(&d);\n"), "{probed}");
        assert!(!probed.contains("evcxr_variable_store"), "{probed}");
        let names: Vec<_> = found.probes.iter().map(|probe| probe.variable.as_str()).collect();
        assert_eq!(names, ["a", "c", "d"]);
        for probe in &found.probes {
            assert!(probed[probe.place.clone()].contains(&probe.variable));
        }
    }

    #[test]
    fn a_variable_is_what_it_becomes_last() {
        let source = "async fn evcxr_analysis_wrapper() {\nlet a = f();\nlet (b, a) = a.g();\n\
                      let b: u8 = b;\n}";
        let found = Probes::new(source).unwrap();
        assert!(found.source().contains("let a = f();\nlet (b, a) = a.g(); elbo_type_of(&a);\n"));
        assert_eq!(found.probes.len(), 1);
    }

    #[test]
    fn a_type_with_a_gap_is_asked_for() {
        let source = "async fn evcxr_analysis_wrapper() {\nlet a: Vec<_> = f();\n\
                      let b: Vec<u8> = f();\n}";
        let found = Probes::new(source).unwrap();
        assert!(found.source().contains("let a: Vec<_> = f(); elbo_type_of(&a);\nlet b"));
        assert_eq!(found.probes.len(), 1);
    }

    #[test]
    fn a_type_is_read_from_the_warning_at_its_probe() {
        let probes = vec![Probe { variable: "a".into(), place: 10..20 }];
        let probes = Probes { source: String::new(), probes };
        let line = r#"{"message": "unused result of type `ElboTypeOf<std::vec::Vec<(i32, x::D)>>`",
            "spans": [{"byte_start": 11}]}"#
            .replace('\n', "");
        let expected = ("a".to_owned(), "std::vec::Vec<(i32, x::D)>".to_owned());
        assert_eq!(probes.answer(&line), Some(expected));
        assert_eq!(probes.answer(&line.replace("11", "21")), None);
        assert_eq!(probes.answer("{\"message\": \"unused variable\"}"), None);
    }

    #[test]
    fn what_was_found_is_kept_until_the_next_cell() {
        let session = tempfile::tempdir().unwrap();
        assert!(known_types(session.path()).is_empty());
        let types = [("a".to_owned(), "i32".to_owned())];
        remember(session.path(), &types).unwrap();
        assert_eq!(known_types(session.path()), types);
        forget(session.path()).unwrap();
        forget(session.path()).unwrap();
        assert!(known_types(session.path()).is_empty());
    }

    #[test]
    fn a_crate_is_renamed_and_nothing_else() {
        let kind = "Vec<(rand::rngs::StdRng, other::rand::X, brand::Y)>";
        let expected = "Vec<(rand08::rngs::StdRng, other::rand::X, brand::Y)>";
        assert_eq!(with_renamed_crate(kind, "rand", "rand08"), expected);
    }

    #[test]
    fn some_types_have_no_name() {
        for kind in ["{closure@src/lib.rs:1:2}", "std::slice::Iter<'_, f32>", "impl Fn()", "a b"] {
            assert!(!has_a_name(kind), "{kind}");
        }
        assert!(has_a_name("elbo::Vae<784, 2>"));
    }
}
