//! Messages on their way out of one socket, in order.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jupyter_protocol::{InputRequest, IoPubWelcome, JupyterMessage, JupyterMessageContent, Status};
use jupyter_zmq_client::{Connection, KernelIoPubXPubConnection, SubscriptionEvent};
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use zeromq::SocketSend;

use super::note;
use super::shell::AFTER_ERROR;

enum Item {
    Message(Box<JupyterMessage>),
    /// Answered when everything before it has been sent.
    Flush(oneshot::Sender<()>),
}

/// Sends messages from any thread. Copies share one queue.
#[derive(Clone)]
pub struct Outbox {
    items: mpsc::UnboundedSender<Item>,
    /// How the topics of published messages begin.
    topic: Arc<str>,
}

/// How long it is waited for everything to be sent before the end.
const FAREWELL: Duration = Duration::from_secs(1);

impl Outbox {
    /// Takes over the sending half of a socket.
    pub fn open<S: SocketSend + Send + 'static>(connection: Connection<S>) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(send_all(connection, receiver));
        Self { items: sender, topic: "".into() }
    }

    /// Takes over the socket that publishes, and greets who subscribes (protocol 5.4): a front end
    /// that waits for the greeting misses nothing.
    pub fn open_published(connection: KernelIoPubXPubConnection, session: &str) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(publish_all(connection, receiver));
        Self { items: sender, topic: format!("kernel.{session}").into() }
    }

    /// Tells all front ends that the kernel starts.
    pub fn starting(&self) {
        self.put(self.to_all(JupyterMessage::new(Status::starting(), None)));
    }

    /// Answers a request.
    pub fn reply(&self, request: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        self.put(JupyterMessage::new(content, Some(request)));
    }

    /// Tells all front ends something that came of a request.
    pub fn publish(&self, request: &JupyterMessage, content: impl Into<JupyterMessageContent>) {
        self.put(self.to_all(JupyterMessage::new(content, Some(request))));
    }

    /// Asks who has sent a request; returns the number of the question.
    pub fn ask(&self, request: &JupyterMessage, question: InputRequest) -> String {
        let message = JupyterMessage::new(question, Some(request));
        let id = message.header.msg_id.clone();
        self.put(message);
        id
    }

    /// Answers a request, and says something about the answer.
    pub fn reply_with(
        &self,
        request: &JupyterMessage,
        content: impl Into<JupyterMessageContent>,
        metadata: Value,
    ) {
        let mut message = JupyterMessage::new(content, Some(request));
        message.metadata = metadata;
        self.put(message);
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
        if self.items.send(Item::Flush(sender)).is_ok() {
            // An error means that the socket is closed: nothing more will be sent.
            let _ = tokio::time::timeout(FAREWELL, sent).await;
        }
    }

    fn put(&self, message: JupyterMessage) {
        // A closed queue means that the kernel is about to end.
        let _ = self.items.send(Item::Message(Box::new(message)));
    }

    /// The message with a topic in its first frame, where others have the address of who asked.
    fn to_all(&self, message: JupyterMessage) -> JupyterMessage {
        let topic = format!("{}.{}", self.topic, message.header.msg_type);
        message.with_zmq_identities(vec![topic.into()])
    }
}

async fn send_all<S: SocketSend>(
    mut connection: Connection<S>,
    mut items: mpsc::UnboundedReceiver<Item>,
) {
    while let Some(item) = items.recv().await {
        handle(&mut connection, item).await;
    }
}

async fn publish_all(
    mut connection: KernelIoPubXPubConnection,
    mut items: mpsc::UnboundedReceiver<Item>,
) {
    loop {
        tokio::select! {
            item = items.recv() => match item {
                Some(item) => handle(&mut connection, item).await,
                None => return,
            },
            event = connection.recv_subscription() => match event {
                Ok(SubscriptionEvent::Subscribe(topic)) => {
                    // Its topic is what was asked for: who has subscribed to that gets it.
                    let first = Bytes::from(topic.clone());
                    let welcome = JupyterMessage::new(IoPubWelcome::new(topic), None);
                    let welcome = welcome.with_zmq_identities(vec![first]);
                    handle(&mut connection, Item::Message(Box::new(welcome))).await;
                }
                Ok(SubscriptionEvent::Unsubscribe(_)) => {}
                Err(_) => tokio::time::sleep(AFTER_ERROR).await,
            },
        }
    }
}

async fn handle<S: SocketSend>(connection: &mut Connection<S>, item: Item) {
    match item {
        Item::Message(message) => {
            // A front end that has gone away is no reason to end.
            if let Err(error) = connection.send(*message).await {
                note(&format!("a message was not sent: {error}"));
            }
        }
        Item::Flush(sent) => {
            let _ = sent.send(());
        }
    }
}
