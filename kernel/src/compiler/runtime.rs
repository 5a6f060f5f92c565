//! What evcxr writes around a cell, changed before it is compiled. Every line stays where it was.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use syn::spanned::Spanned;

use super::settings::Library;

/// The module of evcxr's in every cell that keeps variables.
const MODULE: &str = "evcxr_internal_runtime";
/// The type of evcxr's that a `?` makes of an error.
const USER_ERROR: &str = "EvcxrUserCodeError";
/// How evcxr tells an error of which it knows no more than that it can be written.
const TOLD: (&str, &str) =
    ("impl<T: std::fmt::Display> From<T> for EvcxrUserCodeError", "eprintln!(\"{}\", error);");
/// How it is told with its causes, by a function of its own. A message often repeats the next one.
const TOLD_WITH_CAUSES: (&str, &str) = (
    "impl EvcxrUserCodeError { \
     fn told(error: impl Into<::std::boxed::Box<dyn ::std::error::Error>>) -> Self { \
     let error: ::std::boxed::Box<dyn ::std::error::Error> = error.into(); \
     let mut text = error.to_string(); eprintln!(\"{text}\"); let mut cause = error.source(); \
     while let Some(inner) = cause { let next = inner.to_string(); \
     if !text.contains(&next) { eprintln!(\"caused by: {next}\"); } \
     text = next; cause = inner.source(); } EvcxrUserCodeError {} } } \
     impl<T: Into<::std::boxed::Box<dyn ::std::error::Error>>> From<T> for EvcxrUserCodeError",
    "let _ = Self::told(error);",
);
/// How evcxr asks whether a variable still has its type, up to the type.
const CHECK: &str = "vars_ok &= evcxr_variable_store.check_variable::<";
/// How evcxr hands a variable out and takes it back.
const MOVES: [&str; 2] =
    ["evcxr_variable_store.take_variable::<", "evcxr_variable_store.put_variable::<"];
/// How evcxr ends the function around a cell.
const END: &str = "\nevcxr_variable_store\n}";
/// What a cell has printed without the end of a line is its own, and not the next one's.
const FLUSH: &str = "let _ = ::std::io::Write::flush(&mut ::std::io::stdout()); ";
/// How it is told that a variable is lost.
const LOST: &str = "EVCXR_VARIABLE_CHANGED_TYPE:";
/// The variables that evcxr is to forget, in the session's folder.
const OUTDATED: &str = "outdated.json";

/// Tells later compilations which variables evcxr is to forget.
///
/// # Errors
/// When the session's folder cannot be written.
pub fn save_outdated(session: &Path, names: &BTreeSet<String>) -> Result<()> {
    let file = session.join(OUTDATED);
    fs::write(&file, serde_json::to_vec(names)?)
        .with_context(|| format!("cannot write {}", file.display()))
}

/// The variables that evcxr is to forget.
pub fn outdated(session: &Path) -> BTreeSet<String> {
    let text = fs::read(session.join(OUTDATED)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Whether a message may be about what a `?` makes of an error: it is no error with causes, or borrows.
pub fn is_about_errors(rendered: &str) -> bool {
    rendered.contains(USER_ERROR) || rendered.contains("'static")
}

/// A cell as evcxr has written it.
pub struct Cell<'a> {
    /// Its source code.
    pub source: &'a str,
    /// The prelude.
    pub library: Option<&'a Library>,
    /// The variables to be forgotten.
    pub outdated: &'a BTreeSet<String>,
}

impl Cell<'_> {
    /// The cell with the prelude's compiled store of variables in the place of its own, which tells
    /// evcxr of variables to forget, and, if wanted, errors with their causes.
    pub fn prepared(&self, with_causes: bool) -> String {
        let mut text = match self.library {
            Some(library) => with_compiled_store(self.source, library),
            None => self.source.to_owned(),
        };
        for name in self.outdated {
            text = without(&text, name);
        }
        if let Some(end) = text.rfind(END) {
            text.insert_str(end + 1, FLUSH);
        }
        if with_causes && text.contains(TOLD.0) {
            text = text.replacen(TOLD.0, TOLD_WITH_CAUSES.0, 1).replacen(
                TOLD.1,
                TOLD_WITH_CAUSES.1,
                1,
            );
        }
        text
    }
}

/// The cell in which a variable is found to have changed its type, and is not used: the name of its
/// type may not even be one any more. It is looked for by evcxr's own words, so that nothing else can
/// be meant.
fn without(source: &str, name: &str) -> String {
    let asked = format!("(stringify!({name}));");
    let put = format!("(stringify!({name}), {name});");
    let is_moved = |line: &str| {
        MOVES.iter().any(|words| line.contains(words))
            && (line.trim_end().ends_with(&asked) || line.trim_end().ends_with(&put))
    };
    let replace = |line: &str| match line.find(CHECK) {
        Some(start) if line.trim_end().ends_with(&asked) => {
            let (before, end) = (&line[..start], line.len() - line.trim_end().len());
            let rest = &line[line.len() - end..];
            format!("{before}{{ println!(\"{LOST}{name}\"); vars_ok = false; }}{rest}")
        }
        _ if is_moved(line) => "\n".to_owned(),
        _ => line.to_owned(),
    };
    source.split_inclusive('\n').map(replace).collect()
}

fn with_compiled_store(source: &str, library: &Library) -> String {
    let Some((start, end)) = own_module(source) else { return source.to_owned() };
    let lines = "\n".repeat(source[start..end].matches('\n').count());
    let import = format!("mod {MODULE} {{ pub use ::{}::variable_store::*; }}", library.name);
    format!("{}{import}{lines}{}", &source[..start], &source[end..])
}

/// Where the module begins and ends. What cannot be parsed will not compile either.
fn own_module(source: &str) -> Option<(usize, usize)> {
    let file = syn::parse_file(source).ok()?;
    file.items.iter().find_map(|item| match item {
        syn::Item::Mod(module) if module.ident == MODULE => {
            let place = module.span().byte_range();
            Some((place.start, place.end))
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(source: &str, outdated: &[&str], with_causes: bool) -> String {
        let library = Library {
            name: "elbo".to_owned(),
            file: "libelbo.so".into(),
            dependencies: "deps".into(),
            at_hand: Vec::new(),
            identity: String::new(),
            lock: String::new(),
        };
        let outdated = outdated.iter().map(|name| (*name).to_owned()).collect();
        Cell { source, library: Some(&library), outdated: &outdated }.prepared(with_causes)
    }

    #[test]
    fn lines_stay_where_they_were() {
        let cell = "use a;\nmod evcxr_internal_runtime {\npub struct S;\n}\n\nfn f() {}\n";
        let expected = "use a;\n\
                        mod evcxr_internal_runtime { pub use ::elbo::variable_store::*; }\n\n\
                        \n\nfn f() {}\n";
        assert_eq!(prepared(cell, &[], false), expected);
        for other in ["fn f() {}\n", "mod evcxr_internal_runtime {\nfn (\n}"] {
            assert_eq!(prepared(other, &[], false), other);
        }
    }

    #[test]
    fn a_variable_to_forget_is_told_to_have_changed() {
        let line = |name: &str| format!("{CHECK}Vec<P>>(stringify!({name}));\n");
        let cell = format!("{{let mut vars_ok = true;\n{}{}", line("p"), line("q"));
        let told = "{ println!(\"EVCXR_VARIABLE_CHANGED_TYPE:p\"); vars_ok = false; }\n";
        let expected = format!("{{let mut vars_ok = true;\n{told}{}", line("q"));
        assert_eq!(prepared(&cell, &["p"], false), expected);
        let cell = "let p = evcxr_variable_store.take_variable::<P>(stringify!(p));\n\
                    evcxr_variable_store.put_variable::<P>(stringify!(p), p);\nuse_it(p);\n";
        assert_eq!(prepared(cell, &["p"], false), "\n\nuse_it(p);\n");
    }

    #[test]
    fn standard_output_is_flushed_at_the_end() {
        let cell = "fn run() {\nf();\nevcxr_variable_store\n}\n";
        let expected = format!("fn run() {{\nf();\n{FLUSH}evcxr_variable_store\n}}\n");
        assert_eq!(prepared(cell, &[], false), expected);
    }

    #[test]
    fn errors_are_told_with_their_causes_on_the_same_line() {
        let cell = format!("struct EvcxrUserCodeError {{}}\n{} {{\n{}\n}}\n", TOLD.0, TOLD.1);
        let changed = prepared(&cell, &[], true);
        assert!(changed.contains("caused by: "), "{changed}");
        assert_eq!(changed.matches('\n').count(), cell.matches('\n').count());
        assert_eq!(prepared(&cell, &[], false), cell);
    }
}
