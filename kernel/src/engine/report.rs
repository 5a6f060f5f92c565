//! Turns evcxr's errors into messages that point into the cell.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use evcxr::{CompilationError, Error};

use super::CellError;
use super::brackets::DEEPEST;
use super::rewrite::Rewritten;
use crate::compiler::{SyntaxError, Warning, as_note};

/// What a cell that accesses memory that is not its own has done.
const FAULT: &str = "segmentation fault: it used memory that is not its own";
/// How a process ends whose thread calls itself without end.
pub const OVERFLOW: &str = "stack overflow: endless recursion, or too deep a one";

/// Whether evcxr says that it does not know a variable's type, or that this has no name.
pub fn has_unknown_type(message: &str) -> bool {
    message.starts_with("Couldn't automatically determine type of variable")
        || (message.starts_with("The variable") && message.contains("cannot be persisted"))
}

/// What evcxr puts behind a cell, of which a message may speak.
const VARIABLES: &str = "evcxr_variable_store";
/// The name under which messages speak of the cell.
const CELL: &str = "cell";

/// A cell as the user wrote it and as it was compiled.
#[derive(Clone, Copy)]
pub struct Texts<'a> {
    /// As the user wrote it.
    pub own: &'a str,
    /// As it was compiled.
    pub compiled: &'a Rewritten,
    /// Its variables and their types, as far as the compiler was asked.
    pub types: &'a [(String, String)],
    /// Variables that are no longer there.
    pub gone: &'a BTreeMap<String, Gone>,
}

/// Why a variable of an earlier cell is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// Its type, given here, cannot outlive its cell.
    InCellOnly(String),
    /// Its type, given here, has been defined anew.
    Outdated(String),
    /// The process that held it has ended.
    Lost,
    /// Its cell ended early.
    Unfinished,
    /// It is no variable: it may be what a macro, given here, has defined in its own cell.
    OfMacro(String),
}

/// What evcxr's error means for a cell.
pub fn cell_error(error: Error, source: Texts<'_>) -> CellError {
    match error {
        Error::Message(message) if has_unknown_type(&message) => {
            advice(&not_kept(&message, source.types).unwrap_or(message))
        }
        // The cell is as it should be, but evcxr did not find a way to keep its variables.
        Error::CompilationErrors(errors) if errors.is_empty() => advice(&not_kept_at_all(source)),
        Error::CompilationErrors(errors) => {
            match of_types(&variables_that_borrow(&errors), source.types) {
                Some(borrowing) => advice(&refusal(borrowing)),
                None => compile_error(&errors, source),
            }
        }
        Error::SubprocessTerminated(what) => {
            CellError::Crashed { what: ending(&what), lost: Vec::new() }
        }
        Error::TypeRedefinedVariablesLost(names) => CellError::Engine {
            message: format!("the types of these variables have changed: {}", names.join(", ")),
        },
        // Mostly advice about variables that cannot be kept, and failed `:dep` lines.
        Error::Message(message) => advice(&message),
    }
}

fn advice(message: &str) -> CellError {
    refused(first_line(message), message)
}

/// A cell that is not run, for a reason in words: in one line, and as a whole.
pub fn refused(summary: String, message: &str) -> CellError {
    let report = format!("error: {message}");
    let coloured = format!("\x1b[1;31merror\x1b[0m: {message}");
    CellError::Compile { summary, report, coloured }
}

/// A cell that no parser could take apart.
pub fn too_deep() -> CellError {
    advice(&format!(
        "brackets or signs stand more than {DEEPEST} deep in each other\nhelp: name the parts by `let`"
    ))
}

/// Why a variable cannot be kept whose type evcxr does not know, but the compiler does.
fn not_kept(message: &str, types: &[(String, String)]) -> Option<String> {
    let variable = message.split('`').nth(1)?;
    types.iter().find(|(name, _)| name == variable).map(refusal)
}

/// The variables that cannot be kept because they borrow from others. The compiler's words for
/// their types do not always tell.
pub fn variables_that_borrow(errors: &[CompilationError]) -> Vec<String> {
    let messages = errors.iter().map(CompilationError::message);
    let told = messages.filter(|message| message.contains("a non-static lifetime"));
    told.filter_map(|message| Some(message.split('`').nth(1)?.to_owned())).collect()
}

/// The first of some variables whose type is known.
fn of_types<'a>(names: &[String], types: &'a [(String, String)]) -> Option<&'a (String, String)> {
    types.iter().find(|(name, _)| names.contains(name))
}

/// Why variables cannot be kept when evcxr does not say which.
fn not_kept_at_all(source: Texts<'_>) -> String {
    let borrows = |(_, kind): &&(String, String)| borrows(kind);
    source.types.iter().find(borrows).map_or_else(
        || {
            "the variables of this cell cannot be kept for later cells\n\
             help: put its lines into one block: { … }"
                .to_owned()
        },
        refusal,
    )
}

fn refusal((variable, kind): &(String, String)) -> String {
    format!(
        "the variable `{variable}` cannot be kept for later cells: its type `{}` {}\n\
         help: {}, or put the lines that use it into one block: {{ … }}",
        readable(kind),
        reason(kind),
        remedy(kind),
    )
}

/// A type without the places of its closures.
fn readable(kind: &str) -> String {
    let mut parts = kind.split("{closure@");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("{closure}");
        text.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    text
}

fn borrows(kind: &str) -> bool {
    kind.contains(['&', '\''])
}

/// Why a variable of this type is there in its own cell only.
fn reason(kind: &str) -> &'static str {
    if borrows(kind) { "borrows from another variable" } else { "has no name in Rust" }
}

/// What makes of it one that can be kept.
fn remedy(kind: &str) -> &'static str {
    if borrows(kind) {
        "clone or collect what it refers to"
    } else if kind.contains("closure") {
        "write it as a function (`fn`), or box it as a `Box<dyn …>` with that type written out"
    } else {
        "collect it, or box it as a `Box<dyn …>` with that type written out"
    }
}

/// Why a name is not there that an earlier cell has used.
fn help_with_gone(error: &CompilationError, gone: &BTreeMap<String, Gone>) -> Option<String> {
    let message = error.message();
    let name = message.strip_prefix("cannot find ")?.split('`').nth(1)?;
    Some(match gone.get(name)? {
        Gone::InCellOnly(kind) => format!(
            "`{name}` was there in its own cell only: its type `{}` {}; {}",
            readable(kind),
            reason(kind),
            remedy(kind)
        ),
        Gone::Outdated(kind) => format!(
            "`{name}` is gone: its type `{kind}` has been defined anew; run the cell again that \
             makes it"
        ),
        Gone::Lost => format!(
            "`{name}` was lost when the process that ran the cells ended; run the cell again that \
             makes it"
        ),
        Gone::OfMacro(of) => format!(
            "an earlier cell names `{name}` in `{of}!`; what a macro defines is there to the end of its \
             cell: use it there, or write its definition out"
        ),
        Gone::Unfinished => {
            format!("`{name}` was not kept: the cell that defines it ended with an error")
        }
    })
}

/// An error in one line of a cell.
pub fn at_line(code: &str, number: usize, message: &str) -> CellError {
    let lines = code.split_inclusive('\n');
    let start: usize = lines.clone().take(number - 1).map(str::len).sum();
    let length = lines.clone().nth(number - 1).map_or(0, |line| line.trim_end().len());
    let mut parts = message.splitn(2, '\n');
    let title = parts.next().unwrap_or_default();
    let snippet = Snippet::source(code)
        .path(CELL)
        .annotation(AnnotationKind::Primary.span(start..start + length));
    let mut group = Level::ERROR.primary_title(title).element(snippet);
    if let Some(rest) = parts.next() {
        group = group.element(Level::NOTE.message(rest));
    }
    let group = [group];
    CellError::Compile {
        summary: title.to_owned(),
        report: Renderer::plain().render(&group),
        coloured: Renderer::styled().render(&group),
    }
}

/// What is wrong with a cell that cannot be parsed.
pub fn syntax_error(code: &str, errors: &[SyntaxError]) -> CellError {
    let render = |renderer: Renderer| {
        let texts: Vec<_> = errors
            .iter()
            .map(|error| {
                let mut annotation = AnnotationKind::Primary.span(error.place.clone());
                if let Some(label) = &error.label {
                    annotation = annotation.label(label.as_str());
                }
                let snippet = Snippet::source(code).path(CELL).annotation(annotation);
                renderer
                    .render(&[Level::ERROR.primary_title(error.message.as_str()).element(snippet)])
            })
            .collect();
        texts.join("\n\n")
    };
    CellError::Compile {
        summary: errors.first().map_or_else(String::new, |error| first_line(&error.message)),
        report: render(Renderer::plain()),
        coloured: render(Renderer::styled()),
    }
}

/// A warning of the compiler, if it speaks of this cell.
pub fn warning(told: &Warning, code: &str) -> Option<String> {
    let start = code.find(&told.code)?;
    let mut annotation = AnnotationKind::Primary.span(start..start + told.code.len());
    if let Some(label) = &told.label {
        annotation = annotation.label(label.as_str());
    }
    let snippet = Snippet::source(code).path(CELL).annotation(annotation);
    let group = Level::WARNING.primary_title(told.message.as_str()).element(snippet);
    Some(Renderer::plain().render(&[group]))
}

/// The end of the process in the words of a person.
fn ending(what: &str) -> String {
    let signals = [
        ("signal: 9", "it was killed, perhaps for want of memory"),
        ("signal: 11", FAULT),
        ("signal: 6", "it aborted"),
    ];
    if let Some((_, words)) = signals.iter().find(|(signal, _)| what.contains(signal)) {
        return (*words).to_owned();
    }
    match what.split_once("exit status: ") {
        Some((_, status)) => format!("the code ended it with status {}", status.trim()),
        None => what.trim().to_owned(),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn compile_error(errors: &[CompilationError], source: Texts<'_>) -> CellError {
    let real: Vec<_> = errors.iter().filter(|error| error.level().starts_with("error")).collect();
    let shown = if real.is_empty() { errors.iter().collect() } else { real };
    let render = |renderer: Renderer| {
        let texts: Vec<_> = shown.iter().map(|error| render(error, source, &renderer)).collect();
        texts.join("\n\n")
    };
    CellError::Compile {
        summary: shown.first().map_or_else(String::new, |error| summary(error)),
        report: render(Renderer::plain()),
        coloured: render(Renderer::styled()),
    }
}

/// A message without the function in which evcxr puts a cell.
fn in_users_words(message: &str) -> String {
    message
        .replace("`std::result::Result<(), EvcxrUserCodeError>`", "a `Result`")
        .replace("`Result<(), EvcxrUserCodeError>`", "a `Result`")
        .replace("EvcxrUserCodeError", "the error of a cell")
        .replace("an async function", "a cell")
}

fn summary(error: &CompilationError) -> String {
    let message = in_users_words(&first_line(&error.message()));
    error.code().map_or_else(|| message.clone(), |code| format!("{message} [{code}]"))
}

fn render(error: &CompilationError, source: Texts<'_>, renderer: &Renderer) -> String {
    let snippet = snippet(error, source);
    if snippet.is_none() && !error.is_from_user_code() && !error.rendered().is_empty() {
        // Not about the cell's own lines: the compiler's text is all there is.
        return error.rendered();
    }
    let mut title = Level::ERROR.primary_title(in_users_words(&error.message()));
    if let Some(code) = error.code() {
        title = title.id(code.to_owned());
    }
    let mut group: Group<'_> = title.elements(snippet);
    let help = error.help().into_iter().map(|help| in_line(&help));
    for help in help.chain(help_with_gone(error, source.gone)) {
        group = match as_note(&help) {
            Some(note) => group.element(Level::NOTE.message(note.to_owned())),
            None => group.element(Level::HELP.message(help)),
        };
    }
    if let Some(hint) = error.evcxr_extra_hint() {
        group = group.element(Level::NOTE.message(hint));
    }
    renderer.render(&[group])
}

/// A help whose suggested code, which evcxr puts below it, stands in its line if it is one.
fn in_line(help: &str) -> String {
    match help.split_once("\n\n") {
        Some((help, code)) if code.trim().is_empty() => help.to_owned(),
        Some((help, code)) if !code.trim().contains('\n') => format!("{help}: `{}`", code.trim()),
        _ => help.to_owned(),
    }
}

/// The lines of the cell that the error speaks of, with its labels.
fn snippet<'s>(
    error: &CompilationError,
    source: Texts<'s>,
) -> Option<Snippet<'s, annotate_snippets::Annotation<'s>>> {
    let message = error.message();
    if error.spanned_messages().iter().all(|spanned| spanned.span.is_none())
        && let Some(place) = named_place(error, source.own)
    {
        let annotation = AnnotationKind::Primary.span(place);
        return Some(Snippet::source(source.own).path(CELL).annotation(annotation));
    }
    let mut snippet = Snippet::source(source.own).path(CELL);
    let mut any = false;
    for spanned in error.spanned_messages() {
        let Some(span) = spanned.span else { continue };
        let range = byte_range(
            &source.compiled.text,
            (span.start_line, span.start_column),
            (span.end_line, span.end_column),
        )?;
        let range = source.compiled.original(range.start)..source.compiled.original(range.end);
        let kind =
            if spanned.is_primary { AnnotationKind::Primary } else { AnnotationKind::Context };
        let mut annotation = kind.span(range);
        // evcxr repeats the message where the compiler gave no label.
        let is_new = !spanned.label.is_empty() && !spanned.label.ends_with(&message);
        if is_new && !spanned.label.contains(VARIABLES) {
            annotation = annotation.label(in_users_words(&spanned.label));
        }
        snippet = snippet.annotation(annotation);
        any = true;
    }
    any.then_some(snippet)
}

/// The place of the last part of a path that cannot be resolved: of imports evcxr does not say it.
fn named_place(error: &CompilationError, code: &str) -> Option<Range<usize>> {
    if !matches!(error.code(), Some("E0432" | "E0433" | "E0429" | "E0430" | "E0431" | "E0364")) {
        return None;
    }
    let message = error.message();
    let name = message.split('`').nth(1)?.rsplit("::").next()?;
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let start = code.match_indices(name).map(|(at, _)| at).find(|&at| {
        !code[..at].ends_with(is_part) && !code[at + name.len()..].starts_with(is_part)
    })?;
    Some(start..start + name.len())
}

/// The bytes between two places given as line and column, both counted from 1 in characters.
fn byte_range(source: &str, start: (usize, usize), end: (usize, usize)) -> Option<Range<usize>> {
    let (start, end) = (byte_offset(source, start)?, byte_offset(source, end)?);
    (start <= end).then_some(start..end)
}

fn byte_offset(source: &str, (line, column): (usize, usize)) -> Option<usize> {
    let before: usize = source.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let text = source.get(before..)?.split('\n').next()?;
    let within = text.char_indices().nth(column.checked_sub(1)?).map_or(text.len(), |(at, _)| at);
    Some(before + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_in_characters_and_ranges_in_bytes() {
        let source = "let μ = 1;\nlet σ = μ + x;\n";
        let range = byte_range(source, (2, 13), (2, 14)).unwrap();
        assert_eq!(&source[range], "x");
        assert_eq!(byte_range(source, (2, 99), (2, 99)), Some(28..28));
        assert_eq!(byte_range(source, (2, 5), (1, 1)), None);
        assert_eq!(byte_range(source, (0, 1), (1, 1)), None);
    }

    #[test]
    fn suggested_code_stands_in_the_line_of_its_help() {
        assert_eq!(in_line("make it mutable\n\nmut "), "make it mutable: `mut`");
        assert_eq!(in_line("call it\n\n"), "call it");
        assert_eq!(in_line("write\n\na\nb"), "write\n\na\nb");
        assert_eq!(in_line("plain"), "plain");
    }

    #[test]
    fn types_are_told_without_the_places_of_closures() {
        let kind = "Map<Range<i32>, {closure@src/lib.rs:1:2: 3:4}>";
        assert_eq!(readable(kind), "Map<Range<i32>, {closure}>");
        assert_eq!(readable("Vec<i32>"), "Vec<i32>");
    }

    #[test]
    fn the_end_of_the_process_is_told_in_words() {
        assert_eq!(
            ending("Subprocess terminated with status: exit status: 3"),
            "the code ended it with status 3"
        );
        let ended = Error::SubprocessTerminated(
            "Subprocess terminated with status: signal: 11 (SIGSEGV)".into(),
        );
        let what = FAULT.to_owned();
        let expected = CellError::Crashed { what, lost: Vec::new() };
        let gone = BTreeMap::new();
        let source =
            Texts { own: "", compiled: &Rewritten::unchanged(""), types: &[], gone: &gone };
        assert_eq!(cell_error(ended, source), expected);
    }

    #[test]
    fn a_variable_that_cannot_be_kept_is_told_with_its_type() {
        let unknown = |name: &str| {
            let what = "Couldn't automatically determine type of variable";
            Error::Message(format!("{what} `{name}`.\nPlease …"))
        };
        let pair = |name: &str, kind: &str| (name.to_owned(), kind.to_owned());
        let types = [pair("z", "std::slice::Iter<'_, i32>"), pair("f", "impl Fn()")];
        let (compiled, gone) = (Rewritten::unchanged(""), BTreeMap::new());
        let source = Texts { own: "", compiled: &compiled, types: &types, gone: &gone };
        for (name, expected) in [
            ("z", "its type `std::slice::Iter<'_, i32>` borrows from another variable"),
            ("f", "its type `impl Fn()` has no name in Rust"),
            ("other", "Please"),
        ] {
            let report = cell_error(unknown(name), source).traceback(false);
            assert!(report.contains(expected), "{report}");
        }
    }
}
