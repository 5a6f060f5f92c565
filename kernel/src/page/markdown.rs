//! The text between the cells.

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html,
};
use serde_json::Value;

use super::code::Highlighter;
use super::contents::Contents;
use super::math::{self, Place};
use super::text::escape;

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_MATH
}

/// Markdown as HTML. HTML that the author wrote stays; the author's page may do what it likes. The
/// headings are added to the contents.
pub fn render(
    source: &str,
    attachments: Option<&Value>,
    highlighter: &Highlighter,
    contents: &mut Contents,
) -> String {
    let mut writer = Writer::default();
    for event in Parser::new_ext(source, options()) {
        writer.write(event, attachments, highlighter, contents);
    }
    to_html(writer.events)
}

/// Markdown that a cell shows, as HTML. It may come from data: HTML in it is shown as text, but for
/// the tags that only format, and its links lead to pages only. Its headings are no part of the
/// contents.
pub fn render_output(source: &str, highlighter: &Highlighter) -> String {
    let mut writer = Writer::default();
    for event in Parser::new_ext(source, options()) {
        match event {
            // Without the anchors that the page's own headings have.
            Event::Start(Tag::Heading { .. }) | Event::End(TagEnd::Heading(_)) => {
                writer.events.push(event);
            }
            event => {
                writer.write(harmless(event), None, highlighter, &mut Contents::default());
            }
        }
    }
    to_html(writer.events)
}

/// Tags that only format what stands between them.
const FORMATTING: [&str; 16] = [
    "b", "br", "code", "del", "details", "em", "hr", "i", "kbd", "mark", "s", "strong", "sub",
    "summary", "sup", "u",
];

fn harmless(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Html(html) if !is_formatting(&html) => Event::Text(html),
        Event::InlineHtml(html) if !is_formatting(&html) => Event::Text(html),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = page_or_nothing(dest_url);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            let is_picture = dest_url.starts_with("data:image/");
            let dest_url = if is_picture { dest_url } else { page_or_nothing(dest_url) };
            Event::Start(Tag::Image { link_type, dest_url, title, id })
        }
        event => event,
    }
}

/// Whether this is one tag without attributes that only formats.
fn is_formatting(html: &str) -> bool {
    let tag = html.trim().strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    let name = tag.map(|tag| tag.trim_matches('/').trim().to_ascii_lowercase());
    name.is_some_and(|name| FORMATTING.contains(&name.as_str()))
}

/// A link that runs no script.
fn page_or_nothing(url: CowStr<'_>) -> CowStr<'_> {
    let colon = url.find(':').unwrap_or(0);
    let is_relative = url.find(['/', '?', '#']).is_some_and(|other| other < colon) || colon == 0;
    let scheme = url[..colon].to_ascii_lowercase();
    let is_page = ["http", "https", "mailto"].contains(&scheme.as_str());
    if is_relative || is_page { url } else { CowStr::Borrowed("") }
}

fn to_html(events: Vec<Event<'_>>) -> String {
    let mut page = String::new();
    html::push_html(&mut page, events.into_iter());
    page
}

/// What has been read so far.
#[derive(Default)]
struct Writer<'s> {
    events: Vec<Event<'s>>,
    /// The language and the text of the listing that is being read.
    listing: Option<(String, String)>,
    /// The place among the events and the text of the heading that is being read.
    heading: Option<(usize, String)>,
}

impl<'s> Writer<'s> {
    fn write(
        &mut self,
        event: Event<'s>,
        attachments: Option<&Value>,
        highlighter: &Highlighter,
        contents: &mut Contents,
    ) {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                self.listing = Some((language(&kind), String::new()));
            }
            Event::End(TagEnd::CodeBlock) => self.end_listing(highlighter),
            Event::Text(text) if self.listing.is_some() => {
                if let Some((_, code)) = &mut self.listing {
                    code.push_str(&text);
                }
            }
            Event::Start(Tag::Heading { .. }) => {
                self.heading = Some((self.events.len(), String::new()));
                self.events.push(event);
            }
            Event::End(TagEnd::Heading(level)) => {
                self.end_heading(level, contents);
                self.events.push(event);
            }
            event => {
                if let (Some((_, heading)), Some(words)) = (&mut self.heading, words(&event)) {
                    heading.push_str(words);
                }
                self.events.push(translate(event, attachments));
            }
        }
    }

    fn end_listing(&mut self, highlighter: &Highlighter) {
        let Some((language, code)) = self.listing.take() else { return };
        let code = highlighter.highlight(code.trim_end(), &language);
        let html = format!("<pre class=\"listing\"><code>{code}</code></pre>\n");
        self.events.push(Event::Html(html.into()));
    }

    /// Gives the heading its anchor, and a link to itself that can be copied.
    fn end_heading(&mut self, level: HeadingLevel, contents: &mut Contents) {
        let Some((place, text)) = self.heading.take() else { return };
        let inner = self.events.iter().skip(place + 1).filter(|event| !is_link(event)).cloned();
        let anchor = contents.add(level as u8, &text, to_html(inner.collect()));
        if let Some(Event::Start(Tag::Heading { id, .. })) = self.events.get_mut(place) {
            *id = Some(anchor.clone().into());
        }
        let link = format!(
            "<a class=\"anchor\" href=\"#{}\" aria-label=\"Link to this section\">#</a>",
            escape(&anchor)
        );
        self.events.push(Event::InlineHtml(link.into()));
    }
}

/// Links must not stand within the links of the contents.
fn is_link(event: &Event<'_>) -> bool {
    matches!(event, Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link))
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

/// The text that an event adds to a heading.
fn words<'e>(event: &'e Event<'_>) -> Option<&'e str> {
    match event {
        Event::Text(text) | Event::Code(text) | Event::InlineMath(text) => Some(text),
        Event::SoftBreak | Event::HardBreak => Some(" "),
        _ => None,
    }
}

/// The text of the first heading.
pub fn first_heading(source: &str) -> Option<String> {
    let mut events = Parser::new_ext(source, options())
        .skip_while(|event| !matches!(event, Event::Start(Tag::Heading { .. })))
        .peekable();
    events.peek()?;
    let heading: String = events
        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
        .filter_map(|event| words(&event).map(str::to_owned))
        .collect();
    Some(heading).filter(|heading| !heading.trim().is_empty())
}
