//! The text between the cells.

use std::borrow::Cow;

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};
use serde_json::Value;

use super::code::Highlighter;
use super::math::{self, Place};
use super::text::escape;

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
}

/// Markdown as HTML. HTML that the author wrote stays; the author's page may do what it likes.
pub fn render(source: &str, attachments: Option<&Value>, highlighter: &Highlighter) -> String {
    let mut events = Vec::new();
    let mut block: Option<(String, String)> = None;
    for event in Parser::new_ext(source, options()) {
        match (event, &mut block) {
            (Event::Start(Tag::CodeBlock(kind)), _) => {
                block = Some((language(&kind), String::new()));
            }
            (Event::Text(text), Some((_, code))) => code.push_str(&text),
            (Event::End(TagEnd::CodeBlock), Some((language, code))) => {
                let code = highlighter.highlight(code.trim_end(), language);
                let html = format!("<pre class=\"listing\"><code>{code}</code></pre>\n");
                events.push(Event::Html(html.into()));
                block = None;
            }
            (event, _) => events.push(translate(event, attachments)),
        }
    }
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter());
    page
}

fn language(kind: &CodeBlockKind<'_>) -> String {
    match kind {
        CodeBlockKind::Fenced(info) => info.split([' ', ',']).next().unwrap_or_default().to_owned(),
        CodeBlockKind::Indented => String::new(),
    }
}

fn translate<'e>(event: Event<'e>, attachments: Option<&Value>) -> Event<'e> {
    match event {
        Event::InlineMath(tex) => Event::InlineHtml(math::render(&tex, Place::Inline).into()),
        Event::DisplayMath(tex) => Event::InlineHtml(math::render(&tex, Place::Block).into()),
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let dest_url = attached(&dest_url, attachments).map_or(dest_url, CowStr::from);
            Event::Start(Tag::Image { link_type, dest_url, title, id })
        }
        other => other,
    }
}

/// The picture behind `attachment:name`, as the notebook stores it.
fn attached(url: &str, attachments: Option<&Value>) -> Option<String> {
    let name = url.strip_prefix("attachment:")?;
    let (mime, data) = attachments?.get(name)?.as_object()?.iter().next()?;
    Some(format!("data:{};base64,{}", escape(mime), data.as_str()?.replace('\n', "")))
}

/// The text of the first heading.
pub fn first_heading(source: &str) -> Option<String> {
    let mut events = Parser::new_ext(source, options())
        .skip_while(|event| !matches!(event, Event::Start(Tag::Heading { .. })))
        .peekable();
    events.peek()?;
    let words = events
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => {
                Some(Cow::from(text.into_string()))
            }
            Event::SoftBreak | Event::HardBreak => Some(Cow::from(" ")),
            _ => None,
        });
    Some(words.collect::<String>()).filter(|heading| !heading.trim().is_empty())
}
