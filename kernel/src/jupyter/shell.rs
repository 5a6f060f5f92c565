//! The shell socket: requests for the engine, and questions that can be answered at once.

use std::sync::Arc;
use std::time::Duration;

use jupyter_protocol::{JupyterMessage, JupyterMessageContent as Content};
use jupyter_zmq_client::RouterRecvConnection;

use super::control::Control;
use super::executor::Job;
use super::inbox::{Received, receive};
use super::note;

/// A pause after a message that could not be read, in case there are many.
pub const AFTER_ERROR: Duration = Duration::from_millis(5);

/// Reads and dispatches for ever. Messages with a bad signature, and those that are not messages,
/// are dropped.
pub async fn serve(mut socket: RouterRecvConnection, control: Arc<Control>) {
    loop {
        match receive(&mut socket).await {
            Ok(Received::Message(request)) => dispatch(request, &control).await,
            Ok(Received::Malformed(request, problem)) => control.refuse(&request, &problem),
            Err(error) => {
                note(&format!("a message on the shell socket was dropped: {error}"));
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

async fn dispatch(request: JupyterMessage, control: &Control) {
    let executor = &control.executor;
    match &request.content {
        Content::ExecuteRequest(_) => executor.queue(Job::Execute(request)),
        // A running cell may take long; completions are wanted now or not at all.
        Content::CompleteRequest(_) if executor.is_free() => executor.queue(Job::Complete(request)),
        Content::InspectRequest(_) if executor.is_free() => executor.queue(Job::Inspect(request)),
        _ => control.answer(&request).await,
    }
}
