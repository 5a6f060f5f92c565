//! Completions and documentation, with the library: what they know, and that nobody waits for them who
//! has not asked.

mod common;
#[path = "common/front_end.rs"]
mod front_end;
#[cfg(target_os = "linux")]
#[path = "common/processes.rs"]
mod processes;

use std::time::{Duration, Instant};

use front_end::FrontEnd;
use jupyter_protocol::{
    CompleteRequest, InspectRequest, InterruptRequest, JupyterMessage,
    JupyterMessageContent as Content,
};
#[cfg(target_os = "linux")]
use processes::{below, memory};

/// Asks what could stand at the end of a cell.
fn ask(front_end: &mut FrontEnd, code: &str) -> JupyterMessage {
    front_end.send(CompleteRequest { code: code.to_owned(), cursor_pos: code.chars().count() })
}

#[track_caller]
fn matches(content: Content) -> Vec<String> {
    match content {
        Content::CompleteReply(reply) => reply.matches,
        other => panic!("not a complete_reply: {other:?}"),
    }
}

#[track_caller]
fn complete(front_end: &mut FrontEnd, code: &str) -> Vec<String> {
    let question = ask(front_end, code);
    let found = matches(front_end.reply(&question));
    front_end.until(&question, "idle");
    found
}

#[track_caller]
fn document(front_end: &mut FrontEnd, code: &str) -> String {
    let question = InspectRequest {
        code: code.to_owned(),
        cursor_pos: code.chars().count(),
        detail_level: Some(0),
    };
    let question = front_end.send(question);
    let Content::InspectReply(reply) = front_end.reply(&question) else { panic!("wrong reply") };
    front_end.until(&question, "idle");
    let data = serde_json::to_value(&reply.data).unwrap();
    data["text/plain"].as_str().unwrap_or_default().to_owned()
}

fn has(found: &[String], beginning: &str) -> bool {
    found.iter().any(|name| name.starts_with(beginning))
}

#[test]
fn a_cell_does_not_wait_for_the_sources_and_a_stop_ends_their_reading() {
    let mut front_end = FrontEnd::with_library();
    front_end.run("let vae = Vae::<784, 2>::params().hidden([16]).build()?;");
    let question = ask(&mut front_end, "vae.ev");
    let cell = front_end.execute("let sum = 1 + 1;");
    // The cell is answered first, and with it the ones that follow.
    front_end.reply(&cell);
    let cell = front_end.execute("sum");
    front_end.reply(&cell);
    assert!(has(&matches(front_end.reply(&question)), "evidence"));
    front_end.until(&question, "idle");

    let mut other = FrontEnd::with_library();
    other.run("let vanilla = 1;");
    let question = ask(&mut other, "van");
    std::thread::sleep(Duration::from_millis(700));
    let stopped = Instant::now();
    let interrupt = other.send_control(InterruptRequest {});
    other.control_reply(&interrupt);
    // What is known without the sources is told all the same.
    assert_eq!(matches(other.reply(&question)), ["vanilla"]);
    assert!(stopped.elapsed() < Duration::from_secs(3), "{:?}", stopped.elapsed());
    other.until(&question, "idle");
    assert!(has(&complete(&mut other, "vanilla.wrapping_"), "wrapping_add"));
    // A stop between cells harms none of the next.
    assert_eq!(other.run("assert_eq!(vanilla, 1);"), [""; 0]);
}

#[test]
fn what_cells_have_defined_is_known_and_in_its_last_version() {
    let mut front_end = FrontEnd::with_library();
    front_end.run("use std::collections::BTreeMap;\n/// A place.\nstruct Point { x: f64, y: f64 }");
    front_end.run("impl Point {\n    /// How far it is.\n    fn norm(&self) -> f64 { self.x.hypot(self.y) }\n}");
    front_end.run(
        "let point = Point { x: 1.0, y: 2.0 };\nlet mut places = BTreeMap::from([(1, point)]);",
    );
    assert!(has(&complete(&mut front_end, "places.first_k"), "first_key_value"));
    assert!(has(&complete(&mut front_end, "places[&1].no"), "norm"));
    assert!(document(&mut front_end, "places[&1].norm(").contains("How far it is."));
    assert!(document(&mut front_end, "Point").contains("A place."));
    front_end.run("impl Point {\n    /// How long it is.\n    fn norm(&self) -> f64 { 0.0 }\n}");
    assert!(document(&mut front_end, "places[&1].norm(").contains("How long it is."));
    // Of the library, and of crates at hand.
    assert!(document(&mut front_end, "Vae").contains("autoencoder"));
    assert!(has(&complete(&mut front_end, "ndarray::Array2::<f64>::zer"), "zeros"));
    // A cell that only asks.
    let words = front_end.run("?places");
    assert!(words[0].starts_with("result"), "{words:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_session_that_nobody_asks_for_completions_is_small_and_stays_so_after_a_flood() {
    let mut front_end = FrontEnd::with_library();
    front_end.run("let vae = Vae::<784, 2>::params().hidden([16]).build()?;");
    front_end.run("for i in 0..200_000 { println!(\"{i} and some text behind it\"); }");
    std::thread::sleep(Duration::from_secs(3));
    let kernel = front_end.kernel.id();
    let used = memory(kernel) + below(kernel).into_iter().map(memory).sum::<u64>();
    println!("{used} MB");
    assert!(used < 150, "{used} MB");
}
