//! Questions that a running cell puts to the user, over the stdin socket.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jupyter_protocol::{InputRequest, JupyterMessage, JupyterMessageContent as Content};
use jupyter_zmq_client::RouterRecvConnection;

use super::inbox::{Received, receive};
use super::outbox::Outbox;
use super::shell::AFTER_ERROR;
use crate::engine::{Answer, Question};

/// How often the wait for an answer looks whether it is still wanted.
const PATIENCE: Duration = Duration::from_millis(50);

/// Asks the front end that sent the running cell.
pub struct Questions {
    outbox: Outbox,
    answers: Mutex<mpsc::Receiver<Reply>>,
}

/// What the user has said, and to which question, if the front end says so.
struct Reply {
    value: String,
    parent: Option<String>,
}

impl Questions {
    /// Over a socket whose halves are these.
    pub fn open(outbox: Outbox, socket: RouterRecvConnection) -> Self {
        let (sender, answers) = mpsc::channel();
        tokio::spawn(listen(socket, sender));
        Self { outbox, answers: Mutex::new(answers) }
    }

    /// Asks, and waits for the answer or for an interrupt.
    pub fn ask(
        &self,
        request: &JupyterMessage,
        question: &Question,
        interrupted: &AtomicBool,
    ) -> Answer {
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        // What came too late for an earlier question is no answer to this one.
        answers.try_iter().for_each(drop);
        let Question { prompt, is_password } = question.clone();
        let asked = self.outbox.ask(request, InputRequest { prompt, password: is_password });
        // An interrupt ends one question: whoever asks again wants an answer.
        while !interrupted.swap(false, Ordering::SeqCst) {
            match answers.recv_timeout(PATIENCE) {
                // Another front end may answer a question of its own.
                Ok(answer) if answer.parent.as_ref().is_some_and(|parent| *parent != asked) => {}
                Ok(answer) => return Answer::Text(answer.value),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Answer::Nobody,
            }
        }
        Answer::Interrupted
    }
}

async fn listen(mut socket: RouterRecvConnection, answers: mpsc::Sender<Reply>) {
    loop {
        match receive(&mut socket).await {
            Ok(Received::Message(message)) => {
                let parent = message.parent_header.as_ref().map(|parent| parent.msg_id.clone());
                if let Content::InputReply(reply) = message.content
                    && answers.send(Reply { value: reply.value, parent }).is_err()
                {
                    return;
                }
            }
            Ok(Received::Malformed(..)) => {}
            Err(_) => tokio::time::sleep(AFTER_ERROR).await,
        }
    }
}
