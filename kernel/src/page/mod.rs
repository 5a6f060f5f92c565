//! A notebook as a web page that needs no network and no other file.

mod code;
mod contents;
mod fold;
mod markdown;
mod math;
mod output;
mod text;

use std::fmt::Write as _;

use nbformat::v4::{Cell, Notebook, Output};

use self::code::Highlighter;
use self::contents::Contents;
pub use self::text::escape;
use crate::notebook::{MAY_FAIL, has_tag, source_text};

const STYLE: &str = include_str!("style.css");

/// A piece of Markdown as HTML, for a front end to show.
pub fn fragment(text: &str) -> String {
    markdown::render(text, None, &Highlighter::new(), &mut Contents::default())
}
/// The switch for all code. It stands before the cells, so that the style can reach them from it.
const CODE_SWITCH: &str = "<input type=\"checkbox\" id=\"show-code\" checked>\
    <label class=\"switch\" for=\"show-code\">code</label>\n";

/// Makes the page. Its title is the first heading, or else the given one.
pub fn render(notebook: &Notebook, fallback_title: &str) -> String {
    let title = first_heading(notebook).unwrap_or_else(|| fallback_title.to_owned());
    let highlighter = Highlighter::new();
    let cells = render_cells(&notebook.cells, &highlighter);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"elbo {version}\">\n<title>{title}</title>\n\
         <style>\n{STYLE}\n{highlight}</style>\n</head>\n<body>\n<main>\n{switch}{notice}{cells}\
         </main>\n</body>\n</html>\n",
        version = env!("CARGO_PKG_VERSION"),
        title = escape(&title),
        highlight = highlighter.style(),
        switch = if cells.contains("class=\"input\"") { CODE_SWITCH } else { "" },
        notice = notice(notebook).unwrap_or_default(),
    )
}

/// The cells, and the contents after the cell with the title.
fn render_cells(cells: &[Cell], highlighter: &Highlighter) -> String {
    let mut contents = Contents::default();
    let mut html = String::new();
    let mut after_title = None;
    for cell in cells {
        let before = html.len();
        html.push_str(&render_cell(cell, highlighter, &mut contents));
        if after_title.is_none() && contents.len() > 0 {
            // A cell with more than the title is text that the contents lead into.
            after_title = Some(if contents.len() == 1 { html.len() } else { before });
        }
    }
    if let (Some(place), Some(list)) = (after_title, contents.render()) {
        html.insert_str(place, &list);
    }
    html
}

/// Says at the top which cell failed first, unless it shows an error on purpose.
fn notice(notebook: &Notebook) -> Option<String> {
    notebook.cells.iter().find_map(|cell| {
        let Cell::Code { outputs, execution_count: Some(count), .. } = cell else { return None };
        let error = outputs.iter().find_map(|output| match output {
            Output::Error(error) => Some(error),
            _ => None,
        })?;
        let name = escape(&error.ename);
        let html = format!(
            "<p class=\"notice\" role=\"alert\"><a href=\"#cell-{count}\">Cell {count}</a> \
             failed ({name}).</p>\n"
        );
        (!has_tag(cell, MAY_FAIL)).then_some(html)
    })
}

/// The first heading of the first cell that has one.
fn first_heading(notebook: &Notebook) -> Option<String> {
    notebook.cells.iter().find_map(|cell| match cell {
        Cell::Markdown { source, .. } => markdown::first_heading(&source_text(source)),
        _ => None,
    })
}

fn render_cell(cell: &Cell, highlighter: &Highlighter, contents: &mut Contents) -> String {
    match cell {
        Cell::Markdown { source, attachments, .. } => {
            let source = source_text(source);
            let html = markdown::render(&source, attachments.as_ref(), highlighter, contents);
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
    // Without its code a silent cell is nothing.
    let class = if outputs.is_empty() { "cell silent" } else { "cell" };
    let anchor = count.map_or_else(String::new, |count| format!(" id=\"cell-{count}\""));
    let mut html = format!("<section class=\"{class}\"{anchor}>\n");
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
        html.push_str(&output::render(output, highlighter));
    }
    html.push_str("</section>\n");
    html
}

#[cfg(test)]
mod tests;
