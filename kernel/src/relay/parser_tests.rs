use super::*;

fn stdout(text: &str) -> Step {
    Step::Tell(Event::Stdout(text.to_owned()))
}

fn display(forms: &[(&str, &str)]) -> Step {
    let mut bundle = MimeBundle::default();
    for (mime, content) in forms {
        bundle.push((*mime).to_owned(), (*content).to_owned());
    }
    Step::Tell(Event::Display(bundle, None))
}

/// Joins neighbouring texts: where a text is cut does not matter.
fn joined(steps: Vec<Step>) -> Vec<Step> {
    let mut joined: Vec<Step> = Vec::new();
    for step in steps {
        match (joined.last_mut(), step) {
            (Some(Step::Tell(Event::Stdout(text))), Step::Tell(Event::Stdout(more))) => {
                text.push_str(&more);
            }
            (_, step) => joined.push(step),
        }
    }
    joined
}

fn parse(stream: &str, chunk: usize) -> Vec<Step> {
    let mut parser = Parser::default();
    let mut steps: Vec<Step> =
        stream.as_bytes().chunks(chunk).flat_map(|bytes| parser.feed(bytes)).collect();
    steps.extend(parser.finish());
    joined(steps)
}

const STREAM: &str = "épocé 1 µ\rno newline\
    EVCXR_BEGIN_CONTENT text/plain\nplot\nEVCXR_END_CONTENT\n\
    EVCXR_BEGIN_CONTENT image/svg+xml\n<svg>\n</svg>\nEVCXR_END_CONTENT\n\
    EVCXR_BEGIN_CONTENT text/plain\nsecond\nEVCXR_END_CONTENT\n\
    between EVCX\n\
    EVCXR_BEGIN_CONTENT text/html\n<b>1</b>\nEVCXR_END_CONTENT\n\
    EVCXR_BEGIN_CONTENT text/html\n<b>2</b>\nEVCXR_END_CONTENT\n\
    last words\n";

#[test]
fn the_same_steps_come_out_however_the_stream_is_cut() {
    let expected = vec![
        stdout("épocé 1 µ\rno newline"),
        display(&[("text/plain", "plot"), ("image/svg+xml", "<svg>\n</svg>")]),
        display(&[("text/plain", "second")]),
        stdout("between EVCX\n"),
        display(&[("text/html", "<b>1</b>")]),
        display(&[("text/html", "<b>2</b>")]),
        stdout("last words\n"),
    ];
    for chunk in 1..STREAM.len() {
        assert_eq!(parse(STREAM, chunk), expected, "in chunks of {chunk} bytes");
    }
}

#[test]
fn a_partial_line_comes_out_at_once_unless_it_could_begin_a_marker() {
    let mut parser = Parser::default();
    assert_eq!(parser.feed(b"\repoch 3"), [stdout("\repoch 3")]);
    assert_eq!(parser.feed(b" loss EV"), [stdout(" loss ")]);
    assert_eq!(parser.feed(b"ER"), [stdout("EVER")]);
    assert_eq!(parser.feed(b"E"), []);
    assert_eq!(parser.pause(), [stdout("E")]);
}

#[test]
fn a_display_waits_for_its_other_formats_until_a_pause() {
    let mut parser = Parser::default();
    assert_eq!(parser.feed(b"EVCXR_BEGIN_CONTENT text/plain\n1\nEVCXR_END_CONTENT\n"), []);
    assert_eq!(parser.pause(), [display(&[("text/plain", "1")])]);
    assert_eq!(parser.pause(), []);
}

#[test]
fn a_display_that_is_not_closed_is_text_unless_a_panic_has_cut_it() {
    let half = "EVCXR_BEGIN_CONTENT text/html\n<b>half\n";
    assert_eq!(parse(half, 7), [stdout(half)]);
    let mut parser = Parser::default();
    assert_eq!(parser.feed(half.as_bytes()), []);
    parser.give_up_display();
    assert_eq!(parser.finish(), []);
}

#[test]
fn whatever_is_no_display_and_no_question_is_text() {
    for text in [
        "EVCXR_",
        "root=EVCXR_HOME",
        "a_EVCXR_x",
        "EVCXR_FUTURE x\n",
        "EVCXR_EXECUTION_COMPLETE\n",
        "EVCXR_PANIC_NOTIFICATION\nEVCXR_ERROR_OCCURRED\n",
        "EVCXR_VARIABLE_CHANGED_TYPE:a\n",
        "EVCXR_END_CONTENT\n",
        "EVCXR_INPUT_REQUEST",
    ] {
        assert_eq!(parse(text, 4), [stdout(text)]);
    }
}

#[test]
fn a_question_waits_for_who_reads_the_answer() {
    for (word, is_password) in
        [("EVCXR_INPUT_REQUEST", false), ("EVCXR_INPUT_REQUEST_PASSWORD", true)]
    {
        let line = format!("{word}:n");
        let step = Step::Prompt { line: line.clone(), prompt: "n".to_owned(), is_password };
        assert_eq!(parse(&format!("{line}\n"), 4), [step]);
    }
}

#[test]
fn an_empty_content_block_and_content_that_quotes_the_end_marker_survive() {
    let steps = parse(
        "EVCXR_BEGIN_CONTENT text/plain\n\nEVCXR_END_CONTENT\n\
         EVCXR_BEGIN_CONTENT text/html\nsays EVCXR_END_CONTENT\nEVCXR_END_CONTENT\n",
        5,
    );
    let expected = [display(&[("text/plain", ""), ("text/html", "says EVCXR_END_CONTENT")])];
    assert_eq!(steps, expected);
}
