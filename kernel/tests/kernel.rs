//! The kernel over real sockets: each test is a transcript that leaves no message unread.

mod common;
#[path = "common/front_end.rs"]
mod front_end;

use std::time::Duration;

use common::elbo;
use front_end::{FrontEnd, describe};
use jupyter_protocol::{
    ClearOutput, CommInfoRequest, CommOpen, CompleteRequest, ExecuteRequest, HistoryRequest,
    InterruptRequest, IsCompleteReplyStatus, IsCompleteRequest, JupyterMessageContent as Content,
    KernelInfoRequest, ReplyStatus, ShutdownRequest, UnknownMessage,
};

#[track_caller]
fn execute_status(content: Content) -> (ReplyStatus, usize) {
    match content {
        Content::ExecuteReply(reply) => (reply.status, reply.execution_count.value()),
        other => panic!("not an execute_reply: {}", describe(&other)),
    }
}

#[test]
fn cells_show_their_outputs_and_a_failing_one_aborts_the_queue() {
    let mut front_end = FrontEnd::start();

    let first = front_end.execute("println!(\"a\"); let x = 2; x * 3");
    let expected = ["busy", "input 1", "stdout \"a\\n\"", "display text/plain", "idle"];
    assert_eq!(front_end.transcript(&first), expected);
    assert_eq!(execute_status(front_end.reply(&first)), (ReplyStatus::Ok, 1));

    let failing = front_end.execute("panic!(\"no {}\", x)");
    let queued = front_end.execute("1");
    let expected = ["busy", "input 2", "error Panic: no 2", "idle"];
    assert_eq!(front_end.transcript(&failing), expected);
    assert_eq!(execute_status(front_end.reply(&failing)), (ReplyStatus::Error, 2));
    assert_eq!(front_end.transcript(&queued), ["busy", "idle"]);
    assert_eq!(execute_status(front_end.reply(&queued)).0, ReplyStatus::Aborted);

    let question = ExecuteRequest { stop_on_error: false, ..ExecuteRequest::new("y".to_owned()) };
    let failing = front_end.send(question);
    let queued = front_end.execute("x");
    let words = front_end.transcript(&failing);
    assert!(words[2].starts_with("error CompileError: cannot find value `y`"), "{words:?}");
    assert_eq!(execute_status(front_end.reply(&failing)).0, ReplyStatus::Error);
    assert_eq!(front_end.transcript(&queued)[2], "display text/plain");
    assert_eq!(execute_status(front_end.reply(&queued)), (ReplyStatus::Ok, 4));

    let silent = ExecuteRequest { silent: true, ..ExecuteRequest::new("x".to_owned()) };
    let silent = front_end.send(silent);
    assert_eq!(front_end.transcript(&silent), ["busy", "idle"]);
    assert_eq!(execute_status(front_end.reply(&silent)), (ReplyStatus::Ok, 4));
    front_end.assert_nothing_unread();
}

#[test]
fn questions_are_answered_while_a_cell_is_running() {
    let mut front_end = FrontEnd::start();
    let code = "println!(\"on\"); std::thread::sleep(std::time::Duration::from_secs(3)); \
                println!(\"off\");";
    let cell = front_end.execute(code);
    for word in ["busy", "input 1", "stdout \"on\\n\""] {
        assert_eq!(describe(&front_end.published(&cell)), word);
    }

    let info = front_end.send(KernelInfoRequest {});
    let Content::KernelInfoReply(reply) = front_end.reply(&info) else { panic!("wrong reply") };
    assert_eq!((reply.status, reply.language_info.name.as_str()), (ReplyStatus::Ok, "rust"));
    assert_eq!(reply.protocol_version, "5.5");
    assert!(reply.language_info.version.starts_with("1."), "{:?}", reply.language_info);
    // nbconvert would look for an exporter of this name.
    assert_eq!(reply.language_info.nbconvert_exporter, None);
    assert_eq!(front_end.transcript(&info), ["busy", "idle"]);
    // The cell still runs, whatever front ends make of an idle kernel.
    assert_eq!(describe(&front_end.published(&cell)), "busy");

    let question = IsCompleteRequest { code: "fn f() {".to_owned() };
    let question = front_end.send(question);
    let Content::IsCompleteReply(reply) = front_end.reply(&question) else { panic!() };
    assert_eq!(reply.status, IsCompleteReplyStatus::Incomplete);
    assert_eq!(front_end.transcript(&question), ["busy", "idle"]);
    assert_eq!(describe(&front_end.published(&cell)), "busy");

    let others: [Content; 3] = [
        CommInfoRequest::default().into(),
        HistoryRequest::default().into(),
        CompleteRequest { code: "st".to_owned(), cursor_pos: 2 }.into(),
    ];
    for content in others {
        let kind = content.message_type().replace("request", "reply");
        let question = front_end.send(content);
        assert_eq!(front_end.reply(&question).message_type(), kind);
        assert_eq!(front_end.transcript(&question), ["busy", "idle"]);
        assert_eq!(describe(&front_end.published(&cell)), "busy");
    }
    // No request at all: there is nothing to answer.
    let odd = front_end.send(ClearOutput::default());
    assert_eq!(front_end.transcript(&odd), ["busy", "idle"]);

    assert_eq!(front_end.transcript(&cell), ["busy", "stdout \"off\\n\"", "idle"]);
    assert_eq!(execute_status(front_end.reply(&cell)), (ReplyStatus::Ok, 1));
    front_end.assert_nothing_unread();
}

#[test]
fn an_interrupt_ends_a_running_cell_and_the_kernel_goes_on() {
    let mut front_end = FrontEnd::start();
    let idle = front_end.send_control(InterruptRequest {});
    assert_eq!(front_end.control_reply(&idle).message_type(), "interrupt_reply");
    assert_eq!(front_end.transcript(&idle), ["busy", "idle"]);

    let cell = front_end.execute("println!(\"on\");\nloop {}");
    for word in ["busy", "input 1", "stdout \"on\\n\""] {
        assert_eq!(describe(&front_end.published(&cell)), word);
    }
    let queued = front_end.execute("1");
    std::thread::sleep(Duration::from_millis(300));
    let interrupt = front_end.send_control(InterruptRequest {});
    assert_eq!(front_end.control_reply(&interrupt).message_type(), "interrupt_reply");
    assert_eq!(front_end.transcript(&interrupt), ["busy", "idle"]);
    let expected = ["busy", "error Crash: the cell was interrupted", "idle"];
    assert_eq!(front_end.transcript(&cell), expected);
    assert_eq!(execute_status(front_end.reply(&cell)), (ReplyStatus::Error, 1));
    assert_eq!(front_end.transcript(&queued), ["busy", "idle"]);
    assert_eq!(execute_status(front_end.reply(&queued)).0, ReplyStatus::Aborted);

    let next = front_end.execute("1 + 1");
    assert_eq!(front_end.transcript(&next)[2], "display text/plain");
    assert_eq!(execute_status(front_end.reply(&next)), (ReplyStatus::Ok, 2));
    front_end.assert_nothing_unread();
}

#[test]
fn messages_with_a_bad_signature_are_dropped_and_the_kernel_goes_on() {
    let mut front_end = FrontEnd::start();
    let mut forged = front_end.connection.clone();
    forged.key = "another key".to_owned();
    let forger = jupyter_zmq_client::create_client_control_connection(&forged, "forger");
    let mut forger = front_end.runtime.block_on(forger).unwrap();
    let shutdown = ShutdownRequest { restart: false };
    front_end.runtime.block_on(forger.send(shutdown.into())).unwrap();
    std::thread::sleep(Duration::from_millis(300));

    let info = front_end.send_control(KernelInfoRequest {});
    assert_eq!(front_end.control_reply(&info).message_type(), "kernel_info_reply");
    assert_eq!(front_end.transcript(&info), ["busy", "idle"]);
    front_end.assert_nothing_unread();
}

#[test]
fn the_heartbeat_echoes_and_a_shutdown_ends_the_process_and_removes_its_folder() {
    use zeromq::{Socket, SocketRecv, SocketSend, ZmqMessage};
    let mut front_end = FrontEnd::start();
    let url = front_end.connection.hb_url();
    let echo = front_end.runtime.block_on(async {
        let mut heart = zeromq::ReqSocket::new();
        heart.connect(&url).await.unwrap();
        heart.send(ZmqMessage::from("are you there")).await.unwrap();
        heart.recv().await.unwrap()
    });
    assert_eq!(echo.get(0).unwrap().as_ref(), b"are you there");

    let shutdown = front_end.send_control(ShutdownRequest { restart: true });
    let Content::ShutdownReply(reply) = front_end.control_reply(&shutdown) else { panic!() };
    assert!(reply.restart && reply.status == ReplyStatus::Ok);
    assert_eq!(front_end.transcript(&shutdown), ["busy", "shutdown_reply", "idle"]);
    assert!(front_end.wait_for_end(), "the kernel did not end well");
}

/// Sends lines over the channel of the model library, as that does.
const CHANNEL: &str = r##"
use std::io::{BufRead, BufReader, Write};
fn tell(line: &str) -> std::io::Result<String> {
    let path = std::env::var("ELBO_DISPLAY").unwrap();
    let mut socket = BufReader::new(std::os::unix::net::UnixStream::connect(path)?);
    writeln!(socket.get_mut(), "{line}")?;
    let mut reply = String::new();
    socket.read_line(&mut reply)?;
    Ok(reply)
}"##;

#[test]
fn displays_are_named_updated_and_cleared_in_order_with_the_text() {
    let mut front_end = FrontEnd::start();
    let setup = front_end.execute(CHANNEL);
    assert_eq!(front_end.transcript(&setup), ["busy", "input 1", "idle"]);
    assert_eq!(execute_status(front_end.reply(&setup)).0, ReplyStatus::Ok);
    let cell = front_end.execute(
        r##"print!("a");
tell(r#"{"display": {"forms": [["text/plain", "0 %"], ["text/html", "<b>0</b>"]], "id": "bar"}}"#)?;
print!("b");
tell(r#"{"update": {"forms": [["text/plain", "1 %"]], "id": "bar"}}"#)?;
eprint!("c");
tell(r#"{"clear": {"wait": true}}"#)?;
tell(r#"{"value": {"forms": [["text/plain", "7"]]}}"#)?;
println!("d");"##,
    );
    let expected = [
        "busy",
        "input 2",
        "stdout \"a\"",
        "display text/html text/plain as bar",
        "stdout \"b\"",
        "update text/plain as bar",
        "stderr \"c\"",
        "clear true",
        "result 2 text/plain",
        "stdout \"d\\n\"",
        "idle",
    ];
    assert_eq!(front_end.transcript(&cell), expected);
    assert_eq!(execute_status(front_end.reply(&cell)).0, ReplyStatus::Ok);
    front_end.assert_nothing_unread();
}

#[test]
fn a_cell_asks_the_user_by_either_way_and_an_interrupt_ends_the_waiting() {
    let mut front_end = FrontEnd::start();
    let setup = front_end.execute(CHANNEL);
    front_end.transcript(&setup);
    front_end.reply(&setup);
    let may_ask =
        |code: &str| ExecuteRequest { allow_stdin: true, ..ExecuteRequest::new(code.to_owned()) };
    let read = "println!(\"EVCXR_INPUT_REQUEST:name? \");\nlet mut name = String::new();\n\
                std::io::stdin().read_line(&mut name)?;\nprintln!(\"{}\", name.trim());";
    let tell = r##"print!("{}", tell(r#"{"ask": {"prompt": "word? ", "is_password": true}}"#)?);"##;
    for (code, prompt, password, said) in [
        (read, "name? ", false, "stdout \"Ada\\n\""),
        (tell, "word? ", true, "stdout \"{\\\"answer\\\":\\\"Ada\\\"}\\n\""),
    ] {
        let cell = front_end.send(may_ask(code));
        let question = front_end.question(&cell);
        let Content::InputRequest(asked) = &question.content else { panic!("not a question") };
        assert_eq!((asked.prompt.as_str(), asked.password), (prompt, password));
        front_end.answer_question(&question, "Ada");
        assert_eq!(front_end.transcript(&cell)[2], said);
        assert_eq!(execute_status(front_end.reply(&cell)).0, ReplyStatus::Ok);
    }

    // Who may not ask gets no answer, at once.
    let cell = front_end.send(ExecuteRequest { allow_stdin: false, ..may_ask(tell) });
    assert_eq!(front_end.transcript(&cell)[2], "stdout \"{\\\"answer\\\":null}\\n\"");
    front_end.reply(&cell);

    let cell = front_end.send(may_ask(tell));
    front_end.question(&cell);
    let interrupt = front_end.send_control(InterruptRequest {});
    front_end.control_reply(&interrupt);
    assert_eq!(front_end.reply(&cell).message_type(), "execute_reply");
}

#[test]
fn every_request_is_answered_whatever_it_asks() {
    let mut front_end = FrontEnd::start();
    let wanted = [("sum".to_owned(), "x + 1".to_owned()), ("bad".to_owned(), "y".to_owned())];
    let cell = front_end.send(ExecuteRequest {
        user_expressions: Some(wanted.into_iter().collect()),
        ..ExecuteRequest::new("let x = 1;".to_owned())
    });
    assert_eq!(front_end.transcript(&cell), ["busy", "input 1", "idle"]);
    let Content::ExecuteReply(reply) = front_end.reply(&cell) else { panic!("wrong reply") };
    let values = serde_json::to_value(reply.user_expressions.unwrap()).unwrap();
    assert_eq!(values["sum"]["data"]["text/plain"], "2");
    assert_eq!(values["bad"]["status"], "error");

    let tail = HistoryRequest::Tail { n: 5, output: false, raw: true };
    let history = front_end.send(tail);
    let Content::HistoryReply(reply) = front_end.reply(&history) else { panic!("wrong reply") };
    assert_eq!(
        serde_json::to_value(&reply.history).unwrap(),
        serde_json::json!([[1, 1, "let x = 1;"]])
    );
    assert_eq!(front_end.transcript(&history), ["busy", "idle"]);

    let open = CommOpen { target_name: "widget".into(), ..CommOpen::default() };
    let open = front_end.send(open);
    assert_eq!(front_end.transcript(&open), ["busy", "comm_close", "idle"]);

    let odd = |kind: &str| UnknownMessage { msg_type: kind.into(), content: serde_json::json!({}) };
    for (kind, answer) in [("complete_request", "complete_reply"), ("debug_request", "debug_reply")]
    {
        let question = front_end.send(odd(kind));
        let reply = serde_json::to_value(front_end.reply(&question)).unwrap();
        assert_eq!(reply["status"], "error", "{answer}: {reply}");
        assert_eq!(front_end.transcript(&question), ["busy", "idle"]);
    }
    let question = CompleteRequest { code: "let y = x.wrapping_a".to_owned(), cursor_pos: 20 };
    let question = front_end.send(question);
    let Content::CompleteReply(reply) = front_end.reply(&question) else { panic!("wrong reply") };
    assert!(reply.matches.iter().any(|name| name.starts_with("wrapping_add")), "{reply:?}");
    assert_eq!(reply.metadata["_jupyter_types_experimental"][0]["type"], "function");
    assert_eq!((reply.cursor_start, reply.cursor_end), (10, 20));
    assert_eq!(front_end.transcript(&question), ["busy", "idle"]);
    front_end.assert_nothing_unread();
}

#[test]
fn variables_survive_a_panic_and_an_error_and_a_crash_names_what_is_lost() {
    let mut front_end = FrontEnd::start();
    let mut run = |code: &str| {
        let cell = front_end.execute(code);
        let words = front_end.transcript(&cell);
        let Content::ExecuteReply(reply) = front_end.reply(&cell) else { panic!("wrong reply") };
        let trace = reply.error.map_or_else(String::new, |error| error.traceback.join("\n"));
        (words[2..words.len() - 1].join("; "), trace)
    };
    run("let mut kept = vec![1]; fn twice(x: i32) -> i32 { 2 * x }");
    assert!(run("kept.push(2); panic!(\"no\");").0.starts_with("error Panic"));
    assert!(run("\"x\".parse::<i32>()?;").0.starts_with("error Error: invalid digit"));
    assert_eq!(run("println!(\"{}\", kept[0]);").0, "stdout \"1\\n\"");
    let (words, trace) = run("std::process::abort();");
    assert!(words.starts_with("error Crash: it aborted"), "{words}");
    assert!(trace.contains("The variable `kept` is lost"), "{trace}");
    assert_eq!(run("println!(\"{}\", twice(4));").0, "stdout \"8\\n\"");
}

#[test]
fn a_cell_without_code_is_not_counted_and_answers_say_when_a_cell_began() {
    let mut front_end = FrontEnd::start();
    for code in ["", " \n\n"] {
        let cell = front_end.execute(code);
        assert_eq!(front_end.transcript(&cell), ["busy", "idle"]);
        assert_eq!(execute_status(front_end.reply(&cell)), (ReplyStatus::Ok, 0));
    }
    for (code, status) in [("1", "ok"), ("x", "error")] {
        let cell = front_end.execute(code);
        let reply = front_end.reply_message(&cell);
        assert_eq!(reply.metadata["status"], status);
        let started = reply.metadata["started"].as_str().unwrap();
        assert!(started > "2025" && started.contains('T'), "{started}");
        front_end.transcript(&cell);
    }
    assert_eq!(front_end.transcript_of("2")[1], "input 3");
}

#[test]
fn expressions_of_any_depth_leave_the_kernel_there() {
    let mut front_end = FrontEnd::start();
    let long = format!("1{}", "+1".repeat(50_000));
    let deep = "(".repeat(20_000);
    let deep_and_closed = format!("{deep}1{}", ")".repeat(20_000));
    let signs = format!("{}true", "!".repeat(50_000));
    for code in [&long, &deep, &deep_and_closed, &signs] {
        let question = front_end.send(IsCompleteRequest { code: code.clone() });
        assert_eq!(front_end.reply(&question).message_type(), "is_complete_reply");
        assert_eq!(front_end.transcript(&question), ["busy", "idle"]);
    }
    // Whatever the compiler makes of it.
    let shorter = format!("1{}", "+1".repeat(1_000));
    for code in [&shorter, &deep_and_closed, &signs] {
        let cell = front_end.execute(code);
        front_end.until(&cell, "idle");
        front_end.reply(&cell);
        let next = front_end.execute("1 + 1");
        assert_eq!(front_end.transcript(&next)[2], "display text/plain");
        front_end.reply(&next);
    }
}

#[test]
fn a_name_is_explained_at_its_place_and_within_the_arguments_of_its_call() {
    let mut front_end = FrontEnd::start();
    front_end.transcript_of("1");
    for (code, cursor) in [
        ("String::from_utf8(x)", 14),
        ("String::from_utf8(", 18),
        ("String::from_utf8(vec![], )", 26),
        ("String::from_utf8(  )", 19),
    ] {
        let question = jupyter_protocol::InspectRequest {
            code: code.to_owned(),
            cursor_pos: cursor,
            detail_level: Some(0),
        };
        let question = front_end.send(question);
        let Content::InspectReply(reply) = front_end.reply(&question) else { panic!() };
        let shown = serde_json::to_value(&reply.data).unwrap();
        let text = shown["text/plain"].as_str().unwrap_or_default();
        assert!(text.contains("from_utf8"), "{code} at {cursor}: {shown}");
        front_end.transcript(&question);
    }
}

#[test]
fn cells_of_earlier_sessions_are_remembered() {
    let state = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = elbo();
        command.args(["kernel", "--no-prelude"]).env("XDG_STATE_HOME", state.path());
        FrontEnd::connect_to(command)
    };
    let mut first = start();
    first.transcript_of("let x = \"\\n\";");
    first.transcript_of("x");
    drop(first);
    let mut second = start();
    second.transcript_of("1");
    for (question, expected) in [
        (
            HistoryRequest::Tail { n: 2, output: false, raw: true },
            serde_json::json!([[1, 2, "x"], [2, 1, "1"]]),
        ),
        (
            HistoryRequest::Range {
                session: Some(-1),
                start: 1,
                stop: 2,
                output: false,
                raw: true,
            },
            serde_json::json!([[1, 1, "let x = \"\\n\";"]]),
        ),
    ] {
        let question = second.send(question);
        let Content::HistoryReply(reply) = second.reply(&question) else { panic!() };
        assert_eq!(serde_json::to_value(&reply.history).unwrap(), expected);
        second.transcript(&question);
    }
}

#[test]
fn a_message_that_is_sent_again_is_not_obeyed_again() {
    let mut front_end = FrontEnd::start();
    let cell = front_end.execute("print!(\"once\");");
    assert_eq!(front_end.transcript(&cell)[2], "stdout \"once\"");
    front_end.reply(&cell);
    front_end.send_again(&cell);
    front_end.assert_nothing_unread();
    assert_eq!(front_end.transcript_of("2")[1], "input 2");
}

#[test]
fn an_unknown_signature_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("connection.json");
    let connection = serde_json::json!({
        "ip": "127.0.0.1", "transport": "tcp", "shell_port": 1, "iopub_port": 2, "stdin_port": 3,
        "control_port": 4, "hb_port": 5, "key": "k", "signature_scheme": "hmac-sha512",
    });
    std::fs::write(&file, connection.to_string()).unwrap();
    let said = elbo().args(["kernel", "--connection-file"]).arg(&file).output().unwrap();
    assert!(!said.status.success());
    assert!(common::stderr(&said).contains("hmac-sha512"), "{}", common::stderr(&said));
}

#[test]
fn a_kernel_ends_when_its_server_has_died() {
    let folder = tempfile::tempdir().unwrap();
    let number = folder.path().join("pid");
    // A server that starts a kernel, says who it is, and waits.
    let script = format!(
        "JPY_PARENT_PID=$$ {} kernel --no-prelude \"$@\" & echo $! > {}; wait",
        env!("CARGO_BIN_EXE_elbo"),
        number.display()
    );
    let mut server = std::process::Command::new("sh");
    server.args(["-c", &script, "server"]).env("ELBO_CACHE", folder.path());
    let mut front_end = FrontEnd::connect_to(server);
    let running = front_end.execute("println!(\"on\"); loop {}");
    while describe(&front_end.published(&running)) != "stdout \"on\\n\"" {}
    let kernel = std::fs::read_to_string(&number).unwrap();
    let processes = || {
        let listed = std::process::Command::new("pgrep").args(["-f", "elbo kernel"]).output();
        let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
        listed.lines().any(|line| line == kernel.trim())
    };
    assert!(processes());
    front_end.kernel.kill().unwrap();
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while processes() || std::fs::read_dir(folder.path().join("sessions")).unwrap().count() > 0 {
        assert!(std::time::Instant::now() < deadline, "the kernel lives on");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Installs with these arguments below a folder, and reads what was written.
fn installed(folder: &std::path::Path, name: &str, arguments: &[&str]) -> serde_json::Value {
    let mut command = elbo();
    command.args(["install", "--no-build"]).args(arguments).env("VIRTUAL_ENV", folder);
    let said = command.env("ELBO_DATA", "/data of mine").output().unwrap();
    assert!(said.status.success(), "{}", common::stderr(&said));
    let spec = folder.join("share/jupyter/kernels").join(name).join("kernel.json");
    serde_json::from_str(&std::fs::read_to_string(spec).unwrap()).unwrap()
}

#[test]
fn installing_writes_a_kernelspec_that_jupyter_finds() {
    let folder = tempfile::tempdir().unwrap();
    let spec = installed(folder.path(), "elbo", &["--prefix", folder.path().to_str().unwrap()]);
    assert_eq!(spec["language"], "rust");
    assert_eq!(spec["interrupt_mode"], "message");
    let program = spec["argv"][0].as_str().unwrap();
    assert!(std::path::Path::new(program).is_absolute());
    assert_eq!(spec["argv"][3], "{connection_file}");
    // A server that was not started from a shell does not know where cargo is.
    let path = spec["env"]["PATH"].as_str().unwrap();
    let (cargo, rest) = path.split_once(':').unwrap();
    assert!(std::path::Path::new(cargo).join("cargo").is_file(), "{path}");
    assert_eq!(rest, "${PATH}");
    assert_eq!(spec["env"]["ELBO_DATA"], "/data of mine");
}

#[test]
fn kernels_can_stand_side_by_side_each_with_its_environment() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = [
        "--sys-prefix",
        "--name",
        "elbo-heart",
        "--display-name",
        "Rust (heart study)",
        "--env",
        "ELBO_DATA=/data/heart",
        "--env",
        "THREADS=1=2",
    ];
    let spec = installed(folder.path(), "elbo-heart", &arguments);
    assert_eq!(spec["display_name"], "Rust (heart study)");
    assert_eq!(spec["env"]["ELBO_DATA"], "/data/heart");
    assert_eq!(spec["env"]["THREADS"], "1=2");
    for arguments in [["--name", "a b"], ["--name", ""], ["--env", "ELBO_DATA"], ["--env", "=1"]] {
        let said = elbo().args(["install", "--no-build"]).args(arguments).output().unwrap();
        assert_eq!(said.status.code(), Some(2), "{arguments:?}");
    }
}
