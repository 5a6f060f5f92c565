//! What does not wait for a running cell: interrupts, the end, and questions that need nothing but
//! what is known already. On the control socket and on the shell socket alike.

use std::sync::Arc;

use jupyter_protocol::{
    CommClose, InterruptReply, JupyterMessage, JupyterMessageContent as Content, ReplyStatus,
    ShutdownReply,
};
use jupyter_zmq_client::RouterRecvConnection;
use serde_json::json;
use tokio::sync::mpsc;

use super::executor::Handle;
use super::inbox::{Received, receive, unknown};
use super::note;
use super::outbox::Outbox;
use super::replies;
use super::shell::AFTER_ERROR;

/// Answers for one socket.
pub struct Control {
    /// The socket's own way out.
    pub outbox: Outbox,
    /// The way to all front ends.
    pub published: Outbox,
    /// The engine.
    pub executor: Handle,
    /// Told when the kernel shall end.
    pub ended: mpsc::Sender<()>,
}

impl Control {
    /// Reads and answers for ever.
    pub async fn serve(self: Arc<Self>, mut socket: RouterRecvConnection) {
        loop {
            match receive(&mut socket).await {
                Ok(Received::Message(request)) => self.answer(&request).await,
                Ok(Received::Malformed(request, problem)) => self.refuse(&request, &problem),
                Err(error) => {
                    note(&format!("a message on the control socket was dropped: {error}"));
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    /// Answers one message.
    pub async fn answer(&self, request: &JupyterMessage) {
        self.published.busy(request);
        match &request.content {
            Content::InterruptRequest(_) => {
                self.executor.interrupt();
                self.outbox.reply(request, InterruptReply::new());
            }
            Content::ShutdownRequest(shutdown) => {
                return self.shut_down(request, shutdown.restart).await;
            }
            // Nothing here speaks to widgets; the other side must not wait for an answer.
            Content::CommOpen(open) => {
                let close = CommClose { comm_id: open.comm_id.clone(), ..CommClose::default() };
                self.published.publish(request, close);
            }
            content => match replies::immediate(content, &self.executor) {
                Some(reply) => self.outbox.reply(request, reply),
                None => self.reply_error(request, "this kernel does not know the request"),
            },
        }
        self.published.idle(request);
        // Front ends that do not look whose state it is would show an idle kernel.
        if let Some(running) = self.executor.running() {
            self.published.busy(&running);
        }
    }

    /// Answers a message that is not as it should be.
    pub fn refuse(&self, request: &JupyterMessage, problem: &str) {
        self.published.busy(request);
        self.reply_error(request, problem);
        self.published.idle(request);
    }

    fn reply_error(&self, request: &JupyterMessage, problem: &str) {
        let kind = &request.header.msg_type;
        // Only requests have answers.
        let Some(name) = kind.strip_suffix("_request") else { return };
        let content = json!({
            "status": "error", "ename": "BadRequest", "evalue": format!("{kind}: {problem}"),
            "traceback": [],
        });
        self.outbox.reply(request, unknown(&format!("{name}_reply"), content));
    }

    async fn shut_down(&self, request: &JupyterMessage, restart: bool) {
        let reply = ShutdownReply { restart, status: ReplyStatus::Ok, error: None };
        self.published.publish(request, reply.clone());
        self.outbox.reply(request, reply);
        self.published.idle(request);
        self.outbox.flush().await;
        self.published.flush().await;
        // A closed channel means that the end has been asked for before.
        let _ = self.ended.send(()).await;
    }
}
