//! Variables that outlive a failing `?`.
//!
//! evcxr keeps a cell's variables when the cell has ended. A `?` that returns early would take with
//! it what the statements before it have made: a model that took an hour to fit. So every `?` at the
//! level of the cell's own statements is written out as the `match` that it stands for, with the
//! variables stored before the return. What has been moved by then cannot be stored; the compiler
//! says so, and that variable is left out.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Expr, Stmt};

use super::runtime::cell_report;
use super::settings::Library;
use super::types::pattern_variables;

/// The beginning of the name of evcxr's function around a cell.
const FUNCTION: &str = "run_user_code_";
/// evcxr's type of an early return.
const USER_ERROR: &str = "EvcxrUserCodeError";
/// evcxr's method that keeps a variable.
const PUT: &str = "put_variable";
/// Types that are copied where others are moved.
const COPIED: [&str; 16] = [
    "bool", "char", "f32", "f64", "i128", "i16", "i32", "i64", "i8", "isize", "u128", "u16", "u32",
    "u64", "u8", "usize",
];
/// Macros that only look at what they are given.
const LOOKING: [&str; 10] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "dbg",
    "eprint",
    "eprintln",
    "format",
    "print",
    "println",
    "show_value",
];

/// A cell whose variables outlive a failing `?`.
pub struct Keeping {
    /// Its source code.
    pub source: String,
    /// Where in it which variable is stored before a return.
    stored: Vec<(Range<usize>, String)>,
    /// The lines, counted from 1, that are not as they were.
    lines: BTreeSet<usize>,
}

impl Keeping {
    /// Rewrites a cell as evcxr has written it. `None` if no `?` stands behind a variable that could
    /// be kept. Variables in `left_out` are not.
    pub fn new(source: &str, left_out: &BTreeSet<String>, library: &Library) -> Option<Self> {
        let file = syn::parse_file(source).ok()?;
        let function = file.items.iter().find_map(|item| match item {
            syn::Item::Fn(own) if own.sig.ident.to_string().starts_with(FUNCTION) => Some(own),
            _ => None,
        })?;
        let mut body = Body(None);
        body.visit_block(&function.block);
        let statements = body.0?;
        let kept: Vec<_> = statements.iter().filter_map(put).collect();
        let mut edits = Vec::new();
        for (number, statement) in statements.iter().enumerate() {
            let mut tries = Tries(Vec::new());
            tries.visit_stmt(statement);
            if tries.0.is_empty() {
                continue;
            }
            let alive = kept.iter().filter(|variable| {
                !left_out.contains(&variable.name) && variable.is_alive(statements, number)
            });
            let alive: Vec<_> = alive.collect();
            for (whole, question) in tries.0 {
                edits.push(Edit {
                    place: whole.start..whole.start,
                    text: "(match (".to_owned(),
                    stored: Vec::new(),
                });
                edits.push(returning(question, &alive, library));
            }
        }
        if edits.iter().all(|edit| edit.stored.is_empty()) {
            return None;
        }
        edits.sort_by_key(|edit| edit.place.start);
        let line = |edit: &Edit| source[..edit.place.start].matches('\n').count() + 1;
        let lines = edits.iter().map(line).collect();
        let (mut text, mut copied, mut stored) = (String::new(), 0, Vec::new());
        for edit in edits {
            text.push_str(source.get(copied..edit.place.start)?);
            let start = text.len();
            let places = edit.stored.into_iter();
            stored.extend(places.map(|(at, name)| (start + at.start..start + at.end, name)));
            text.push_str(&edit.text);
            copied = edit.place.end;
        }
        text.push_str(source.get(copied..)?);
        Some(Self { source: text, stored, lines })
    }

    /// Whether rustc's message speaks of a line that is not as it was.
    pub fn is_about_changes(&self, message: &Value) -> bool {
        let spans = message["spans"].as_array().into_iter().flatten();
        let line = |span: &Value| usize::try_from(span["line_start"].as_u64()?).ok();
        spans.filter_map(line).any(|line| self.lines.contains(&line))
    }

    /// The variables whose storing rustc's messages are about, if all errors are.
    pub fn cannot_store(&self, messages: &[Value]) -> Option<BTreeSet<String>> {
        let errors = messages.iter().filter(|message| message["level"] == "error");
        // The last one only counts the others.
        let errors = errors
            .filter(|message| message["spans"].as_array().is_some_and(|spans| !spans.is_empty()));
        let primary = |message: &Value| {
            let spans = message["spans"].as_array()?;
            let span = spans.iter().find(|span| span["is_primary"] == true)?;
            let at = usize::try_from(span["byte_start"].as_u64()?).ok()?;
            self.stored_at(at).map(str::to_owned)
        };
        errors.map(primary).collect()
    }

    /// The variable whose storing an error is about, given the bytes that it speaks of.
    fn stored_at(&self, at: usize) -> Option<&str> {
        let found = self.stored.iter().find(|(place, _)| place.contains(&at));
        found.map(|(_, name)| name.as_str())
    }
}

struct Edit {
    place: Range<usize>,
    text: String,
    /// Where in the text which variable is stored.
    stored: Vec<(Range<usize>, String)>,
}

/// What takes the place of a `?`.
fn returning(question: Range<usize>, alive: &[&Kept], library: &Library) -> Edit {
    let mut text = ") { ::std::result::Result::Ok(value) => value, \
                    ::std::result::Result::Err(error) => { "
        .to_owned();
    let mut stored = Vec::new();
    text.push_str(&format!("let message = {USER_ERROR}::told(error); "));
    for Kept { name, kind } in alive {
        let start = text.len();
        text.push_str(&format!("evcxr_variable_store.{PUT}::<{kind}>(\"{name}\", {name}); "));
        stored.push((start..text.len(), name.clone()));
    }
    let names: Vec<_> = alive.iter().map(|kept| kept.name.as_str()).collect();
    text.push_str(&format!(
        "{}::kept(&message, &{names:?}); \
         return ::std::result::Result::Err({USER_ERROR} {{}}); }} }})",
        cell_report(Some(library))
    ));
    Edit { place: question, text, stored }
}

/// A variable that evcxr keeps at the end of the cell, and its type.
struct Kept {
    name: String,
    kind: String,
}

impl Kept {
    /// Whether it is at a statement what it is at the end of the cell, and has not been moved.
    fn is_alive(&self, statements: &[Stmt], number: usize) -> bool {
        let defines = |statement: &Stmt| matches!(statement, Stmt::Local(local) if pattern_variables(&local.pat).contains(&self.name));
        let definitions: Vec<_> = statements
            .iter()
            .enumerate()
            .filter(|(_, own)| defines(own))
            .map(|(at, _)| at)
            .collect();
        // Its type is known for the last definition only.
        let Some(&defined) = definitions.last().filter(|at| **at < number) else { return false };
        if COPIED.contains(&self.kind.as_str()) {
            return true;
        }
        let mut moves = Moves { name: &self.name, found: false };
        statements[defined + 1..=number].iter().for_each(|statement| moves.visit_stmt(statement));
        !moves.found
    }
}

/// The variable that a statement of evcxr's keeps.
fn put(statement: &Stmt) -> Option<Kept> {
    let Stmt::Expr(Expr::MethodCall(call), Some(_)) = statement else { return None };
    if call.method != PUT {
        return None;
    }
    let kind = call.turbofish.as_ref()?.args.first()?;
    let Expr::Path(value) = call.args.last()? else { return None };
    let kind = quote::ToTokens::to_token_stream(kind).to_string();
    Some(Kept { name: value.path.get_ident()?.to_string(), kind })
}

/// Finds the closure in which evcxr puts a cell that may return early.
struct Body<'a>(Option<&'a [Stmt]>);

impl<'a> Visit<'a> for Body<'a> {
    fn visit_expr_closure(&mut self, closure: &'a syn::ExprClosure) {
        let returns = quote::ToTokens::to_token_stream(&closure.output).to_string();
        match &*closure.body {
            Expr::Block(body) if returns.contains(USER_ERROR) => {
                self.0.get_or_insert(&body.block.stmts);
            }
            _ => visit::visit_expr_closure(self, closure),
        }
    }
}

/// The places of all `?` that return from the cell, each with its whole expression.
struct Tries(Vec<(Range<usize>, Range<usize>)>);

impl Visit<'_> for Tries {
    fn visit_expr_try(&mut self, expression: &syn::ExprTry) {
        let question = expression.question_token.span().byte_range();
        self.0.push((expression.span().byte_range(), question));
        visit::visit_expr_try(self, expression);
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        // The one around a cell's last expression.
        if call.path.segments.last().is_some_and(|last| last.ident == "show_value")
            && let Ok(expression) = call.parse_body::<Expr>()
        {
            self.visit_expr(&expression);
        }
    }

    // What returns from these stays in them.
    fn visit_expr_closure(&mut self, _: &syn::ExprClosure) {}
    fn visit_expr_async(&mut self, _: &syn::ExprAsync) {}
    fn visit_expr_try_block(&mut self, _: &syn::ExprTryBlock) {}
    fn visit_item(&mut self, _: &syn::Item) {}
}

/// Whether a variable stands where a value is moved: as an argument, for instance. Whether a method
/// consumes it only the compiler knows.
struct Moves<'a> {
    name: &'a str,
    found: bool,
}

impl Moves<'_> {
    fn is_it(&self, expression: &Expr) -> bool {
        matches!(expression, Expr::Path(path) if path.path.is_ident(self.name))
    }
}

impl Visit<'_> for Moves<'_> {
    fn visit_expr(&mut self, expression: &Expr) {
        match expression {
            Expr::Reference(own) if self.is_it(&own.expr) => {}
            Expr::Field(own) if self.is_it(&own.base) => {}
            Expr::Index(own) if self.is_it(&own.expr) => self.visit_expr(&own.index),
            Expr::MethodCall(call) if self.is_it(&call.receiver) => {
                call.args.iter().for_each(|argument| self.visit_expr(argument));
            }
            own if self.is_it(own) => self.found = true,
            own => visit::visit_expr(self, own),
        }
    }

    fn visit_macro(&mut self, call: &syn::Macro) {
        let name = call.path.segments.last().map(|last| last.ident.to_string());
        let looks = name.is_some_and(|name| LOOKING.contains(&name.as_str()));
        if looks {
            if let Ok(expression) = call.parse_body::<Expr>()
                && !self.is_it(&expression)
            {
                self.visit_expr(&expression);
            }
            return;
        }
        let own = syn::parse_str::<proc_macro2::Ident>(self.name);
        let text = call.tokens.to_string();
        let words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        self.found |= own.is_ok() && words.into_iter().any(|word| word == self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn library() -> Library {
        Library::named("elbo")
    }

    fn cell(code: &str, kept: &[(&str, &str)]) -> String {
        let puts: String = kept
            .iter()
            .map(|(name, kind)| {
                format!(
                    "evcxr_variable_store.put_variable::<{kind}>(stringify!({name}), {name});\n"
                )
            })
            .collect();
        format!(
            "pub extern \"C\" fn run_user_code_1() {{ f(|| {{ let _ = (|| -> \
             std::result::Result<(), EvcxrUserCodeError> {{\n{code}\n{puts}Ok(())}})(); }}) }}"
        )
    }

    fn stored(code: &str, kept: &[(&str, &str)]) -> Vec<String> {
        let source = cell(code, kept);
        let Some(keeping) = Keeping::new(&source, &BTreeSet::new(), &library()) else {
            return Vec::new();
        };
        syn::parse_file(&keeping.source).unwrap_or_else(|_| panic!("{}", keeping.source));
        assert_eq!(keeping.source.matches('\n').count(), source.matches('\n').count());
        for (place, name) in &keeping.stored {
            assert!(keeping.source[place.clone()].contains(&format!("\"{name}\"")));
            assert_eq!(keeping.stored_at(place.start + 1), Some(name.as_str()));
        }
        keeping.stored.into_iter().map(|(_, name)| name).collect()
    }

    #[test]
    fn what_stands_before_a_question_mark_is_stored() {
        let kept = [("m", "Model"), ("n", "usize"), ("s", "f64")];
        let code = "let m = fit()?;\nlet n = 3;\ncount(n);\nlet s = m.score(&x)?.mean()?;";
        assert_eq!(stored(code, &kept), ["m", "n", "m", "n"]);
        assert_eq!(stored("let m = fit()?;", &kept), [""; 0]);
        assert_eq!(stored("let m = fit();\nelbo::show_value!(m.score(&x)?);", &kept), ["m"]);
    }

    #[test]
    fn what_has_been_moved_or_is_defined_again_is_not() {
        let kept = [("m", "Model")];
        for code in [
            "let m = fit();\nlet o = other(m);\ng()?;",
            "let m = fit();\nother(m)?;",
            "let m = fit();\ng()?;\nlet m = m.more();",
            "let m = fit();\nvec![m];\ng()?;",
            "let m = fit();\nlet f = || g()?;",
        ] {
            assert_eq!(stored(code, &kept), [""; 0], "{code}");
        }
        assert_eq!(stored("let m = fit();\nlet m: Model = m;\ng()?;", &kept), ["m"]);
        let code = "let m = fit();\nprintln!(\"{m}\");\nfor i in 0..3 { g(&m, i)?; }";
        assert_eq!(stored(code, &kept), ["m"]);
    }

    #[test]
    fn a_variable_can_be_left_out() {
        let source = cell("let m = fit();\nm.run()?;", &[("m", "Model")]);
        let left_out = BTreeSet::from(["m".to_owned()]);
        assert!(Keeping::new(&source, &left_out, &library()).is_none());
    }
}
