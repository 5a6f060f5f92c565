//! The thread that owns the engine, and the queue in front of it.

mod cell;
mod thread;

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jupyter_protocol::JupyterMessage;

use super::history::History;
use super::note;
use super::outbox::Outbox;
use super::questions::Questions;
use crate::engine::{Interrupter, STACK, SessionFolder, Stopper};
use crate::state_file;

/// Remembers the cells of earlier sessions.
const CELLS: &str = "cells.jsonl";

/// What the engine is to do.
pub enum Job {
    /// Run a cell.
    Execute(JupyterMessage),
    /// Find completions.
    Complete(JupyterMessage),
    /// Show documentation.
    Inspect(JupyterMessage),
    /// End the session.
    End,
}

/// What a session is made from.
pub struct Setup {
    /// Its private folder.
    pub folder: SessionFolder,
    /// Whether cells can use the model library.
    pub with_prelude: bool,
}

/// What the engine's thread shares with the sockets' tasks.
#[derive(Default)]
struct Shared {
    /// Cells that are queued or under way: those that have no answer yet.
    unanswered: AtomicUsize,
    /// Whether the running cell was interrupted.
    interrupted: AtomicBool,
    /// Whether a question to the user is not to be answered any more.
    stops_asking: AtomicBool,
    /// The cells so far.
    history: History,
    /// The names that these have given.
    names: Mutex<Vec<String>>,
    /// Known once the session has started.
    interrupter: Mutex<Option<Interrupter>>,
    /// Stops what finds completions.
    assistance: Mutex<Stopper>,
    /// The first cell, which is told what the session waits for while it starts.
    waiting: Mutex<Option<JupyterMessage>>,
    /// The cell that is running.
    running: Mutex<Option<JupyterMessage>>,
    /// Whether the first cell has been said to be under way.
    is_announced: AtomicBool,
    /// Whether the session has started, or will not.
    has_started: AtomicBool,
}

/// Gives the engine work.
#[derive(Clone)]
pub struct Handle {
    jobs: mpsc::Sender<Job>,
    shared: Arc<Shared>,
}

impl Handle {
    /// Appends a job to the queue.
    pub fn queue(&self, job: Job) {
        if let Job::Execute(request) = &job {
            let mut waiting = lock(&self.shared.waiting);
            waiting.get_or_insert_with(|| request.clone());
            self.shared.unanswered.fetch_add(1, Ordering::SeqCst);
        }
        // A closed queue means that the kernel is about to end.
        let _ = self.jobs.send(job);
    }

    /// The cells so far.
    pub fn history(&self) -> &History {
        &self.shared.history
    }

    /// The names that cells so far have given.
    pub fn names(&self) -> Vec<String> {
        lock(&self.shared.names).clone()
    }

    /// Whether the session can answer at once: it has started, and no cell is queued or under way.
    pub fn is_free(&self) -> bool {
        self.shared.has_started.load(Ordering::SeqCst) && !self.has_cells()
    }

    fn has_cells(&self) -> bool {
        self.shared.unanswered.load(Ordering::SeqCst) > 0
    }

    /// The cell that is running.
    pub fn running(&self) -> Option<JupyterMessage> {
        lock(&self.shared.running).clone()
    }

    /// Stops the running cell, and the ones queued behind it.
    pub fn interrupt(&self) {
        if !self.has_cells() {
            // What else could be meant is reading sources for a completion.
            return lock(&self.shared.assistance).stop();
        }
        self.shared.interrupted.store(true, Ordering::SeqCst);
        self.shared.stops_asking.store(true, Ordering::SeqCst);
        if let Some(interrupter) = lock(&self.shared.interrupter).as_ref()
            && let Err(error) = interrupter.interrupt()
        {
            note(&format!("the cell was not interrupted: {error}"));
        }
    }
}

/// The engine's thread.
pub struct Executor {
    handle: Handle,
    thread: Option<JoinHandle<()>>,
    folder: PathBuf,
}

impl Executor {
    /// Starts the thread, which starts the session.
    ///
    /// # Errors
    /// When the system has no thread to give.
    pub fn start(
        setup: Setup,
        published: Outbox,
        replies: Outbox,
        questions: Questions,
    ) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel();
        let history = state_file(CELLS).map(|file| History::open(&file)).unwrap_or_default();
        let shared = Arc::new(Shared { history, ..Shared::default() });
        let folder = setup.folder.path().to_owned();
        let worker = thread::Worker::new(Arc::clone(&shared), published, replies, questions);
        let thread = std::thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || worker.run(setup, receiver))?;
        Ok(Self { handle: Handle { jobs: sender, shared }, thread: Some(thread), folder })
    }

    /// A way to give it work.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Ends the session; a running cell is not waited for.
    pub fn end_within(mut self, patience: Duration) {
        self.handle.queue(Job::End);
        // Also where no cell waits for the session that is being started.
        self.handle.shared.interrupted.store(true, Ordering::SeqCst);
        self.handle.shared.stops_asking.store(true, Ordering::SeqCst);
        if let Some(interrupter) = lock(&self.handle.shared.interrupter).as_ref() {
            // A relay that cannot be reached is gone, and the cell with it.
            let _ = interrupter.kill();
        }
        let deadline = Instant::now() + patience;
        let Some(thread) = self.thread.take() else { return };
        while !thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(10));
        }
        // The thread removes the folder itself, unless it is stuck in the compiler.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
