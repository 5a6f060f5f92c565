//! The engine behind Jupyter's messaging protocol, version 5.5.
//!
//! One task reads each socket and one writes it; the engine runs on a thread of its own and takes
//! one cell after the other from a queue. Whatever does not need the engine is answered at once,
//! also while a cell is running.

mod control;
mod executor;
mod gate;
mod heartbeat;
mod history;
mod inbox;
mod media;
mod outbox;
mod parent;
mod positions;
mod questions;
mod replies;
mod shell;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use jupyter_protocol::ConnectionInfo;
use jupyter_zmq_client as zmq;
use tokio::sync::mpsc;

use self::control::Control;
use self::executor::{Executor, Setup};
use self::outbox::Outbox;
use self::questions::Questions;
use crate::engine::{STACK, SessionFolder};
use crate::prelude;

/// How messages are signed.
const SIGNATURES: &str = "hmac-sha256";
/// How long the session may take to end before the process ends without it.
const FAREWELL: Duration = Duration::from_secs(3);

/// Serves until the front end asks for the end.
///
/// # Errors
/// When the connection file cannot be read or its ports are not free.
pub fn serve(connection_file: &Path, with_prelude: bool) -> Result<ExitCode> {
    let text = std::fs::read_to_string(connection_file).with_context(|| {
        format!(
            "the connection file {} cannot be read; this command is meant to be called by Jupyter",
            connection_file.display()
        )
    })?;
    let connection: ConnectionInfo = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a connection file", connection_file.display()))?;
    anyhow::ensure!(
        connection.key.is_empty() || connection.signature_scheme == SIGNATURES,
        "the connection file asks for messages signed by {}; this kernel knows {SIGNATURES} only",
        connection.signature_scheme
    );
    // The sockets are opened before anything is compiled: front ends wait only so long.
    let folder = SessionFolder::enter(&prelude::sessions_folder()?)?;
    // Asked for by the first front end; the compiler takes a moment to answer.
    std::thread::spawn(replies::rust_version);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .thread_stack_size(STACK)
        .enable_all()
        .build()?;
    let executor = runtime.block_on(listen(&connection, Setup { folder, with_prelude }))?;
    executor.end_within(FAREWELL);
    runtime.shutdown_background();
    Ok(ExitCode::SUCCESS)
}

/// Says something to whoever looks at the kernel's own output. Nobody may be there any more.
fn note(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "elbo: {text}");
}

/// Opens the sockets and serves until a shutdown is asked for.
async fn listen(connection: &ConnectionInfo, setup: Setup) -> Result<Executor> {
    let session = uuid::Uuid::new_v4().to_string();
    let gated = gate::open(connection, setup.folder.path()).await?;
    let taken = "a port of the connection file is not free";
    let shell = zmq::create_kernel_shell_connection(connection, &session).await.context(taken)?;
    let control =
        zmq::create_kernel_control_connection(connection, &session).await.context(taken)?;
    let iopub = zmq::create_kernel_iopub_xpub_connection(&gated, &session).await.context(taken)?;
    let heart = zmq::create_kernel_heartbeat_connection(connection).await.context(taken)?;
    let stdin = zmq::create_kernel_stdin_connection(connection, &session).await.context(taken)?;

    let (shell_out, shell_in) = shell.split();
    let (control_out, control_in) = control.split();
    let published = Outbox::open_published(iopub, &session);
    published.starting();
    let shell_outbox = Outbox::open(shell_out);
    let control_outbox = Outbox::open(control_out);
    let (stdin_out, stdin_in) = stdin.split();
    let questions = Questions::open(Outbox::open(stdin_out), stdin_in);
    let executor = Executor::start(setup, published.clone(), shell_outbox.clone(), questions)?;

    let (ended, mut end) = mpsc::channel(1);
    tokio::spawn(heartbeat::echo(heart));
    let answers = |outbox| {
        let (published, executor, ended) = (published.clone(), executor.handle(), ended.clone());
        Arc::new(Control { outbox, published, executor, ended })
    };
    tokio::spawn(shell::serve(shell_in, answers(shell_outbox)));
    tokio::spawn(answers(control_outbox).serve(control_in));
    tokio::select! {
        _ = end.recv() => {}
        () = terminated() => {}
        () = parent::has_ended() => {}
    }
    Ok(executor)
}

/// Resolves when the process is asked to end by a signal. An interrupt is not such a request: the
/// front end sends it as a message, and a terminal sends it to the front end and to us alike.
async fn terminated() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut interrupts) = signal(SignalKind::interrupt()) else { return };
    tokio::spawn(async move { while interrupts.recv().await.is_some() {} });
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    if let (Ok(mut ends), Ok(mut hang_ups)) = signals {
        tokio::select! {
            _ = ends.recv() => {}
            _ = hang_ups.recv() => {}
        }
    }
}
