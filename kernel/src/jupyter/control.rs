//! The control socket: interrupts and the end, which do not wait for a running cell.

use jupyter_protocol::{
    InterruptReply, JupyterMessage, JupyterMessageContent as Content, ReplyStatus, ShutdownReply,
};
use jupyter_zmq_client::RouterRecvConnection;
use tokio::sync::mpsc;

use super::executor::Handle;
use super::outbox::Outbox;
use super::replies;
use super::shell::AFTER_ERROR;

/// What the control socket needs.
pub struct Control {
    /// Its own way out.
    pub outbox: Outbox,
    /// The way to all front ends.
    pub published: Outbox,
    /// The engine.
    pub executor: Handle,
    /// Told when the kernel shall end.
    pub ended: mpsc::Sender<()>,
}

impl Control {
    /// Reads and answers until a shutdown is asked for.
    pub async fn serve(self, mut socket: RouterRecvConnection) {
        loop {
            match socket.read().await {
                Ok(request) => {
                    if self.answer(&request) {
                        self.outbox.flush().await;
                        self.published.flush().await;
                        let _ = self.ended.send(()).await;
                        return;
                    }
                }
                Err(error) => {
                    eprintln!("elbo: a message on the control socket was dropped: {error}");
                    tokio::time::sleep(AFTER_ERROR).await;
                }
            }
        }
    }

    /// Answers one request; true if it was the last.
    fn answer(&self, request: &JupyterMessage) -> bool {
        self.published.busy(request);
        let mut last = false;
        match &request.content {
            Content::InterruptRequest(_) => {
                self.executor.interrupt();
                self.outbox.reply(request, InterruptReply::new());
            }
            Content::ShutdownRequest(shutdown) => {
                last = true;
                let restart = shutdown.restart;
                let reply = ShutdownReply { restart, status: ReplyStatus::Ok, error: None };
                self.published.publish(request, reply.clone());
                self.outbox.reply(request, reply);
            }
            content => {
                if let Some(reply) = replies::immediate(content) {
                    self.outbox.reply(request, reply);
                }
            }
        }
        self.published.idle(request);
        last
    }
}
