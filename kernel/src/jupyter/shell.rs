//! The shell socket: requests for the engine, and questions that can be answered at once.

use std::time::Duration;

use jupyter_protocol::{JupyterMessage, JupyterMessageContent as Content};
use jupyter_zmq_client::RouterRecvConnection;

use super::executor::{Handle, Job};
use super::outbox::Outbox;
use super::replies;

/// A pause after a message that could not be read, in case there are many.
pub const AFTER_ERROR: Duration = Duration::from_millis(5);

/// Reads and dispatches for ever. Messages with a bad signature, and those that are not messages,
/// are dropped.
pub async fn serve(
    mut socket: RouterRecvConnection,
    outbox: Outbox,
    published: Outbox,
    executor: Handle,
) {
    loop {
        match socket.read().await {
            Ok(request) => dispatch(request, &outbox, &published, &executor),
            Err(error) => {
                eprintln!("elbo: a message on the shell socket was dropped: {error}");
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
}

fn dispatch(request: JupyterMessage, outbox: &Outbox, published: &Outbox, executor: &Handle) {
    match &request.content {
        Content::ExecuteRequest(_) => executor.queue(Job::Execute(request)),
        // A running cell may take long; completions are wanted now or not at all.
        Content::CompleteRequest(_) if executor.is_free() => executor.queue(Job::Complete(request)),
        Content::InspectRequest(_) if executor.is_free() => executor.queue(Job::Inspect(request)),
        content => {
            published.busy(&request);
            if let Some(reply) = replies::immediate(content) {
                outbox.reply(&request, reply);
            }
            published.idle(&request);
        }
    }
}
