//! What evcxr writes around a cell, changed before it is compiled. Every line stays where it was.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use syn::spanned::Spanned;

use super::settings::Library;
use crate::prelude::CELL_REPORT;

/// The module of evcxr's in every cell that keeps variables.
const MODULE: &str = "evcxr_internal_runtime";
/// The type of evcxr's that a `?` makes of an error.
const USER_ERROR: &str = "EvcxrUserCodeError";
/// How evcxr makes its type of an error of which it knows no more than that it can be written.
const FROM_DISPLAY: &str = "impl<T: std::fmt::Display> From<T> for EvcxrUserCodeError";
/// How an error with causes is made into it. A message often repeats the next one.
const FROM_ERROR: &str = "impl EvcxrUserCodeError { \
     fn told(error: impl Into<::std::boxed::Box<dyn ::std::error::Error>>) -> String { \
     let error: ::std::boxed::Box<dyn ::std::error::Error> = error.into(); \
     let mut text = error.to_string(); let mut told = text.clone(); let mut cause = error.source(); \
     while let Some(inner) = cause { let next = inner.to_string(); \
     if !text.contains(&next) { told += &format!(\"\\ncaused by: {next}\"); } \
     text = next; cause = inner.source(); } told } } \
     impl<T: Into<::std::boxed::Box<dyn ::std::error::Error>>> From<T> for EvcxrUserCodeError";
/// How evcxr writes the error on standard error, up to its format, and says on standard output that it
/// has ended the cell.
const FAILED: (&str, &str) =
    ("eprintln!(", "println!(\"{}\", evcxr_internal_runtime::USER_ERROR_OCCURRED);");
/// How evcxr says that a cell has panicked.
const PANICKED: &str = "{\n    println!(\"EVCXR_PANIC_NOTIFICATION\");\n}";
/// How evcxr's own store says that a variable is not what it was.
const CHANGED: &str = "println!(\"{VARIABLE_CHANGED_TYPE}{name}\");";
/// The module by which a cell without the library tells the relay what has come of it.
const OWN_REPORT: &str = "evcxr_cell_report";
/// How evcxr begins to look at the variables of a cell, and so the cell.
const BEGIN: &str = "{let mut vars_ok = true;";
/// What the library wants to do at the beginning of every cell.
const BEGUN: &str = "::notebook::begin_cell(); ";
/// How evcxr asks whether a variable still has its type, up to the type.
const CHECK: &str = "vars_ok &= evcxr_variable_store.check_variable::<";
/// How evcxr hands a variable out and takes it back.
const MOVES: [&str; 2] =
    ["evcxr_variable_store.take_variable::<", "evcxr_variable_store.put_variable::<"];
/// How evcxr ends the function around a cell.
const END: &str = "\nevcxr_variable_store\n}";
/// What a cell has printed without the end of a line is its own, and not the next one's.
const FLUSH: &str = "let _ = ::std::io::Write::flush(&mut ::std::io::stdout()); ";
/// The variables that evcxr is to forget, in the session's folder.
const OUTDATED: &str = "outdated.json";

/// The module by which a cell tells the relay what has come of it.
pub fn cell_report(library: Option<&Library>) -> String {
    match library {
        Some(library) => format!("::{}::cell_report", library.name),
        None => format!("crate::{OWN_REPORT}"),
    }
}

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
        let report = cell_report(self.library);
        for name in self.outdated {
            text = without(&text, name, &report);
        }
        if let (Some(library), Some(begin)) = (self.library, text.find(BEGIN)) {
            text.insert_str(begin, &format!("::{}{BEGUN}", library.name));
        }
        if let Some(end) = text.rfind(END) {
            text.insert_str(end + 1, FLUSH);
        }
        text = reporting(&text, &report, with_causes);
        if self.library.is_none() {
            text = text.replacen(CHANGED, &format!("{report}::changed(name);"), 1);
            text.push_str(&format!("\nmod {OWN_REPORT} {{\n{CELL_REPORT}\n}}\n"));
        }
        text
    }
}

/// The cell that tells the relay what has come of it, where it would say so on its streams.
fn reporting(source: &str, report: &str, with_causes: bool) -> String {
    let mut text = source.to_owned();
    // The last one: a cell may print the same words.
    if let Some(at) = text.rfind(PANICKED) {
        let told = format!("{{\n{report}::panicked();\n}}");
        text.replace_range(at..at + PANICKED.len(), &told);
    }
    let (written, ended) = FAILED;
    let Some(end) = text.find(ended) else { return text };
    text.replace_range(end..end + ended.len(), &format!("{report}::failed(&message);"));
    let Some(start) = text[..end].rfind(written) else { return text };
    if with_causes && text.contains(FROM_DISPLAY) {
        text.replace_range(start..end, "let message = Self::told(error);\n");
        text.replacen(FROM_DISPLAY, FROM_ERROR, 1)
    } else {
        text.replace_range(start..start + written.len(), "let message = format!(");
        text
    }
}

/// The cell in which a variable is found to have changed its type, and is not used: the name of its
/// type may not even be one any more. It is looked for by evcxr's own words, so that nothing else can
/// be meant.
fn without(source: &str, name: &str, report: &str) -> String {
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
            format!("{before}{{ {report}::changed({name:?}); vars_ok = false; }}{rest}")
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
        let library = Library::named("elbo");
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
        let told = "{ ::elbo::cell_report::changed(\"p\"); vars_ok = false; }\n";
        let expected = format!("::elbo{BEGUN}{BEGIN}\n{told}{}", line("q"));
        assert_eq!(prepared(&cell, &["p"], false), expected);
        let cell = "let p = evcxr_variable_store.take_variable::<P>(stringify!(p));\n\
                    evcxr_variable_store.put_variable::<P>(stringify!(p), p);\nuse_it(p);\n";
        assert_eq!(prepared(cell, &["p"], false), "\n\nuse_it(p);\n");
    }

    #[test]
    fn what_has_come_of_a_cell_is_not_said_on_its_streams() {
        let own = PANICKED.replace('{', "if here {");
        let cell = format!(
            "eprintln!(\"{{:?}}\", error);\n{}\n{CHANGED}\n{own}\nErr(_) => {PANICKED}\n",
            FAILED.1
        );
        let report = "::elbo::cell_report";
        let expected = format!(
            "let message = format!(\"{{:?}}\", error);\n{report}::failed(&message);\n\
             {CHANGED}\n{own}\nErr(_) => {{\n{report}::panicked();\n}}\n"
        );
        assert_eq!(prepared(&cell, &[], true), expected);
        let outdated = BTreeSet::new();
        let without = Cell { source: &cell, library: None, outdated: &outdated }.prepared(false);
        assert!(without.contains("crate::evcxr_cell_report::changed(name);"), "{without}");
        let (_, module) = without.split_once("mod evcxr_cell_report").unwrap();
        syn::parse_file(&format!("mod evcxr_cell_report{module}")).unwrap();
    }

    #[test]
    fn standard_output_is_flushed_at_the_end() {
        let cell = "fn run() {\nf();\nevcxr_variable_store\n}\n";
        let expected = format!("fn run() {{\nf();\n{FLUSH}evcxr_variable_store\n}}\n");
        assert_eq!(prepared(cell, &[], false), expected);
    }

    #[test]
    fn errors_are_told_with_their_causes_on_the_same_lines() {
        let cell = format!(
            "struct EvcxrUserCodeError {{}}\n{FROM_DISPLAY} {{\neprintln!(\"{{}}\", error);\n{}\n}}\n",
            FAILED.1
        );
        let changed = prepared(&cell, &[], true);
        assert!(changed.contains("caused by: "), "{changed}");
        assert_eq!(changed.matches('\n').count(), cell.matches('\n').count());
        assert!(!prepared(&cell, &[], false).contains("caused by: "));
    }
}
