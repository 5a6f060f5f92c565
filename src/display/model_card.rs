//! A model at a glance: what it is, in a table, its graph, and a small picture.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{GraphicalModel, MimeBundle, RichDisplay, Table};
use crate::error::Result;

/// A model's display, in the making. Parts that cannot be drawn are left out.
pub(crate) struct ModelCard {
    table: Table,
    graph: Option<MimeBundle>,
    picture: Option<(String, MimeBundle)>,
}

impl ModelCard {
    /// The facts stand in a table.
    pub fn new(table: Table) -> Self {
        Self { table, graph: None, picture: None }
    }

    /// Adds a graph.
    pub fn graph(mut self, graph: Result<GraphicalModel>) -> Self {
        self.graph = graph.and_then(|graph| graph.mime_bundle()).ok();
        self
    }

    /// Adds a picture with what it shows.
    pub fn picture(mut self, caption: &str, picture: Result<MimeBundle>) -> Self {
        self.picture = picture.ok().map(|picture| (caption.to_owned(), picture));
        self
    }

    /// Adds curves, if there are any.
    pub fn curves(self, curves: Option<&impl RichDisplay>) -> Self {
        match curves {
            Some(curves) => self.picture("", curves.mime_bundle()),
            None => self,
        }
    }

    /// All parts in HTML; the graph as the drawing; the table and the graph's factors as the text.
    ///
    /// # Errors
    /// Those of the table.
    pub fn bundle(self) -> Result<MimeBundle> {
        let table = self.table.mime_bundle()?;
        let mut text = table.text().to_owned();
        let mut html = format!("<div>{}</div>", table.html().unwrap_or_default());
        if let Some(graph) = &self.graph {
            text.push('\n');
            text.push_str(graph.text());
            html.push_str(&format!("<div>{}</div>", graph.svg().unwrap_or_default()));
        }
        if let Some((caption, picture)) = &self.picture {
            let drawing = match (picture.svg(), picture.png()) {
                // Small: curves have a display of their own.
                (Some(svg), _) => format!("<div style=\"max-width:26em\">{svg}</div>"),
                (None, Some(png)) => image(caption, png),
                (None, None) => String::new(),
            };
            html.push_str(&format!("<div>{drawing}</div>"));
        }
        let html = format!(
            "<div style=\"display:flex;flex-wrap:wrap;gap:1em;align-items:flex-start\">{html}</div>"
        );
        let bundle = MimeBundle::new(text).with_html(html);
        let drawing = self.graph.as_ref().and_then(|graph| graph.svg());
        Ok(match drawing {
            Some(svg) => bundle.with_svg(svg.to_owned()),
            None => bundle,
        })
    }
}

/// A picture with its caption. The caption is the library's own words.
fn image(caption: &str, png: &[u8]) -> String {
    let data = STANDARD.encode(png);
    format!(
        "<figure style=\"margin:0\"><img alt=\"{caption}\" style=\"max-width:100%\" \
         src=\"data:image/png;base64,{data}\"><figcaption>{caption}</figcaption></figure>"
    )
}
