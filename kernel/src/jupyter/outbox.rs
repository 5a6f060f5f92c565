//! Messages on their way out of one socket, in order.

use bytes::Bytes;
use jupyter_protocol::{JupyterMessage, JupyterMessageContent, Status};
use jupyter_zmq_client::Connection;
use tokio::sync::{mpsc, oneshot};
use zeromq::SocketSend;

enum Item {
    Message(Box<JupyterMessage>),
    /// Answered when everything before it has been sent.
    Flush(oneshot::Sender<()>),
}

/// Sends messages from any thread. Copies share one queue.
#[derive(Clone)]
pub struct Outbox(mpsc::UnboundedSender<Item>);

impl Outbox {
    /// Takes over the sending half of a socket.
    pub fn open<S: SocketSend + Send + 'static>(connection: Connection<S>) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(send_all(connection, receiver));
        Self(sender)
    }

    /// Answers a request.
    pub fn reply(&self, request: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        self.put(JupyterMessage::new(content, Some(request)));
    }

    /// Tells all front ends something that came of a request.
    pub fn publish(&self, request: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        let message = JupyterMessage::new(content, Some(request));
        // The first frame is a topic here, not the address of the one who asked.
        let topic = Bytes::from(format!("kernel.{}", message.header.msg_type));
        self.put(message.with_zmq_identities(vec![topic]));
    }

    /// Tells all front ends that work on a request begins.
    pub fn busy(&self, request: &JupyterMessage) {
        self.publish(request, Status::busy());
    }

    /// Tells all front ends that work on a request has ended.
    pub fn idle(&self, request: &JupyterMessage) {
        self.publish(request, Status::idle());
    }

    /// Waits until everything has been sent.
    pub async fn flush(&self) {
        let (sender, sent) = oneshot::channel();
        if self.0.send(Item::Flush(sender)).is_ok() {
            // An error means that the socket is closed: nothing more will be sent.
            let _ = sent.await;
        }
    }

    fn put(&self, message: JupyterMessage) {
        // A closed queue means that the kernel is about to end.
        let _ = self.0.send(Item::Message(Box::new(message)));
    }
}

async fn send_all<S: SocketSend>(
    mut connection: Connection<S>,
    mut items: mpsc::UnboundedReceiver<Item>,
) {
    while let Some(item) = items.recv().await {
        match item {
            Item::Message(message) => {
                // A front end that has gone away is no reason to end.
                if let Err(error) = connection.send(*message).await {
                    eprintln!("elbo: a message was not sent: {error}");
                }
            }
            Item::Flush(sent) => {
                let _ = sent.send(());
            }
        }
    }
}
