//! Turns the relay's events into outputs, and finds out how the cell ended.

use std::time::{Duration, Instant};

use super::{CellError, FrontEnd, Output};
use crate::relay::{Event, MimeBundle};

/// How long text on standard error may turn out to be the message of a panic.
const HOLD: Duration = Duration::from_millis(60);
/// How much of the text already shown is kept, for messages that took longer.
const RECENT: usize = 8 * 1024;

/// What one cell has done so far.
#[derive(Default)]
pub struct Outcome {
    held: String,
    held_since: Option<Instant>,
    recent: String,
    panicked: Option<String>,
    returned: Option<String>,
    skipped: bool,
    /// What the last expression has shown of itself, while it does so.
    value: Option<MimeBundle>,
}

impl Outcome {
    /// Takes the next event and passes on what the user should see.
    pub fn take(&mut self, event: Event, front_end: &mut dyn FrontEnd) {
        match event {
            Event::Stderr(text) => self.hold(&text, front_end),
            Event::Stdout(text) => {
                self.release(front_end);
                front_end.show(Output::Stdout(text));
            }
            Event::Display(bundle, None) if self.value.is_some() => {
                self.release_text(front_end);
                self.add_to_value(bundle, front_end);
            }
            Event::Display(bundle, id) => {
                self.release(front_end);
                if id.is_some() || !is_unit(&bundle) {
                    front_end.show(Output::Display { bundle, id });
                }
            }
            Event::BeginValue => self.value = Some(MimeBundle::default()),
            Event::EndValue => {
                self.release(front_end);
                self.value = None;
            }
            Event::Update(bundle, id) => {
                self.release(front_end);
                front_end.show(Output::Update { bundle, id });
            }
            Event::Value(bundle) => {
                self.release(front_end);
                front_end.show(Output::Value(bundle));
            }
            Event::Clear { wait } => {
                self.release(front_end);
                front_end.show(Output::Clear { wait });
            }
            // Asked by the session, which knows where the answer goes; what was said before must
            // be seen by then.
            Event::Ask { .. } => self.release(front_end),
            Event::Panicked => self.panicked = Some(self.take_message(front_end)),
            Event::Failed { message, .. } => {
                self.release(front_end);
                self.returned = Some(message);
            }
            // The session's business.
            Event::Changed(_) => {}
            Event::Skipped => self.skipped = true,
            Event::Complete => self.release(front_end),
        }
    }

    /// Shows text on standard error, but for what may be the message of a panic. Another thread's panic
    /// does not end the cell, so that is not held for long either.
    fn hold(&mut self, text: &str, front_end: &mut dyn FrontEnd) {
        self.pause(front_end);
        if !self.held.is_empty() {
            return self.held.push_str(text);
        }
        let (mut shown, held) = text.split_at(panic_start(text).unwrap_or(text.len()));
        if !held.is_empty() {
            self.held.push_str(held);
            self.held_since = Some(Instant::now());
            // The message of a panic begins with an empty line.
            shown = shown.strip_suffix('\n').filter(|rest| ends_line(rest)).unwrap_or(shown);
        }
        if !shown.is_empty() {
            front_end.show(Output::Stderr(shown.to_owned()));
        }
    }

    /// Called when nothing has come for a while.
    pub fn pause(&mut self, front_end: &mut dyn FrontEnd) {
        if self.held_since.is_some_and(|since| since.elapsed() > HOLD) {
            self.release(front_end);
        }
    }

    /// Shows what is still held back and tells how the cell ended.
    pub fn finish(mut self, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        self.release(front_end);
        if self.skipped {
            return Err(CellError::Interrupted);
        }
        if let Some(text) = self.panicked {
            return Err(panic_error(&text));
        }
        self.returned
            .map_or(Ok(()), |text| Err(CellError::Returned { message: text.trim_end().to_owned() }))
    }

    /// Adds a display to the value. What the value cannot hold beside what it has comes behind it, as
    /// a display.
    fn add_to_value(&mut self, bundle: MimeBundle, front_end: &mut dyn FrontEnd) {
        let Some(value) = &mut self.value else { return };
        if let Err(bundle) = value.join(bundle) {
            self.release(front_end);
            front_end.show(Output::Display { bundle, id: None });
        }
    }

    /// Shows what is held back.
    fn release(&mut self, front_end: &mut dyn FrontEnd) {
        // A cell has one value: what the expression shows behind it are displays.
        if let Some(value) = self.value.take_if(|value| !value.is_empty()) {
            front_end.show(Output::Value(value));
        }
        self.release_text(front_end);
    }

    fn release_text(&mut self, front_end: &mut dyn FrontEnd) {
        self.held_since = None;
        if self.held.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.held);
        self.remember(&text);
        front_end.show(Output::Stderr(text));
    }

    fn remember(&mut self, text: &str) {
        self.recent.push_str(text);
        let surplus = self.recent.len().saturating_sub(RECENT);
        let cut = (surplus..=self.recent.len()).find(|&at| self.recent.is_char_boundary(at));
        self.recent.drain(..cut.unwrap_or(0));
    }

    /// The message of the panic that has just been told.
    fn take_message(&mut self, front_end: &mut dyn FrontEnd) -> String {
        self.held_since = None;
        if self.held.is_empty() {
            return std::mem::take(&mut self.recent);
        }
        let message = self.held.split_off(panic_start(&self.held).unwrap_or(0));
        let before = std::mem::take(&mut self.held);
        if !before.is_empty() {
            front_end.show(Output::Stderr(before));
        }
        message
    }
}

fn ends_line(text: &str) -> bool {
    text.is_empty() || text.ends_with('\n')
}

/// evcxr shows the value of every last expression, also of one that has none.
fn is_unit(bundle: &MimeBundle) -> bool {
    bundle.len() == 1 && bundle.get("text/plain") == Some("()")
}

/// Where the last panic message begins.
fn panic_start(text: &str) -> Option<usize> {
    let is_start = |line: &str| line.starts_with("thread '") && line.contains(" panicked at ");
    let mut at = 0;
    let mut start = None;
    for line in text.split_inclusive('\n') {
        if is_start(line) {
            start = Some(at);
        }
        at += line.len();
    }
    start
}

/// Takes the standard library's panic text apart: the place, then the message.
fn panic_error(text: &str) -> CellError {
    let text = &text[panic_start(text).unwrap_or(0)..];
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    let Some((_, place)) = head.split_once(" panicked at ") else {
        return CellError::Panic { message: text.trim().to_owned(), place: None };
    };
    let lines = body.lines().filter(|line| !line.starts_with("note: run with `RUST_BACKTRACE"));
    let message = lines.collect::<Vec<_>>().join("\n").trim_end().to_owned();
    CellError::Panic { message, place: Some(place.trim_end_matches(':').to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn play(events: Vec<Event>) -> (Vec<Output>, Result<(), CellError>) {
        let mut shown = Vec::new();
        let mut outcome = Outcome::default();
        for event in events {
            outcome.take(event, &mut |output: Output| shown.push(output));
        }
        let result = outcome.finish(&mut |output: Output| shown.push(output));
        (shown, result)
    }

    #[test]
    fn a_panic_takes_its_own_lines_from_standard_error_and_leaves_the_others() {
        let text = "careful\n\nthread '<unnamed>' (7) panicked at src/lib.rs:12:5:\nno row 3\nin 2\n\
                    note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n";
        let (shown, result) =
            play(vec![Event::Stderr(text.into()), Event::Panicked, Event::Complete]);
        assert_eq!(shown, [Output::Stderr("careful\n".into())]);
        let expected = CellError::Panic {
            message: "no row 3\nin 2".into(),
            place: Some("src/lib.rs:12:5".into()),
        };
        assert_eq!(result, Err(expected));
    }

    #[test]
    fn the_error_of_a_question_mark_is_no_text_of_the_cell() {
        let (shown, result) = play(vec![
            Event::Stdout("a".into()),
            Event::Stderr("careful\n".into()),
            Event::Failed { message: "no such file".into(), kept: None },
            Event::Complete,
        ]);
        assert_eq!(shown, [Output::Stdout("a".into()), Output::Stderr("careful\n".into())]);
        assert_eq!(result, Err(CellError::Returned { message: "no such file".into() }));
    }

    #[test]
    fn text_on_standard_error_is_shown_as_it_comes() {
        let mut shown = Vec::new();
        let mut outcome = Outcome::default();
        let mut take = |text: &str, shown: &mut Vec<Output>| {
            let event = Event::Stderr(text.to_owned());
            outcome.take(event, &mut |output: Output| shown.push(output));
        };
        take("1\n", &mut shown);
        take("2\n", &mut shown);
        assert_eq!(shown, [Output::Stderr("1\n".into()), Output::Stderr("2\n".into())]);
        // Another thread's panic does not end the cell.
        take("3\n\nthread 'other' (7) panicked at src/lib.rs:1:1:\nno\n", &mut shown);
        assert_eq!(shown[2..], [Output::Stderr("3\n".into())]);
        std::thread::sleep(2 * HOLD);
        take("4\n", &mut shown);
        assert_eq!(shown.len(), 5);
        assert_eq!(shown[4], Output::Stderr("4\n".into()));
    }

    #[test]
    fn other_text_on_standard_error_keeps_its_place() {
        let (shown, result) = play(vec![
            Event::Stderr("1\n".into()),
            Event::Stdout("2\n".into()),
            Event::Stderr("3\n".into()),
            Event::Complete,
        ]);
        let expected = [
            Output::Stderr("1\n".into()),
            Output::Stdout("2\n".into()),
            Output::Stderr("3\n".into()),
        ];
        assert_eq!(shown, expected);
        assert_eq!(result, Ok(()));
    }

    #[test]
    fn a_last_expression_without_a_value_shows_nothing() {
        let (shown, _) = play(vec![Event::Display(MimeBundle::text("()"), None), Event::Complete]);
        assert_eq!(shown, []);
    }

    fn html(text: &str) -> MimeBundle {
        let mut bundle = MimeBundle::default();
        bundle.push("text/html".to_owned(), text.to_owned());
        bundle
    }

    #[test]
    fn what_an_expression_shows_of_itself_is_the_value_of_the_cell() {
        let (shown, _) = play(vec![
            Event::Display(html("before"), None),
            Event::BeginValue,
            Event::Stdout("drawing\n".into()),
            Event::Display(html("<b>1</b>"), None),
            Event::Display(MimeBundle::text("1"), None),
            Event::EndValue,
            Event::Display(html("after"), None),
            Event::Complete,
        ]);
        let mut value = html("<b>1</b>");
        value.join(MimeBundle::text("1")).unwrap();
        let display = |text| Output::Display { bundle: html(text), id: None };
        let expected = [
            display("before"),
            Output::Stdout("drawing\n".into()),
            Output::Value(value),
            display("after"),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_cell_has_one_value_and_what_comes_behind_it_keeps_its_place() {
        let (shown, _) = play(vec![
            Event::BeginValue,
            Event::Display(html("1"), None),
            Event::Display(html("2"), None),
            Event::Stdout("text".into()),
            Event::Display(html("3"), Some("live".into())),
            Event::EndValue,
            Event::Complete,
        ]);
        let expected = [
            Output::Value(html("1")),
            Output::Display { bundle: html("2"), id: None },
            Output::Stdout("text".into()),
            Output::Display { bundle: html("3"), id: Some("live".into()) },
        ];
        assert_eq!(shown, expected);

        let (shown, _) = play(vec![
            Event::BeginValue,
            Event::Display(html("1"), None),
            Event::Stdout("text".into()),
            Event::Display(html("2"), None),
            Event::Panicked,
            Event::Complete,
        ]);
        let expected = [
            Output::Value(html("1")),
            Output::Stdout("text".into()),
            Output::Display { bundle: html("2"), id: None },
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_method_that_shows_nothing_leaves_no_value() {
        let events = vec![Event::BeginValue, Event::Stdout("x".into()), Event::EndValue];
        assert_eq!(play(events).0, [Output::Stdout("x".into())]);
        let (shown, _) = play(vec![Event::BeginValue, Event::EndValue, Event::Complete]);
        assert_eq!(shown, []);
        // A panic within the method ends the cell before the method has ended.
        let half = vec![Event::BeginValue, Event::Display(html("1"), None), Event::Panicked];
        let (shown, result) = play(half);
        assert_eq!(shown, [Output::Value(html("1"))]);
        assert!(matches!(result, Err(CellError::Panic { .. })));
    }
}
