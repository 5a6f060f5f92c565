//! A notebook as a web page that needs no network and no other file.

mod code;
mod markdown;
mod math;
mod output;
mod text;

use std::fmt::Write as _;

use nbformat::v4::{Cell, Notebook, Output};

use self::code::Highlighter;
use self::text::escape;
use crate::notebook::source_text;

const STYLE: &str = include_str!("style.css");

/// A piece of Markdown as HTML, for a front end to show.
pub fn fragment(text: &str) -> String {
    markdown::render(text, None, &Highlighter::new())
}

/// Makes the page. Its title is the first heading, or else the given one.
pub fn render(notebook: &Notebook, fallback_title: &str) -> String {
    let title = first_heading(notebook).unwrap_or_else(|| fallback_title.to_owned());
    let highlighter = Highlighter::new();
    let cells: String = notebook.cells.iter().map(|cell| render_cell(cell, &highlighter)).collect();
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"elbo {version}\">\n<title>{title}</title>\n\
         <style>\n{STYLE}\n{highlight}</style>\n</head>\n<body>\n<main>\n{cells}</main>\n</body>\n\
         </html>\n",
        version = env!("CARGO_PKG_VERSION"),
        title = escape(&title),
        highlight = highlighter.style(),
    )
}

/// The first heading of the first cell that has one.
fn first_heading(notebook: &Notebook) -> Option<String> {
    notebook.cells.iter().find_map(|cell| match cell {
        Cell::Markdown { source, .. } => markdown::first_heading(&source_text(source)),
        _ => None,
    })
}

fn render_cell(cell: &Cell, highlighter: &Highlighter) -> String {
    match cell {
        Cell::Markdown { source, attachments, .. } => {
            let html = markdown::render(&source_text(source), attachments.as_ref(), highlighter);
            format!("<section class=\"prose\">\n{html}</section>\n")
        }
        Cell::Code { source, outputs, execution_count, .. } => {
            render_code(&source_text(source), outputs, *execution_count, highlighter)
        }
        // Raw cells are meant for other programs.
        Cell::Raw { .. } => String::new(),
    }
}

fn render_code(
    code: &str,
    outputs: &[Output],
    count: Option<i32>,
    highlighter: &Highlighter,
) -> String {
    if code.trim().is_empty() && outputs.is_empty() {
        return String::new();
    }
    let mut html = String::from("<section class=\"cell\">\n");
    if !code.trim().is_empty() {
        let number = count.map_or_else(String::new, |count| count.to_string());
        let code = highlighter.highlight(code.trim_end(), "rust");
        let _ = writeln!(
            html,
            "<div class=\"input\"><span class=\"count\" aria-hidden=\"true\">{number}</span>\
             <pre><code>{code}</code></pre></div>"
        );
    }
    for output in outputs {
        html.push_str(&output::render(output));
    }
    html.push_str("</section>\n");
    html
}

#[cfg(test)]
mod tests;
