//! Answers that need nothing but the question.

use std::sync::OnceLock;

use jupyter_protocol::{
    CodeMirrorMode, CommInfoReply, CompleteReply, CompleteRequest, HelpLink, InspectReply,
    IsCompleteReply, JupyterMessageContent as Content, KernelInfoReply, LanguageInfo, ReplyStatus,
};
use serde_json::{Value, json};

use super::executor::Handle;
use super::inbox::unknown;
use super::positions::{byte_offset, character_offset};
use crate::engine::{Completeness, Completion, complete_words, completeness};

/// The answer, if there is one that does not need the engine. While a cell runs, completions are
/// the names that are known by then.
pub fn immediate(question: &Content, executor: &Handle) -> Option<Content> {
    match question {
        Content::KernelInfoRequest(_) => Some(with_features(kernel_info())),
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
        protocol_version: "5.5".to_owned(),
        implementation: crate::KERNEL_NAME.to_owned(),
        implementation_version: version.to_owned(),
        language_info: LanguageInfo {
            name: "rust".to_owned(),
            version: rust_version().to_owned(),
            mimetype: Some("text/x-rust".to_owned()),
            file_extension: Some(".rs".to_owned()),
            pygments_lexer: Some("rust".to_owned()),
            codemirror_mode: Some(CodeMirrorMode::Simple("rust".to_owned())),
            // A name would be that of an exporter for Rust, which there is not; the one for scripts
            // does well without.
            nbconvert_exporter: None,
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

/// The answer with what this kernel can do beyond the protocol's core: neither debugging nor
/// subshells.
fn with_features(info: KernelInfoReply) -> Content {
    let mut content = serde_json::to_value(info).unwrap_or_default();
    content["supported_features"] = json!([]);
    unknown("kernel_info_reply", content)
}

/// The version of the compiler, which is asked once.
pub fn rust_version() -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let said = std::process::Command::new("rustc").arg("--version").output();
        let text = said.ok().and_then(|said| String::from_utf8(said.stdout).ok());
        let number = text.as_deref().and_then(|text| text.split(' ').nth(1));
        number.unwrap_or_default().to_owned()
    })
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
