//! Whatever a cell writes, reads, starts or leaves running: the kernel answers, and loses nothing that
//! it need not lose. Over real sockets, with the library.

mod common;
#[path = "common/front_end.rs"]
mod front_end;

use std::time::{Duration, Instant};

use front_end::FrontEnd;
use jupyter_protocol::{ExecuteRequest, JupyterMessage, JupyterMessageContent as Content};

/// The text on one of the streams, joined.
fn text(words: &[String], name: &str) -> String {
    let own = words.iter().filter_map(|word| word.strip_prefix(name)?.strip_prefix(' '));
    own.map(|quoted| serde_json::from_str::<String>(&as_json(quoted)).unwrap()).collect()
}

/// Rust's notation of a text as JSON has it.
fn as_json(quoted: &str) -> String {
    let quoted = quoted.replace("\\'", "'").replace("\\0", "\\u0000");
    let controls = [("8", "0008"), ("1b", "001b")];
    controls.iter().fold(quoted, |text, (rust, json)| {
        text.replace(&format!("\\u{{{rust}}}"), &format!("\\u{json}"))
    })
}

/// A cell that may ask.
fn asking(front_end: &mut FrontEnd, code: &str) -> JupyterMessage {
    front_end.send(ExecuteRequest { allow_stdin: true, ..ExecuteRequest::new(code.to_owned()) })
}

#[test]
fn whatever_a_cell_prints_is_shown_as_it_is_and_does_not_end_it() {
    let mut front_end = FrontEnd::with_library();
    for printed in [
        "EVCXR_",
        "root=EVCXR_HOME",
        "a_EVCXR_x",
        "EVCXR_BEGIN_CONTENT text/html\n<b>never closed\n",
        "see EVCXR_BEGIN_CONTENT text/plain\n",
        "EVCXR_EXECUTION_COMPLETE\n",
        "EVCXR_PANIC_NOTIFICATION\nEVCXR_ERROR_OCCURRED\nEVCXR_VARIABLE_CHANGED_TYPE:x\n",
        "EVCXR_END_CONTENT\n",
        "EVCXR_INPUT_REQUEST:name? \n",
        "ended\n\0\u{8}\u{1b}[1m",
    ] {
        let words = front_end.run(&format!("std::print!(\"{{}}\", {printed:?});"));
        assert_eq!(text(&words, "stdout"), printed, "{words:?}");
        let words = front_end.run("1 + 1");
        assert!(matches!(&words[..], [word] if word.starts_with("result ")), "{words:?}");
    }
    let words = front_end.run("print!(\"{:?}\", std::env::vars().collect::<Vec<_>>());");
    assert!(text(&words, "stdout").contains("ELBO_DISPLAY"), "{words:?}");
    // A word that would end the cell comes early; what follows still belongs to it.
    let words = front_end.run(
        "println!(\"EVCXR_EXECUTION_COMPLETE\"); \
         std::thread::sleep(std::time::Duration::from_millis(300)); println!(\"late\");",
    );
    assert_eq!(text(&words, "stdout"), "EVCXR_EXECUTION_COMPLETE\nlate\n");
}

#[test]
fn a_cell_that_reads_standard_input_asks_the_user() {
    let mut front_end = FrontEnd::with_library();
    let code = "let mut name = String::new();\nlet mut town = String::new();\n\
                print!(\"Who? \");\nstd::io::stdin().read_line(&mut name)?;\n\
                std::io::stdin().read_line(&mut town)?;\nprintln!(\"{name:?} {town:?}\");";
    let cell = asking(&mut front_end, code);
    for (number, answer) in ["Ada", "서울"].into_iter().enumerate() {
        let question = front_end.question(&cell);
        let Content::InputRequest(asked) = &question.content else { panic!("not a question") };
        assert_eq!((asked.prompt.as_str(), asked.password), ("", false), "question {number}");
        front_end.answer_question(&question, answer);
    }
    let words = front_end.finish(&cell);
    assert_eq!(text(&words, "stdout"), "Who? \"Ada\\n\" \"서울\\n\"\n");

    // Where nobody can answer, input is at its end; a program that a cell starts has none at all.
    let words = front_end.run("let mut all = String::new(); std::io::stdin().read_line(&mut all)?");
    assert!(words[0].starts_with("result"), "{words:?}");
    let words = front_end.run("assert!(std::process::Command::new(\"cat\").status()?.success());");
    assert_eq!(words, [""; 0]);
    let words = front_end.run("drop(std::io::read_to_string(std::io::stdin())?);");
    assert_eq!(words, [""; 0]);
    // One that goes on reading takes nothing away from the kernel.
    let code = "let c = std::process::Command::new(\"cat\").stdout(std::process::Stdio::null())\
                .spawn()?; std::mem::forget(c);";
    assert_eq!(front_end.run(code), [""; 0]);
    assert!(front_end.run("name.len()")[0].starts_with("result"));
}

#[test]
fn a_stop_at_a_question_ends_the_cell_and_loses_nothing() {
    let mut front_end = FrontEnd::with_library();
    front_end.run("let keep = vec![1, 2, 3];");
    for code in [
        "display::ask(\"name? \")?",
        "let mut name = String::new(); std::io::stdin().read_line(&mut name)?;",
        "std::io::read_to_string(std::io::stdin())?",
    ] {
        let cell = asking(&mut front_end, code);
        front_end.question(&cell);
        front_end.interrupt();
        let words = front_end.finish(&cell);
        assert!(words.last().unwrap().starts_with("error Error: "), "{words:?}");
        assert_eq!(front_end.run("assert_eq!(keep.len(), 3);"), [""; 0]);
    }
    // Who asks again wants an answer.
    let cell = asking(&mut front_end, "let _ = display::ask(\"1\"); display::ask(\"2\")?");
    front_end.question(&cell);
    front_end.interrupt();
    let question = front_end.question(&cell);
    front_end.answer_question(&question, "Ada");
    assert!(front_end.finish(&cell)[0].starts_with("result"));
}

/// Whether a process whose command line has this word is there.
fn runs(word: &str) -> bool {
    let listed = std::process::Command::new("pgrep").args(["-f", word]).output().unwrap();
    !listed.stdout.is_empty()
}

/// Waits until something holds.
#[track_caller]
fn wait_until(mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(Instant::now() < deadline, "it did not come to that");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_stop_reaches_the_programs_that_a_cell_has_started() {
    let mut front_end = FrontEnd::with_library();
    front_end.run("let keep = 1;");
    let cell = front_end.execute("std::process::Command::new(\"sleep\").arg(\"6001\").status()?;");
    wait_until(|| runs("sleep 6001"));
    front_end.interrupt();
    assert_eq!(front_end.finish(&cell), [""; 0]);
    assert!(!runs("sleep 6001"));
    assert_eq!(front_end.run("assert_eq!(keep, 1);"), [""; 0]);
}

#[test]
fn a_process_is_ended_only_after_a_warning_and_with_all_that_it_has_started() {
    let mut front_end = FrontEnd::with_library();
    front_end.run("let first = 1; let second = 2;");
    let code = "println!(\"on\"); std::process::Command::new(\"sh\")\
                .args([\"-c\", \"trap '' INT; sleep 6002; sleep 6002\"]).status()?; loop {}";
    let cell = front_end.execute(code);
    wait_until(|| runs("sleep 6002"));
    front_end.interrupt();
    let words = front_end.until(&cell, "stderr");
    let warning = words.last().unwrap();
    assert!(warning.contains("Stop it once more"), "{words:?}");
    assert!(warning.contains("`first`, `second`"), "{words:?}");
    front_end.interrupt();
    assert_eq!(front_end.finish(&cell), ["error Crash: the cell was interrupted"]);
    wait_until(|| !runs("sleep 6002"));
    let words = front_end.run("first");
    assert!(words[0].contains("CompileError"), "{words:?}");
    assert_eq!(front_end.run("let first = 1;"), [""; 0]);

    // With nothing to lose, asking once is enough.
    let mut front_end = FrontEnd::with_library();
    let cell = front_end.execute("println!(\"on\"); loop {}");
    front_end.until(&cell, "stdout");
    front_end.interrupt();
    assert_eq!(front_end.finish(&cell), ["error Crash: the cell was interrupted"]);
}

#[test]
fn a_loop_can_look_whether_it_is_to_stop() {
    let mut front_end = FrontEnd::with_library();
    let code = "let mut steps = 0_u64;\nprintln!(\"on\");\n\
                while !elbo::interrupted() { steps += 1; }\nsteps > 0";
    let cell = front_end.execute(code);
    front_end.until(&cell, "stdout");
    std::thread::sleep(Duration::from_millis(200));
    front_end.interrupt();
    assert!(front_end.finish(&cell)[0].starts_with("result"));
    assert_eq!(front_end.run("assert!(steps > 0);"), [""; 0]);
}

#[test]
fn a_flood_on_either_stream_can_be_stopped() {
    let mut front_end = FrontEnd::with_library();
    front_end.run("let keep = 1;");
    for code in [
        "while !elbo::interrupted() { eprintln!(\"x\"); }",
        "while !elbo::interrupted() { println!(\"x\"); }",
        "std::thread::spawn(|| while !elbo::interrupted() { println!(\"x\") });\n\
         while !elbo::interrupted() { display::MimeBundle::new(\"a\").emit(); }",
    ] {
        let cell = front_end.execute(code);
        front_end.until(&cell, "std");
        std::thread::sleep(Duration::from_millis(500));
        front_end.interrupt();
        let words = front_end.finish(&cell);
        assert!(words.iter().all(|word| !word.starts_with("error")), "{code}");
        assert_eq!(front_end.run("assert_eq!(keep, 1);"), [""; 0]);
    }
}

#[test]
fn standard_error_is_shown_while_the_cell_runs() {
    let mut front_end = FrontEnd::with_library();
    let begun = Instant::now();
    let code = "for i in 0..400 { eprintln!(\"step {i}\"); \
                std::thread::sleep(std::time::Duration::from_millis(10)); }";
    let cell = front_end.execute(code);
    front_end.until(&cell, "stderr \"step 0");
    let first = begun.elapsed();
    let words = front_end.finish(&cell);
    assert!(text(&words, "stderr").ends_with("step 399\n"));
    assert!(first + Duration::from_secs(2) < begun.elapsed(), "it came only at the end");
}

#[test]
fn a_process_that_ends_does_not_wait_for_those_that_it_has_started() {
    let mut front_end = FrontEnd::with_library();
    for end in ["std::process::abort()", "std::process::exit(3)"] {
        let code = format!(
            "println!(\"last words\"); std::process::Command::new(\"sleep\").arg(\"6003\").spawn()?; \
             {end};"
        );
        let words = front_end.run(&code);
        assert_eq!(text(&words, "stdout"), "last words\n");
        assert!(words.last().unwrap().starts_with("error Crash"), "{words:?}");
        wait_until(|| !runs("sleep 6003"));
        assert!(front_end.run("2 + 3")[0].starts_with("result"));
    }
}

#[test]
fn a_cell_that_closes_its_streams_harms_only_itself() {
    let mut front_end = FrontEnd::with_library();
    let code = "unsafe extern \"C\" { fn close(file: i32) -> i32; }\n\
                let closed = unsafe { (close(0), close(1), close(2)) };";
    assert_eq!(front_end.run(code), [""; 0]);
    assert!(front_end.run("closed")[0].starts_with("result"));
    assert!(front_end.run("panic!(\"unseen\")")[0].starts_with("error Panic"));
    assert!(front_end.run("closed.1")[0].starts_with("result"));
}

#[test]
fn what_a_thread_prints_later_stands_under_the_cell_that_ran_last() {
    let mut front_end = FrontEnd::with_library();
    let code = "let thread = std::thread::spawn(|| for i in 0..3 { \
                std::thread::sleep(std::time::Duration::from_millis(300)); println!(\"{i}\"); \
                eprintln!(\"{i}\") });";
    let cell = front_end.execute(code);
    assert_eq!(front_end.finish(&cell), [""; 0]);
    let words = front_end.until(&cell, "stderr \"2");
    assert_eq!(text(&words, "stdout"), "0\n1\n2\n");
    assert!(front_end.run("thread.join().is_ok()")[0].starts_with("result"));
}

#[test]
fn a_cell_can_start_this_program() {
    let mut front_end = FrontEnd::with_library();
    let program = env!("CARGO_BIN_EXE_elbo");
    let words = front_end.run(&format!(
        "print!(\"{{}}\", String::from_utf8(std::process::Command::new({program:?})\
         .arg(\"--version\").output()?.stdout)?);"
    ));
    assert!(text(&words, "stdout").starts_with("elbo "), "{words:?}");
    // Nor does it find what was meant for this program.
    let path = std::env::var("LD_LIBRARY_PATH").unwrap_or_default();
    let code =
        format!("assert_eq!(std::env::var(\"LD_LIBRARY_PATH\").unwrap_or_default(), {path:?});");
    assert_eq!(front_end.run(&code), [""; 0]);
    let code = "assert!(std::env::vars().all(|(name, _)| name == \"ELBO_DISPLAY\" \
                || name == \"ELBO_DATA\" || !name.starts_with(\"ELBO_\")));";
    assert_eq!(front_end.run(code), [""; 0]);
    let words = front_end.run(&format!("!echo '6 * 7' | {program} repl --no-prelude"));
    assert_eq!(text(&words, "stdout"), "42\n", "{words:?}");
}

#[test]
fn a_stop_ends_the_building_of_the_library_and_so_does_the_end_of_the_kernel() {
    let cache = tempfile::tempdir().unwrap();
    let mut command = common::elbo_with_library();
    command.arg("kernel").env("ELBO_CACHE", cache.path());
    let mut front_end = FrontEnd::connect_to(command);
    let is_compiling = || runs(&format!("rustc.*{}", cache.path().display()));
    let first = front_end.execute("println!(\"ran\")");
    let second = front_end.execute("2");
    front_end.until(&first, "stderr \"Compiling");
    wait_until(is_compiling);
    front_end.interrupt();
    let words = front_end.finish(&first);
    assert!(words.last().unwrap().starts_with("error Interrupted"), "{words:?}");
    assert!(words.iter().all(|word| !word.contains("ran")), "{words:?}");
    let Content::ExecuteReply(reply) = front_end.reply(&second) else { panic!("wrong reply") };
    assert_eq!(reply.status, jupyter_protocol::ReplyStatus::Aborted);
    wait_until(|| !is_compiling());

    // The next cell goes on from there, as long as the kernel lives.
    let third = front_end.execute("3");
    front_end.until(&third, "stderr \"Compiling");
    wait_until(is_compiling);
    let shutdown = front_end.send_control(jupyter_protocol::ShutdownRequest { restart: false });
    front_end.control_reply(&shutdown);
    assert!(front_end.wait_for_end(), "the kernel did not end well");
    wait_until(|| !is_compiling());
}

#[test]
fn a_folder_with_a_space_is_as_good_as_another() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("Ann Lee's cache");
    let notebook = folder.path().join("my notebook.ipynb");
    common::write_notebook(&notebook, &["let x = 20;", "x + 1"]);
    let said = common::elbo()
        .env("ELBO_CACHE", &cache)
        .args(["run", "--no-prelude"])
        .arg(&notebook)
        .output()
        .unwrap();
    assert!(said.status.success(), "{}", common::stderr(&said));
    assert_eq!(common::outputs(&common::read(&notebook), 1), ["display: text/plain=21"]);
}
