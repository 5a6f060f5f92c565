//! Completions and documentation from a process of its own.
//!
//! rust-analyzer reads the sources of the library and of Rust before it can answer: seconds of work
//! and half a gigabyte. In the session's own process every cell that comes meanwhile would wait for
//! it, nothing could stop it, and nothing would give the memory back. So a second session reads the
//! sources when somebody first asks. It runs no cells; it is told what they have defined with every
//! question, can be stopped, and ends when nobody has asked for a while.

mod outline;
mod serve;

pub use outline::Outline;
pub use serve::serve;

use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

use super::assist::Completion;
use crate::compiler::outer_path;
use crate::prelude::Extent;
use crate::process_group;
use crate::relay::{FOLDER_VARIABLE, RELAY_VARIABLE};

/// After so long without a question the process ends.
const PATIENCE: Duration = Duration::from_secs(10 * 60);

/// What is to be found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// What could stand at a place.
    Completion,
    /// What is known about the name that ends at a place.
    Documentation,
}

/// A question about places in a cell.
#[derive(Debug, Serialize, Deserialize)]
pub struct Question {
    /// What is to be found out.
    pub wanted: Wanted,
    /// What earlier cells have defined, as code.
    pub outline: String,
    /// The cell.
    pub code: String,
    /// The places, in bytes, to be tried one after the other.
    pub places: Vec<usize>,
}

/// What was found out.
#[derive(Debug, Serialize, Deserialize)]
pub enum Answer {
    /// What could stand at the place.
    Completion(Completion),
    /// Documentation, as text and as HTML.
    Documentation(String, String),
    /// Nothing.
    Nothing,
}

/// Called with the answer. Without one the process has been stopped.
pub type OnAnswer = Box<dyn FnOnce(Option<Answer>) + Send>;

/// The process, and the thread that talks to it.
pub struct Assistant {
    questions: Sender<(Question, OnAnswer)>,
    running: Running,
}

/// A process with those that it has started.
#[derive(Clone)]
struct Running {
    /// Its own number is that of the group, too.
    group: Pid,
    has_ended: Arc<AtomicBool>,
}

impl Running {
    fn is_there(&self) -> bool {
        !self.has_ended.load(Ordering::SeqCst)
    }

    fn end(&self) {
        if self.is_there() {
            // Nobody is there to hear of a failure.
            let _ = process_group::signal(self.group, Signal::KILL);
        }
    }
}

/// Stops an assistant from another thread, whichever there is.
#[derive(Clone, Default)]
pub struct Stopper(Arc<Mutex<Option<Running>>>);

impl Stopper {
    /// Ends the process. Questions that wait for it get no answer; the next one starts another.
    pub fn stop(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().for_each(Running::end);
    }
}

impl Assistant {
    /// Starts the process, for a session that lives in this folder.
    ///
    /// # Errors
    /// When this program cannot be started again.
    pub fn start(session: &Path, extent: Option<Extent>, stopper: &Stopper) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("assist").arg("--session").arg(session);
        match extent {
            Some(Extent::Whole) => drop(command.arg("--whole")),
            Some(Extent::Models) => {}
            None => drop(command.arg("--no-prelude")),
        }
        command
            .env("PATH", outer_path())
            .env_remove(FOLDER_VARIABLE)
            .env_remove(RELAY_VARIABLE)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // With what it starts it can be stopped as a group.
            .process_group(0);
        let child = command.spawn()?;
        let running = Running { group: Pid::from_child(&child), has_ended: Arc::default() };
        let (questions, waiting) = mpsc::channel();
        *stopper.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(running.clone());
        let own = running.clone();
        std::thread::spawn(move || talk(child, &waiting, &own));
        Ok(Self { questions, running })
    }

    /// Whether the process is there.
    pub fn is_running(&self) -> bool {
        self.running.is_there()
    }

    /// Asks, without waiting for the answer.
    pub fn ask(&self, question: Question, on_answer: OnAnswer) {
        if let Err(mpsc::SendError((_, on_answer))) = self.questions.send((question, on_answer)) {
            on_answer(None);
        }
    }
}

impl Drop for Assistant {
    fn drop(&mut self) {
        self.running.end();
    }
}

/// Puts one question after the other, until the process or the session has ended.
fn talk(mut child: Child, waiting: &Receiver<(Question, OnAnswer)>, running: &Running) {
    let mut input = child.stdin.take();
    let mut output = child.stdout.take().map(BufReader::new);
    // Nobody has asked for long, or nobody is there to ask.
    while let Ok((question, on_answer)) = waiting.recv_timeout(PATIENCE) {
        let answer = exchange(input.as_mut(), output.as_mut(), &question).ok();
        let is_gone = answer.is_none();
        on_answer(answer);
        if is_gone {
            break;
        }
    }
    running.end();
    let _ = child.wait();
    running.has_ended.store(true, Ordering::SeqCst);
    // Those that came too late.
    waiting.try_iter().for_each(|(_, on_answer)| on_answer(None));
}

fn exchange(
    input: Option<&mut impl Write>,
    output: Option<&mut impl BufRead>,
    question: &Question,
) -> io::Result<Answer> {
    let gone = || io::Error::from(io::ErrorKind::BrokenPipe);
    let (input, output) = (input.ok_or_else(gone)?, output.ok_or_else(gone)?);
    let mut line = serde_json::to_vec(question)?;
    line.push(b'\n');
    input.write_all(&line)?;
    input.flush()?;
    let mut answer = String::new();
    output.read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer)?)
}
