//! What the model library shows in many formats, over real sockets: each test is a transcript.

mod common;
#[path = "common/front_end.rs"]
mod front_end;

use front_end::FrontEnd;
use jupyter_protocol::{JupyterMessageContent as Content, ReplyStatus};
use serde_json::{Value, json};

/// Runs a cell; returns what it published between its number and its end, as messages.
#[track_caller]
fn run(front_end: &mut FrontEnd, code: &str) -> Vec<(String, Value)> {
    let cell = front_end.execute(code);
    let mut published = Vec::new();
    loop {
        let content = front_end.published(&cell);
        if let Content::Status(status) = &content
            && status.execution_state.as_str() == "idle"
        {
            break;
        }
        let kind = content.message_type().to_owned();
        published.push((kind, serde_json::to_value(&content).unwrap()));
    }
    let Content::ExecuteReply(reply) = front_end.reply(&cell) else { panic!("wrong reply") };
    assert_eq!(reply.status, ReplyStatus::Ok, "{:?}", reply.error);
    published.into_iter().filter(|(kind, _)| kind != "status" && kind != "execute_input").collect()
}

/// The kinds of messages.
fn kinds(published: &[(String, Value)]) -> Vec<&str> {
    published.iter().map(|(kind, _)| kind.as_str()).collect()
}

/// The formats of a display.
fn formats(message: &Value) -> Vec<&str> {
    message["data"].as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn every_format_arrives_as_jupyter_wants_it() {
    let mut front_end = FrontEnd::with_library();
    let shown = run(&mut front_end, "display::markdown(\"# a\\n\\nb\")");
    assert_eq!(kinds(&shown), ["execute_result"]);
    let want = json!({"text/plain": "# a\n\nb", "text/markdown": "# a\n\nb"});
    assert_eq!(shown[0].1["data"], want);

    let shown = run(&mut front_end, "display::latex(r\"\\frac{a}{b}\").show();");
    assert_eq!(kinds(&shown), ["display_data"]);
    assert_eq!(shown[0].1["data"]["text/latex"], "$$\\frac{a}{b}$$");

    let code = "use std::collections::BTreeMap;\n\
        let settings = BTreeMap::from([(\"epochs\", vec![1, 2]), (\"seed\", vec![7])]);\n\
        display::json(&settings).with_metadata(\"application/json\", \"expanded\", true)";
    let shown = run(&mut front_end, code);
    assert_eq!(kinds(&shown), ["execute_result"]);
    assert_eq!(shown[0].1["data"]["application/json"], json!({"epochs": [1, 2], "seed": [7]}));
    assert_eq!(shown[0].1["metadata"], json!({"application/json": {"expanded": true}}));

    let code = "display::vega_lite(std::collections::BTreeMap::from([(\"mark\", \"bar\")]))";
    let shown = run(&mut front_end, code);
    assert_eq!(shown[0].1["data"]["text/plain"], "Vega-Lite chart: bar");
    assert_eq!(shown[0].1["data"]["application/vnd.vegalite.v5+json"], json!({"mark": "bar"}));

    let code = "display::MimeBundle::new(\"a face\").with(\"image/jpeg\", vec![0xFF_u8, 0xD8])\n\
        .with(\"application/javascript\", \"1\").with_metadata(\"image/jpeg\", \"width\", 30).show();";
    let shown = run(&mut front_end, code);
    assert_eq!(kinds(&shown), ["display_data"]);
    let want = json!({"text/plain": "a face", "image/jpeg": "/9g=", "application/javascript": "1"});
    assert_eq!(shown[0].1["data"], want);
    assert_eq!(shown[0].1["metadata"], json!({"image/jpeg": {"width": 30}}));
    front_end.assert_nothing_unread();
}

#[test]
fn a_live_display_takes_anything_that_can_be_shown() {
    let mut front_end = FrontEnd::with_library();
    let code = "let mut live = display::Live::new();\n\
        let array = ndarray::array![[1.0, 2.0]];\n\
        live.show(&array);\n\
        live.show(display::json([1]).with_metadata(\"application/json\", \"expanded\", true));";
    let shown = run(&mut front_end, code);
    assert_eq!(kinds(&shown), ["display_data", "update_display_data"]);
    assert!(formats(&shown[0].1).contains(&"text/html"));
    assert_eq!(shown[1].1["data"]["application/json"], json!([1]));
    assert_eq!(shown[1].1["metadata"], json!({"application/json": {"expanded": true}}));
    front_end.assert_nothing_unread();
}

#[test]
fn what_a_type_shows_of_itself_is_the_result_of_the_cell() {
    let mut front_end = FrontEnd::with_library();
    let types = r##"#[derive(Debug, Clone)] pub struct Markers;
impl Markers {
    pub fn evcxr_display(&self) {
        println!("EVCXR_BEGIN_CONTENT text/html\n<b>7</b>\nEVCXR_END_CONTENT");
        println!("EVCXR_BEGIN_CONTENT image/png\nAAAA\nEVCXR_END_CONTENT");
    }
}
#[derive(Debug, Clone)] pub struct Library;
impl Library {
    pub fn evcxr_display(&self) { display::markdown("*7*").emit(); }
}
#[derive(Debug, Clone)] pub struct Several;
impl Several {
    pub fn evcxr_display(&self) {
        println!("drawing");
        println!("EVCXR_BEGIN_CONTENT text/html\n1\nEVCXR_END_CONTENT");
        println!("EVCXR_BEGIN_CONTENT text/html\n2\nEVCXR_END_CONTENT");
    }
}
#[derive(Debug, Clone)] pub struct Nothing;
impl Nothing { pub fn evcxr_display(&self) {} }"##;
    assert!(run(&mut front_end, types).is_empty());

    let shown = run(&mut front_end, "Markers");
    assert_eq!(kinds(&shown), ["execute_result"]);
    assert_eq!(shown[0].1["data"], json!({"text/html": "<b>7</b>", "image/png": "AAAA"}));
    let shown = run(&mut front_end, "println!(\"a\");\nLibrary");
    assert_eq!(kinds(&shown), ["stream", "execute_result"]);
    assert_eq!(shown[1].1["data"]["text/markdown"], "*7*");
    let shown = run(&mut front_end, "Several");
    assert_eq!(kinds(&shown), ["stream", "execute_result", "display_data"]);
    assert_eq!(shown[1].1["data"], json!({"text/html": "1"}));
    assert_eq!(shown[2].1["data"], json!({"text/html": "2"}));
    assert!(run(&mut front_end, "Nothing").is_empty());

    // In the middle of a cell it is a display, also when it is the same method.
    let shown = run(&mut front_end, "Markers.evcxr_display();\n7");
    assert_eq!(kinds(&shown), ["display_data", "execute_result"]);
    assert_eq!(shown[1].1["data"], json!({"text/plain": "7"}));
    front_end.assert_nothing_unread();
}

/// As a type's own display does, but without the library: the channel names the value.
#[test]
fn markers_between_the_messages_of_a_value_are_the_result_in_their_place() {
    let mut front_end = FrontEnd::start();
    let code = r##"use std::io::{BufRead, BufReader, Write};
let socket = std::os::unix::net::UnixStream::connect(std::env::var("ELBO_DISPLAY")?)?;
let mut socket = BufReader::new(socket);
let mut tell = |line: &str| {
    writeln!(socket.get_mut(), "{line}")?;
    socket.read_line(&mut String::new())
};
println!("EVCXR_BEGIN_CONTENT text/html\n<b>1</b>\nEVCXR_END_CONTENT");
tell("\"begin_value\"")?;
println!("EVCXR_BEGIN_CONTENT text/plain\n2\nEVCXR_END_CONTENT");
println!("EVCXR_BEGIN_CONTENT application/json\n[2]\nEVCXR_END_CONTENT");
tell("\"end_value\"")?;
println!("EVCXR_BEGIN_CONTENT text/html\n<b>3</b>\nEVCXR_END_CONTENT");"##;
    let shown = run(&mut front_end, code);
    assert_eq!(kinds(&shown), ["display_data", "execute_result", "display_data"]);
    assert_eq!(shown[0].1["data"], json!({"text/html": "<b>1</b>"}));
    assert_eq!(shown[1].1["data"], json!({"text/plain": "2", "application/json": [2]}));
    assert_eq!(shown[2].1["data"], json!({"text/html": "<b>3</b>"}));
    front_end.assert_nothing_unread();
}

#[test]
fn lists_of_numbers_take_few_lines() {
    let mut front_end = FrontEnd::with_library();
    let text = |shown: Vec<(String, Value)>| {
        assert_eq!(kinds(&shown), ["execute_result"]);
        shown[0].1["data"]["text/plain"].as_str().unwrap().to_owned()
    };
    let said = text(run(&mut front_end, "(0..100).collect::<Vec<i32>>()"));
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 7, "{said}");
    assert!(lines[1].starts_with("    0, 1, 2, ") && lines[1].len() <= 100, "{said}");
    let said = text(run(&mut front_end, "vec![1.5_f64; 10_000_000]"));
    assert!(said.contains("… 9,999,000 values left out …"), "{} bytes", said.len());
    assert!(said.len() < 10_000, "{} bytes", said.len());
    let said = text(run(&mut front_end, "vec![vec![1.0; 4]; 30]"));
    assert_eq!(said.lines().nth(1), Some("    [1.0, 1.0, 1.0, 1.0],"));
}
