//! Changes to a cell before it is compiled, that leave every line where it was.

mod items;

use syn::spanned::Spanned;

use crate::compiler::{Untyped, defined_variables, untyped_variables};

/// The macro of the model library that shows a value of any type.
const SHOW: (&str, &str) = ("elbo::show_value!(", ");");

/// The macro, defined at the start of a session, that hides a `let` from evcxr.
const IN_CELL_ONLY: (&str, &str) = ("in_cell_only!( ", " );");

/// A cell with insertions, and the way back to what the user wrote.
#[derive(Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// What is compiled.
    pub text: String,
    /// Where in the user's text something was inserted, and how many bytes.
    insertions: Vec<(usize, usize)>,
}

impl Rewritten {
    /// The cell as the user wrote it.
    pub fn unchanged(code: &str) -> Self {
        Self { text: code.to_owned(), insertions: Vec::new() }
    }

    fn with(code: &str, mut inserts: Vec<(usize, String)>) -> Self {
        inserts.sort_by_key(|(at, _)| *at);
        let (mut text, mut copied) = (String::with_capacity(code.len() + 64), 0);
        for (at, insert) in &inserts {
            text.push_str(&code[copied..*at]);
            text.push_str(insert);
            copied = *at;
        }
        text.push_str(&code[copied..]);
        let insertions = inserts.iter().map(|(at, insert)| (*at, insert.len())).collect();
        Self { text, insertions }
    }

    /// The place in the user's text of a place in this one. What stands in an insertion stands
    /// where that was made.
    pub fn original(&self, place: usize) -> usize {
        let mut before = 0;
        for &(at, length) in &self.insertions {
            if place < at + before {
                break;
            }
            if place < at + before + length {
                return at;
            }
            before += length;
        }
        place - before
    }
}

/// How values are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// The format in which every value is written, instead of its display.
    pub format: Option<String>,
    /// Whether its type is told too.
    pub shows_types: bool,
}

/// A cell as evcxr should have it. With a style, the model library shows the value of the last
/// expression; without one it is left to evcxr.
pub fn rewritten(code: &str, style: Option<&Style>) -> Rewritten {
    let Some(statements) = statements(code) else {
        return match style {
            Some(_) => with_semicolon(code),
            None => Rewritten::unchanged(code),
        };
    };
    let mut inserts = items::replaceable_impls(&statements);
    inserts.extend(not_a_command(code));
    inserts.extend(items::lost_imports(&statements));
    if let (Some(last), Some(style)) = (statements.last(), style) {
        inserts.extend(shown(last, style));
    }
    Rewritten::with(code, inserts)
}

/// Keeps evcxr from taking a path such as `::std` at the beginning of a cell for a command, and
/// documentation for a comment that it can leave out.
fn not_a_command(code: &str) -> Option<(usize, String)> {
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        let text = line.trim();
        let is_document = text.starts_with("///") || text.starts_with("//!");
        if is_document || text.starts_with("::") {
            let indent = line.len() - line.trim_start().len();
            return Some((start + indent, "/**/".to_owned()));
        }
        if !text.is_empty() && !text.starts_with("//") {
            return None;
        }
        start += line.len();
    }
    None
}

/// Lets the model library show the value of the last expression. evcxr itself compiles such a cell
/// twice when the value has no display of its own, and shows it by `Debug` when the expression
/// consumes a variable.
fn shown(last: &syn::Stmt, style: &Style) -> Vec<(usize, String)> {
    let place = in_cell(last.span().byte_range());
    let (mut before, mut after) = (SHOW.0.to_owned(), SHOW.1.to_owned());
    if let Some(format) = &style.format {
        before = format!("elbo::display::MimeBundle::new(format!({format:?}, &(");
        after = "))).emit_value();".to_owned();
    }
    if style.shows_types {
        before = "match &(".to_owned();
        let (start, end) = match &style.format {
            Some(format) => (
                format!("elbo::display::MimeBundle::new(format!({format:?}, value"),
                ")).emit_value();",
            ),
            None => (format!("{}value", SHOW.0), SHOW.1),
        };
        after = format!(
            ") {{ value => {{ println!(\": {{}}\", elbo::notebook::type_name(value)); {start}{end} }} }};"
        );
    }
    match last {
        // Else evcxr takes it for a value and finds that there is nothing to show.
        syn::Stmt::Expr(expression, None) if is_statement(expression) => {
            vec![(place.end, ";".to_owned())]
        }
        syn::Stmt::Expr(_, None) => vec![(place.start, before), (place.end, after)],
        syn::Stmt::Macro(call) if call.semi_token.is_none() => {
            vec![(place.start, before), (place.end, after)]
        }
        _ => Vec::new(),
    }
}

/// The cell with the semicolon that its last line, a `let`, has forgotten: what else could be meant?
fn with_semicolon(code: &str) -> Rewritten {
    let last = statements(&format!("{code}\n;")).and_then(|mut statements| statements.pop());
    let Some(syn::Stmt::Local(syn::Local { init: Some(init), .. })) = last else {
        return Rewritten::unchanged(code);
    };
    let value = init.diverge.map_or(init.expr, |(_, otherwise)| otherwise);
    let end = in_cell(value.span().byte_range()).end;
    Rewritten::with(code, vec![(end, ";".to_owned())])
}

/// Whether a cell defines variables without naming their types.
pub fn defines_untyped(cell: &Rewritten) -> bool {
    statements(&cell.text).is_some_and(|statements| {
        untyped_variables(&statements).iter().any(|untyped| !untyped.variables.is_empty())
    })
}

/// What was found out about a cell's variables.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// Variables and their types.
    pub types: &'a [(String, String)],
    /// Variables that must not outlive the cell.
    pub in_cell_only: &'a [String],
}

/// Gives variables the types that were found for them, by binding each one again, and hides from
/// evcxr those that cannot be kept: it takes what a macro defines for a part of the cell's code.
pub fn with_types(cell: &Rewritten, found: &Found<'_>) -> Option<Rewritten> {
    let statements = statements(&cell.text)?;
    let mut inserts = Vec::new();
    for Untyped { place, variables, written, deferred } in defined_variables(&statements) {
        let place = in_cell(place);
        if variables.iter().any(|(name, _)| found.in_cell_only.contains(name)) {
            inserts.push((place.start, IN_CELL_ONLY.0.to_owned()));
            inserts.push((place.end, IN_CELL_ONLY.1.to_owned()));
        }
        for (name, is_mutable) in variables {
            if written.is_some() {
                continue;
            }
            if let Some((_, kind)) = found.types.iter().find(|(known, _)| *known == name) {
                if let Some(end) = deferred {
                    // Its pattern says it: there is no value yet to be bound again.
                    inserts.push((in_cell(end..end).end, format!(": {kind}")));
                    continue;
                }
                let mutable = if is_mutable { "mut " } else { "" };
                inserts.push((place.end, format!(" let {mutable}{name}: {kind} = {name};")));
            }
        }
    }
    if inserts.is_empty() {
        return None;
    }
    let typed = Rewritten::with(&cell.text, inserts);
    // Both ways back, one after the other, are one way back.
    let mut insertions: Vec<_> =
        typed.insertions.iter().map(|&(at, length)| (cell.original(at), length)).collect();
    insertions.extend(&cell.insertions);
    insertions.sort_by_key(|(at, _)| *at);
    Some(Rewritten { text: typed.text, insertions })
}

/// The statements of a cell without commands; places in them are off by one byte.
pub fn statements(code: &str) -> Option<Vec<syn::Stmt>> {
    let block = syn::parse_str::<syn::Block>(&format!("{{{code}\n}}"));
    block.ok().map(|block| block.stmts)
}

pub fn in_cell(place: std::ops::Range<usize>) -> std::ops::Range<usize> {
    place.start - 1..place.end - 1
}

/// Whether an expression is written for what it does.
fn is_statement(expression: &syn::Expr) -> bool {
    matches!(
        expression,
        syn::Expr::ForLoop(_) | syn::Expr::While(_) | syn::Expr::Assign(_) | syn::Expr::Return(_)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_last_expression_is_shown() {
        for (code, expected) in [
            ("1 + 1", "elbo::show_value!(1 + 1);"),
            ("let μ = 1;\nμ", "let μ = 1;\nelbo::show_value!(μ);"),
            ("x; // why", "x; // why"),
            ("f(); g()?", "f(); elbo::show_value!(g()?);"),
            ("for i in 0..3 { f(i) }", "for i in 0..3 { f(i) };"),
            ("x = 1 // so", "x = 1; // so"),
            ("fn f() {}", "fn f() {}"),
            ("1 +", "1 +"),
            ("f();\nlet x = g()? // so", "f();\nlet x = g()?; // so"),
            ("let Some(x) = y else { return }", "let Some(x) = y else { return };"),
            ("let x = ", "let x = "),
            ("let x = 1 2", "let x = 1 2"),
            ("", ""),
        ] {
            assert_eq!(rewritten(code, Some(&Style::default())).text, expected);
        }
    }

    #[test]
    fn places_lead_back_to_what_the_user_wrote() {
        let code = "let a = f();\nlet (b, c) = g();\na + x";
        let shown = rewritten(code, Some(&Style::default()));
        let types = [("b".to_owned(), "B".to_owned()), ("a".to_owned(), "A".to_owned())];
        let found = Found { types: &types, in_cell_only: &[] };
        let cell = with_types(&shown, &found).unwrap();
        assert_eq!(
            cell.text,
            "let a = f(); let a: A = a;\nlet (b, c) = g(); let b: B = b;\nelbo::show_value!(a + x);"
        );
        for word in ["f()", "g()", "a + x", "x"] {
            let there = cell.text.rfind(word).unwrap();
            assert_eq!(cell.original(there), code.rfind(word).unwrap(), "{word}");
        }
        assert_eq!(cell.original(cell.text.len()), code.len());
        assert_eq!(cell.original(cell.text.find("let a: A").unwrap()), 12);
    }

    #[test]
    fn a_path_at_the_beginning_is_no_command() {
        assert_eq!(rewritten("\n ::std::f();", None).text, "\n /**/::std::f();");
        assert_eq!(rewritten("f();\n::g();", None).text, "f();\n::g();");
        let documented = "// one\n/**//// two\nstruct S;";
        assert_eq!(rewritten("// one\n/// two\nstruct S;", None).text, documented);
    }

    #[test]
    fn mutable_variables_stay_mutable_and_typed_ones_are_left_alone() {
        let cell = Rewritten::unchanged("let mut a = f();\nlet b: u8 = 1;");
        let types = [("a".to_owned(), "A".to_owned()), ("b".to_owned(), "u8".to_owned())];
        let typed = with_types(&cell, &Found { types: &types, in_cell_only: &[] }).unwrap();
        assert_eq!(typed.text, "let mut a = f(); let mut a: A = a;\nlet b: u8 = 1;");
        assert_eq!(with_types(&cell, &Found::default()), None);
    }

    #[test]
    fn variables_that_cannot_be_kept_are_hidden() {
        let code = "let f = |x| x;let (g, a) = h(f);\na";
        let found = Found {
            types: &[("a".to_owned(), "A".to_owned())],
            in_cell_only: &["f".to_owned(), "g".to_owned()],
        };
        let cell = with_types(&rewritten(code, Some(&Style::default())), &found).unwrap();
        assert_eq!(
            cell.text,
            "in_cell_only!( let f = |x| x; );in_cell_only!( let (g, a) = h(f); ); let a: A = a;\n\
             elbo::show_value!(a);"
        );
        assert_eq!(cell.original(cell.text.find("h(f)").unwrap()), code.find("h(f)").unwrap());
    }
}
