//! The kernel over real sockets: each test is a transcript that leaves no message unread.

mod common;
#[path = "common/front_end.rs"]
mod front_end;

use std::time::Duration;

use common::elbo;
use front_end::{FrontEnd, describe};
use jupyter_protocol::{
    ClearOutput, CommInfoRequest, CompleteRequest, ExecuteRequest, HistoryRequest,
    InterruptRequest, IsCompleteReplyStatus, IsCompleteRequest, JupyterMessageContent as Content,
    KernelInfoRequest, ReplyStatus, ShutdownRequest,
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
    assert_eq!(reply.protocol_version, "5.3");
    assert_eq!(front_end.transcript(&info), ["busy", "idle"]);

    let question = IsCompleteRequest { code: "fn f() {".to_owned() };
    let question = front_end.send(question);
    let Content::IsCompleteReply(reply) = front_end.reply(&question) else { panic!() };
    assert_eq!(reply.status, IsCompleteReplyStatus::Incomplete);
    assert_eq!(front_end.transcript(&question), ["busy", "idle"]);

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
    }
    // No request at all: there is nothing to answer.
    let odd = front_end.send(ClearOutput::default());
    assert_eq!(front_end.transcript(&odd), ["busy", "idle"]);

    assert_eq!(front_end.transcript(&cell), ["stdout \"off\\n\"", "idle"]);
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
    let expected = ["error Crash: the cell was interrupted", "idle"];
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

#[test]
fn installing_writes_a_kernelspec_that_jupyter_finds() {
    let folder = tempfile::tempdir().unwrap();
    let said =
        elbo().args(["install", "--no-build", "--prefix"]).arg(folder.path()).output().unwrap();
    assert!(said.status.success());
    let spec = folder.path().join("share/jupyter/kernels/elbo/kernel.json");
    let spec: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(spec).unwrap()).unwrap();
    assert_eq!(spec["language"], "rust");
    assert_eq!(spec["interrupt_mode"], "message");
    let program = spec["argv"][0].as_str().unwrap();
    assert!(std::path::Path::new(program).is_absolute());
    assert_eq!(spec["argv"][3], "{connection_file}");
}
