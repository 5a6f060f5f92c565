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
    answers: Mutex<mpsc::Receiver<String>>,
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
        self.outbox.reply(request, InputRequest { prompt, password: is_password });
        // An interrupt ends one question: whoever asks again wants an answer.
        while !interrupted.swap(false, Ordering::SeqCst) {
            match answers.recv_timeout(PATIENCE) {
                Ok(answer) => return Answer::Text(answer),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Answer::Nobody,
            }
        }
        Answer::Interrupted
    }
}

async fn listen(mut socket: RouterRecvConnection, answers: mpsc::Sender<String>) {
    loop {
        match receive(&mut socket).await {
            Ok(Received::Message(message)) => {
                if let Content::InputReply(reply) = message.content
                    && answers.send(reply.value).is_err()
                {
                    return;
                }
            }
            Ok(Received::Malformed(..)) => {}
            Err(_) => tokio::time::sleep(AFTER_ERROR).await,
        }
    }
}
