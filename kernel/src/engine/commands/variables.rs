//! What `:vars` shows.

use std::fmt::Write as _;

use crate::page::escape;
use crate::relay::MimeBundle;

/// A variable.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// How many bytes it takes itself, and the beginning of its text, if they could be found out.
    pub found: Option<(usize, String)>,
}

/// Characters of a value that are shown.
const WIDTH: usize = 60;

/// What separates a variable's parts in what the code of [`brief_values`] prints.
const SEPARATOR: char = '\u{1f}';

/// Rust that prints the size of each variable and the beginning of its text, a line each. A value
/// without `Debug` has none. The text is written only as far as it is shown: a variable may be large.
pub fn brief_values(names: &[&str]) -> String {
    let mut code = format!(
        "{{ use ::std::fmt::{{Debug, Write}};
        struct Brief(String);
        impl Write for Brief {{ fn write_str(&mut self, s: &str) -> ::std::fmt::Result {{
            for c in s.chars() {{
                if self.0.chars().count() == {WIDTH} {{ self.0.push('…'); return Err(::std::fmt::Error); }}
                self.0.push(if c.is_control() {{ ' ' }} else {{ c }});
            }} Ok(()) }} }}
        struct Value<'a, T>(&'a T);
        trait WithDebug {{ fn brief(&self) -> String; }}
        impl<T: Debug> WithDebug for &Value<'_, T> {{ fn brief(&self) -> String {{
            let mut text = Brief(String::new()); let _ = write!(text, \"{{:?}}\", self.0); text.0 }} }}
        trait WithoutDebug {{ fn brief(&self) -> String; }}
        impl<T> WithoutDebug for Value<'_, T> {{ fn brief(&self) -> String {{ String::new() }} }}\n"
    );
    for name in names {
        let _ = writeln!(
            code,
            "println!(\"{name}{SEPARATOR}{{}}{SEPARATOR}{{}}\", ::std::mem::size_of_val(&{name}), \
             (&&Value(&{name})).brief());"
        );
    }
    code.push_str("};");
    code
}

impl Variable {
    /// Takes in what the code of [`brief_values`] has printed.
    pub fn take_in(variables: &mut [Self], printed: &str) {
        for line in printed.lines() {
            let mut parts = line.splitn(3, SEPARATOR);
            let (Some(name), Some(size), Some(text)) = (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let known = variables.iter_mut().find(|variable| variable.name == name);
            if let (Some(variable), Ok(size)) = (known, size.parse()) {
                variable.found = Some((size, text.to_owned()));
            }
        }
    }
}

/// The variables as a table.
pub fn table_of(variables: &[Variable]) -> MimeBundle {
    if variables.is_empty() {
        return MimeBundle::text("There are no variables.");
    }
    let rows: Vec<[String; 4]> = variables.iter().map(row).collect();
    let head = ["variable", "type", "bytes", "value"];
    let width = |column: usize| {
        let own = rows.iter().map(|row| row[column].chars().count());
        own.chain([head[column].len()]).max().unwrap_or(0)
    };
    let widths = [width(0), width(1), width(2)];
    let line = |cells: [&str; 4]| {
        let [name, kind, size, value] = cells;
        let [first, second, third] = widths;
        format!("{name:first$}  {kind:second$}  {size:>third$}  {value}").trim_end().to_owned()
    };
    let mut text = line(head);
    let mut html = String::from("<table><thead><tr>");
    head.iter()
        .for_each(|title| html.push_str(&format!("<th style=\"text-align:left\">{title}</th>")));
    html.push_str("</tr></thead><tbody>");
    for row in &rows {
        let [name, kind, size, value] = row.each_ref().map(String::as_str);
        text.push('\n');
        text.push_str(&line([name, kind, size, value]));
        html.push_str("<tr>");
        for (cell, align) in [(name, "left"), (kind, "left"), (size, "right"), (value, "left")] {
            let cell = escape(cell);
            html.push_str(&format!("<td style=\"text-align:{align}\"><code>{cell}</code></td>"));
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
    let mut bundle = MimeBundle::text(text);
    bundle.push("text/html".to_owned(), html);
    bundle
}

fn row(variable: &Variable) -> [String; 4] {
    let (size, text) = match &variable.found {
        Some((size, text)) => (size.to_string(), text.clone()),
        None => (String::new(), String::new()),
    };
    [variable.name.clone(), short_type(&variable.kind), size, text]
}

/// A type without the modules in which its parts are.
pub fn short_type(kind: &str) -> String {
    let mut short = String::new();
    for (at, part) in kind.split("::").enumerate() {
        if at > 0 {
            // Drops the name before the colons.
            let kept = short.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len();
            short.truncate(kept);
        }
        short.push_str(part);
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_shown_without_their_modules() {
        for (long, short) in [
            ("alloc::vec::Vec<(i32, std::string::String)>", "Vec<(i32, String)>"),
            ("elbo::Vae<784, 2>", "Vae<784, 2>"),
            ("i32", "i32"),
            ("Box<dyn core::fmt::Debug>", "Box<dyn Debug>"),
        ] {
            assert_eq!(short_type(long), short);
        }
    }

    #[test]
    fn the_table_has_a_line_a_variable_and_escapes_values() {
        let named = |name: &str, kind: &str| Variable {
            name: name.to_owned(),
            kind: kind.to_owned(),
            found: None,
        };
        let mut variables = [named("word", "std::string::String"), named("f", "Vae<4, 2>")];
        Variable::take_in(&mut variables, "word\u{1f}24\u{1f}\"<b>\"\nunknown\u{1f}1\u{1f}x\n");
        let table = table_of(&variables);
        assert_eq!(
            table.get("text/plain"),
            Some(
                "variable  type       bytes  value\nword      String        24  \"<b>\"\nf         \
                 Vae<4, 2>"
            )
        );
        assert!(table.get("text/html").unwrap().contains("&lt;b&gt;"));
        assert_eq!(table_of(&[]).get("text/plain"), Some("There are no variables."));
    }
}
