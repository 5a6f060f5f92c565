//! `elbo repl` from end to end, without the model library.

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::io::Write;
use std::process::{Output, Stdio};

use base64::Engine as _;
use common::{elbo, stderr};
use terminal::Terminal;

fn state() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_cell_runs_when_it_is_complete_and_its_names_stay() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    // One can type while the session is being started.
    terminal.see("starting the session");
    terminal.send("fn twice(n: i32) -> i32 {");
    terminal.see("i32 {");
    terminal.wait("the colour of `fn`", |screen| {
        screen.cell(1, 5).is_some_and(|cell| cell.fgcolor() == vt100::Color::Idx(5))
    });
    terminal.send("\r");
    terminal.see("...:");
    terminal.send("n + n");
    // Indented without a space having been typed.
    terminal.see("...:     n + n");
    terminal.send("\r");
    terminal.wait("the third line", |screen| screen.contents().matches("...:").count() == 2);
    terminal.send("}");
    terminal.see("...: }");
    terminal.send("\r");
    terminal.line(2, "let x = twice(21);");
    terminal.line(3, "x");
    terminal.prompt(4);
    let expected = "[1]: fn twice(n: i32) -> i32 {\n...:     n + n\n...: }\n\
                    [2]: let x = twice(21);\n[3]: x\n42\n[4]:";
    assert_eq!(terminal.from("[1]:"), expected);
    terminal.line(4, ":vars");
    terminal.prompt(5);
    assert_eq!(
        terminal.from("[4]:"),
        "[4]: :vars\nvariable  type  bytes  value\nx         i32       4  42\n[5]:"
    );
    assert!(terminal.leave());
}

#[test]
fn own_commands_do_not_count_and_times_are_shown_on_request() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    terminal.line(1, ":help");
    terminal.see(":quit");
    terminal.line(1, ":timing");
    terminal.see("times are shown from now on");
    terminal.line(1, "std::thread::sleep(std::time::Duration::from_millis(1500)); 7");
    terminal.prompt(2);
    let shown = terminal.from("7\n");
    let seconds = shown.lines().nth(1).and_then(|line| line.strip_suffix(" s")).unwrap();
    assert!(seconds.parse::<f64>().unwrap() > 1.5, "{shown}");
    terminal.send(":quit\r");
    terminal.see(":quit");
    assert!(terminal.leave());
}

#[test]
fn tab_completes_a_name_of_an_earlier_cell() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    terminal.line(1, "let remarkable = 5;");
    terminal.prompt(2);
    terminal.send("remark\t");
    terminal.see("[2]: remarkable");
    terminal.send(" + 1\r");
    terminal.prompt(3);
    assert_eq!(terminal.from("[2]:"), "[2]: remarkable + 1\n6\n[3]:");
    assert!(terminal.leave());
}

#[test]
fn errors_are_shown_and_the_session_goes_on_also_after_its_process_has_died() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    terminal.line(1, "let a = 1;");
    terminal.line(2, "let b: i32 = \"x\";");
    terminal.see("mismatched types");
    terminal.line(3, "panic!(\"no luck\")");
    terminal.see("panicked at line 1 of the cell: no luck");
    terminal.line(4, "a");
    terminal.prompt(5);
    assert_eq!(terminal.from("[4]:"), "[4]: a\n1\n[5]:");
    terminal.line(5, "std::process::abort()");
    terminal.see("crashed: it aborted");
    terminal.line(6, "2 + 3");
    terminal.prompt(7);
    assert_eq!(terminal.from("[6]:"), "[6]: 2 + 3\n5\n[7]:");
    assert!(terminal.leave());
}

#[test]
fn ctrl_c_clears_the_line_and_stops_an_endless_cell() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    terminal.prompt(1);
    terminal.send("let unfinished = (");
    terminal.see("unfinished = (");
    terminal.send("\x03");
    terminal.line(1, "println!(\"begun\"); loop {}");
    terminal.see("\nbegun");
    terminal.send("\x03");
    terminal.see("crashed: the cell was interrupted");
    terminal.line(2, "1 + 1");
    terminal.prompt(3);
    assert_eq!(terminal.from("[2]:"), "[2]: 1 + 1\n2\n[3]:");
    assert!(terminal.leave());
}

#[test]
fn ctrl_c_stops_the_compiler_too() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    // Evaluated while it is compiled, for many minutes.
    let endless = "#[allow(long_running_const_eval)] const N: u64 = \
        { let mut i = 0; while i < 1_000_000_000_000 { i += 1; } i }; N";
    terminal.line(1, endless);
    std::thread::sleep(std::time::Duration::from_secs(3));
    terminal.send("\x03");
    terminal.see("interrupted before the cell began to run");
    terminal.line(2, "1 + 1");
    terminal.prompt(3);
    assert_eq!(terminal.from("[2]:"), "[2]: 1 + 1\n2\n[3]:");
    assert!(terminal.leave());
}

#[test]
fn tab_shows_all_names_that_fit() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    terminal.line(1, "let remarkable = 5; let remarked = 6;");
    terminal.prompt(2);
    terminal.send("remar\t");
    terminal.see("[2]: remark");
    terminal.wait("both names", |screen| {
        let contents = screen.contents();
        let below = contents.rsplit("[2]:").next().unwrap_or_default();
        below.contains("remarkable") && below.contains("remarked")
    });
    terminal.send("\x03");
    terminal.line(2, ":doc remarked");
    terminal.see("i32");
    terminal.prompt(3);
    assert!(terminal.leave());
}

#[test]
fn cells_of_an_earlier_session_are_one_key_away() {
    let state = state();
    let terminal = Terminal::repl(state.path());
    terminal.line(1, "let y = {\r1 };");
    terminal.prompt(2);
    assert!(terminal.leave());
    let terminal = Terminal::repl(state.path());
    terminal.prompt(1);
    terminal.send("\x1b[A");
    terminal.see("[1]: let y = {\n...: 1 };");
    terminal.send("\x03");
    terminal.prompt(1);
    assert!(terminal.leave());
}

#[test]
fn a_picture_appears_as_half_blocks() {
    // Red above blue.
    let mut image = image::RgbImage::from_pixel(3, 2, image::Rgb([255, 0, 0]));
    (0..3).for_each(|column| image.put_pixel(column, 1, image::Rgb([0, 0, 255])));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    let png = base64::prelude::BASE64_STANDARD.encode(bytes.into_inner());
    let cell = format!(
        "println!(\"EVCXR_BEGIN_CONTENT text/plain\\na picture\\nEVCXR_END_CONTENT\\n\
         EVCXR_BEGIN_CONTENT image/png\\n{png}\\nEVCXR_END_CONTENT\");"
    );
    let state = state();
    let terminal = Terminal::repl(state.path());
    terminal.line(1, &cell);
    terminal.wait("the picture", |screen| {
        let found = (0..40).find(|&row| screen.cell(row, 0).is_some_and(|c| c.contents() == "▀"));
        found.is_some_and(|row| {
            let cell = screen.cell(row, 2).unwrap();
            cell.contents() == "▀"
                && cell.fgcolor() == vt100::Color::Rgb(255, 0, 0)
                && cell.bgcolor() == vt100::Color::Rgb(0, 0, 255)
        })
    });
    terminal.prompt(2);
    assert!(terminal.contents().trim_end().ends_with("\n▀▀▀\n[2]:"), "{}", terminal.contents());
    assert!(terminal.leave());
}

/// Runs the program with this input.
fn piped(input: &str) -> Output {
    let mut child = elbo()
        .args(["repl", "--no-prelude"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn input_from_another_program_is_run_cell_by_cell() {
    let said = piped(
        "#[derive(Debug)]\nstruct P(i32);\nlet a = {\n  20\n};\nprint!(\"x\");\n\n:vars\nP(a + 1)",
    );
    assert!(said.status.success(), "{}", stderr(&said));
    assert_eq!(
        String::from_utf8_lossy(&said.stdout),
        "xvariable  type  bytes  value\na         i32       4  20\nP(21)\n"
    );
}

#[test]
fn the_first_error_of_piped_input_ends_the_run() {
    let said = piped("println!(\"one\")\npanic!(\"two\")\nprintln!(\"three\")\n");
    assert_eq!(said.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&said.stdout), "one\n");
    assert!(stderr(&said).contains("panicked at line 1 of the cell: two"), "{}", stderr(&said));
}
