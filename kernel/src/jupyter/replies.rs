//! Answers that need nothing but the question.

use jupyter_protocol::{
    CodeMirrorMode, CommInfoReply, CompleteReply, CompleteRequest, HelpLink, InspectReply,
    IsCompleteReply, JupyterMessageContent as Content, KernelInfoReply, LanguageInfo, ReplyStatus,
};
use serde_json::{Value, json};

use super::executor::Handle;
use super::positions::{byte_offset, character_offset};
use crate::engine::{Completeness, Completion, complete_words, completeness};

/// The answer, if there is one that does not need the engine. While a cell runs, completions are
/// the names that are known by then.
pub fn immediate(question: &Content, executor: &Handle) -> Option<Content> {
    match question {
        Content::KernelInfoRequest(_) => Some(kernel_info().into()),
        Content::IsCompleteRequest(request) => Some(is_complete(&request.code).into()),
        Content::CommInfoRequest(_) => Some(CommInfoReply::default().into()),
        Content::HistoryRequest(request) => Some(executor.history().answer(request).into()),
        Content::CompleteRequest(CompleteRequest { code, cursor_pos }) => {
            let found = complete_words(code, byte_offset(code, *cursor_pos), &executor.names());
            Some(completions(code, &found).into())
        }
        Content::InspectRequest(_) => Some(InspectReply::default().into()),
        _ => None,
    }
}

/// The answer to a request for completions. The kinds go where front ends look for them.
pub fn completions(code: &str, found: &Completion) -> CompleteReply {
    let (start, end) = (character_offset(code, found.start), character_offset(code, found.end));
    let kinds = found.matches.iter().map(|item| {
        json!({ "start": start, "end": end, "text": item.text, "type": item.kind,
                "signature": item.signature })
    });
    let kinds = Value::Array(kinds.collect());
    CompleteReply {
        matches: found.matches.iter().map(|item| item.text.clone()).collect(),
        cursor_start: start,
        cursor_end: end,
        metadata: [("_jupyter_types_experimental".to_owned(), kinds)].into_iter().collect(),
        ..CompleteReply::default()
    }
}

fn kernel_info() -> KernelInfoReply {
    let version = env!("CARGO_PKG_VERSION");
    KernelInfoReply {
        status: ReplyStatus::Ok,
        protocol_version: "5.4".to_owned(),
        implementation: crate::KERNEL_NAME.to_owned(),
        implementation_version: version.to_owned(),
        language_info: LanguageInfo {
            name: "rust".to_owned(),
            version: String::new(),
            mimetype: Some("text/x-rust".to_owned()),
            file_extension: Some(".rs".to_owned()),
            pygments_lexer: Some("rust".to_owned()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".to_owned())),
            nbconvert_exporter: Some("rust".to_owned()),
        },
        banner: format!("elbo {version}: latent-variable models in Rust"),
        help_links: vec![HelpLink {
            text: "The Rust standard library".to_owned(),
            url: "https://doc.rust-lang.org/std/".to_owned(),
        }],
        debugger: false,
        error: None,
    }
}

fn is_complete(code: &str) -> IsCompleteReply {
    match completeness(code) {
        Completeness::Complete => IsCompleteReply::complete(),
        Completeness::Incomplete => IsCompleteReply::incomplete(indent(code)),
        Completeness::Invalid => IsCompleteReply::invalid(),
    }
}

/// How far the next line should be indented: as the last one, or further after a bracket.
fn indent(code: &str) -> String {
    let line = code.lines().last().unwrap_or_default();
    let own = &line[..line.len() - line.trim_start().len()];
    let opens = line.trim_end().ends_with(['{', '(', '[']);
    format!("{own}{}", if opens { "    " } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_line_is_indented_after_an_open_bracket() {
        assert_eq!(indent("fn f() {"), "    ");
        assert_eq!(indent("if a {\n    b(1,"), "    ");
        assert_eq!(indent("if a {\n    g(\n"), "        ");
    }
}
