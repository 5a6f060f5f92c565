//! Checked on the screen of an emulated terminal (the crate `vt100`).

use std::num::NonZero;
use std::thread::sleep;

use base64::Engine as _;

use super::*;

const ROWS: NonZero<u16> = NonZero::new(8).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(20).unwrap();
const SIZE: Size = Size { columns: 20, rows: 8, cell: (10, 20) };

fn screen() -> Screen<Vec<u8>> {
    Screen::new(Vec::new(), Pictures::as_blocks(), || SIZE)
}

/// The terminal after everything that was written.
fn terminal(screen: &Screen<Vec<u8>>) -> vt100::Parser {
    let mut terminal = vt100::Parser::new(ROWS, COLUMNS, 100);
    // What the terminal's driver does with line ends.
    let text = String::from_utf8(screen.out.clone()).unwrap().replace('\n', "\r\n");
    terminal.process(text.as_bytes());
    terminal
}

fn contents(screen: &Screen<Vec<u8>>) -> String {
    terminal(screen).screen().contents()
}

fn display(text: &str, id: &str) -> Output {
    Output::Display { bundle: MimeBundle::text(text), id: Some(id.to_owned()) }
}

fn update(text: &str, id: &str) -> Output {
    Output::Update { bundle: MimeBundle::text(text), id: id.to_owned() }
}

fn stdout(text: &str) -> Output {
    Output::Stdout(text.to_owned())
}

fn square(colour: [u8; 3]) -> MimeBundle {
    let image = image::RgbImage::from_pixel(4, 4, image::Rgb(colour));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let mut bundle = MimeBundle::text("a square");
    bundle
        .push("image/png".to_owned(), base64::prelude::BASE64_STANDARD.encode(bytes.into_inner()));
    bundle
}

#[test]
fn a_value_begins_a_line_and_so_does_what_follows_a_cell() {
    let mut screen = screen();
    screen.show(stdout("a\nb")).unwrap();
    screen.show(Output::Value(MimeBundle::text("c"))).unwrap();
    screen.show(stdout("d")).unwrap();
    screen.end_cell().unwrap();
    screen.line("e").unwrap();
    assert_eq!(contents(&screen), "a\nb\nc\nd\ne");
}

#[test]
fn an_update_is_drawn_in_place_also_when_its_text_wraps_or_shrinks() {
    let mut screen = screen();
    screen.show(stdout("above\n")).unwrap();
    screen.show(display("first\nsecond, which is longer than a line", "a")).unwrap();
    screen.show(update("one", "a")).unwrap();
    sleep(PACE);
    screen.tick().unwrap();
    assert_eq!(contents(&screen), "above\none");
    screen.show(update("x\ny\nz", "a")).unwrap();
    screen.end_cell().unwrap();
    assert_eq!(contents(&screen), "above\nx\ny\nz");
}

#[test]
fn many_updates_are_drawn_at_most_ten_times_a_second_and_the_last_one_always() {
    let mut screen = screen();
    screen.show(display("0", "a")).unwrap();
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < Duration::from_millis(350) {
        count += 1;
        screen.show(update(&count.to_string(), "a")).unwrap();
        sleep(Duration::from_millis(1));
    }
    let elapsed = begun.elapsed();
    screen.end_cell().unwrap();
    let written = String::from_utf8(screen.out.clone()).unwrap();
    let redraws = written.matches(BEGIN_UPDATE).count();
    // One for each full tenth of a second, and the last one; three tenths have passed at least.
    let most = (elapsed.as_millis() / 100) as usize + 1;
    assert!((3..=most).contains(&redraws), "{redraws} redraws in {elapsed:?}");
    assert_eq!(contents(&screen), count.to_string());
}

#[test]
fn a_display_further_up_is_shown_anew_at_the_end_of_the_cell_only() {
    let mut screen = screen();
    screen.show(display("old", "a")).unwrap();
    screen.show(stdout("text\n")).unwrap();
    screen.show(update("newer", "a")).unwrap();
    screen.show(update("newest", "a")).unwrap();
    assert_eq!(contents(&screen), "old\ntext");
    screen.end_cell().unwrap();
    assert_eq!(contents(&screen), "old\ntext\nnewest");
}

#[test]
fn a_display_taller_than_the_screen_is_not_drawn_over() {
    let tall = |letter: &str| [letter; 10].join("\n");
    let mut screen = screen();
    screen.show(display(&tall("a"), "d")).unwrap();
    screen.show(update(&tall("b"), "d")).unwrap();
    screen.show(update(&tall("c"), "d")).unwrap();
    screen.end_cell().unwrap();
    let written = String::from_utf8(screen.out.clone()).unwrap();
    let count = |letter| written.matches(letter).count();
    assert_eq!((count('a'), count('b'), count('c')), (10, 0, 10));
    assert!(!written.contains(BEGIN_UPDATE));
}

#[test]
fn a_clear_takes_the_last_display_away_and_a_waiting_one_exchanges_it() {
    let mut screen = screen();
    screen.show(display("one\ntwo", "a")).unwrap();
    screen.show(Output::Clear { wait: true }).unwrap();
    assert_eq!(contents(&screen), "one\ntwo");
    screen.show(Output::Display { bundle: MimeBundle::text("three"), id: None }).unwrap();
    screen.end_cell().unwrap();
    assert_eq!(contents(&screen), "three");
    screen.show(stdout("half a l")).unwrap();
    screen.show(Output::Clear { wait: false }).unwrap();
    screen.show(stdout("line")).unwrap();
    assert_eq!(contents(&screen), "three\nline");
}

#[test]
fn a_picture_is_drawn_over_its_former_self() {
    let mut screen = screen();
    screen.show(Output::Display { bundle: square([255, 0, 0]), id: Some("p".into()) }).unwrap();
    screen.show(Output::Update { bundle: square([0, 0, 255]), id: "p".into() }).unwrap();
    screen.end_cell().unwrap();
    screen.line("below").unwrap();
    let terminal = terminal(&screen);
    assert_eq!(terminal.screen().contents(), "▀▀▀▀\n▀▀▀▀\nbelow");
    let cell = terminal.screen().cell(1, 3).unwrap();
    assert_eq!(cell.fgcolor(), vt100::Color::Rgb(0, 0, 255));
    assert_eq!(cell.bgcolor(), vt100::Color::Rgb(0, 0, 255));
}

#[test]
fn what_is_no_picture_is_shown_as_text_and_what_has_none_is_named() {
    let only = |mime: &str, content: &str| {
        let mut bundle = MimeBundle::default();
        bundle.push(mime.to_owned(), content.to_owned());
        let mut screen = screen();
        screen.show(Output::Value(bundle)).unwrap();
        contents(&screen)
    };
    for (mime, source) in [
        ("text/html", "<b>1</b>"),
        ("text/markdown", "# a\n\n- b"),
        ("text/latex", "$x^2$"),
        ("image/svg+xml", "(image/svg+xml: a te"),
    ] {
        assert!(only(mime, source).starts_with(source), "{}", only(mime, source));
    }
    assert_eq!(only("application/json", "{\"a\":[1]}"), "{\n  \"a\": [\n    1\n  ]\n}");
    assert_eq!(
        only("image/png", "AAAA").replace('\n', ""),
        "(image/png: a terminal cannot show this)"
    );
}

#[test]
fn lines_of_progress_move() {
    let mut screen = screen();
    for step in 1..=3 {
        screen.show(stdout(&format!("\rstep {step}"))).unwrap();
    }
    screen.end_cell().unwrap();
    screen.line("done").unwrap();
    assert_eq!(contents(&screen), "step 3\ndone");
}
