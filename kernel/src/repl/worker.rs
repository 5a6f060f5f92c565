//! The thread that owns the session, so that the terminal stays free while it works.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::Setup;
use crate::engine::{
    Answer, CellError, Completion, FrontEnd, Interrupter, Options, Output, Question, Session,
};
use crate::prelude::{Extent, Prelude, Progress};

/// What the session is to do.
pub enum Job {
    /// Run a cell. Everything about it comes as reports.
    Execute(String),
    /// Find what could stand at a place in the code, given in bytes.
    Complete {
        /// The code.
        code: String,
        /// The place.
        position: usize,
        /// Where the answer goes.
        answer: Sender<Option<Completion>>,
    },
}

/// What happens while a cell runs.
pub enum Report {
    /// It shows something.
    Output(Output),
    /// It asks the user.
    Ask {
        /// What it asks.
        question: Question,
        /// Where the answer goes.
        answer: Sender<Answer>,
    },
    /// It has ended.
    Ended(Result<(), CellError>),
}

/// How far the session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is being started; the text says what that waits for.
    Starting(String),
    /// It can run cells.
    Ready,
    /// It did not start, for this reason.
    Failed(String),
}

/// What the worker shares with the prompt and with whoever hears Ctrl-C.
pub struct Shared {
    stage: Mutex<Stage>,
    interrupter: Mutex<Option<Interrupter>>,
    /// Whether Ctrl-C was pressed since the cell began.
    interrupted: AtomicBool,
}

impl Shared {
    /// How far the session is.
    pub fn stage(&self) -> Stage {
        lock(&self.stage).clone()
    }

    /// Asks the running cell to stop.
    pub fn interrupt(&self) {
        self.interrupted.store(true, Ordering::SeqCst);
        if let Some(interrupter) = lock(&self.interrupter).as_ref()
            && let Err(error) = interrupter.interrupt()
        {
            eprintln!("elbo: the cell was not interrupted: {error}");
        }
    }

    /// Whether the user wanted to stop since the last time this was asked.
    pub fn take_interrupted(&self) -> bool {
        self.interrupted.swap(false, Ordering::SeqCst)
    }

    fn enter(&self, stage: Stage, on_stage: &dyn Fn(&Stage)) {
        *lock(&self.stage) = stage.clone();
        on_stage(&stage);
    }
}

/// A session on a thread of its own.
pub struct Worker {
    jobs: Sender<Job>,
    reports: Receiver<Report>,
    shared: Arc<Shared>,
    thread: JoinHandle<()>,
    folder: PathBuf,
}

impl Worker {
    /// Starts the thread, which starts the session. `on_stage` is called there at every change of
    /// the stage.
    pub fn start(setup: Setup, on_stage: impl Fn(&Stage) + Send + 'static) -> Self {
        let (jobs, receiver) = mpsc::channel();
        let (sender, reports) = mpsc::channel();
        let shared = Arc::new(Shared {
            stage: Mutex::new(Stage::Starting("starting the session".to_owned())),
            interrupter: Mutex::default(),
            interrupted: AtomicBool::new(false),
        });
        let folder = setup.folder.path().to_owned();
        let own = Arc::clone(&shared);
        let thread = std::thread::spawn(move || {
            match start_session(setup, &own, &on_stage) {
                Ok(session) => {
                    *lock(&own.interrupter) = Some(session.interrupter());
                    own.enter(Stage::Ready, &on_stage);
                    work(session, &receiver, &sender);
                }
                Err(error) => own.enter(Stage::Failed(format!("{error:#}")), &on_stage),
            };
        });
        Self { jobs, reports, shared, thread, folder }
    }

    /// The way to give it work.
    pub fn jobs(&self) -> Sender<Job> {
        self.jobs.clone()
    }

    /// What it shares.
    pub fn shared(&self) -> Arc<Shared> {
        Arc::clone(&self.shared)
    }

    /// The next report, or `None` if there is none for a while.
    ///
    /// # Errors
    /// When the session is gone, with the reason if it is known.
    pub fn next_report(&self, patience: Duration) -> Result<Option<Report>> {
        match self.reports.recv_timeout(patience) {
            Ok(report) => Ok(Some(report)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(self.why_gone()),
        }
    }

    /// Why there is no session.
    pub fn why_gone(&self) -> anyhow::Error {
        match self.shared.stage() {
            Stage::Failed(reason) => anyhow::anyhow!("the session did not start: {reason}"),
            _ => anyhow::anyhow!("the session has ended unexpectedly; start `elbo repl` again"),
        }
    }

    /// Ends the session. One that is still being started is not waited for.
    pub fn end_within(self, patience: Duration) {
        let Self { jobs, shared, thread, folder, .. } = self;
        drop(jobs);
        let deadline = Instant::now() + patience;
        let is_starting = matches!(shared.stage(), Stage::Starting(_));
        while !is_starting && !thread.is_finished() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        // The thread removes the folder itself, unless it is stuck in the compiler.
        let _ = std::fs::remove_dir_all(folder);
    }
}

fn start_session(setup: Setup, shared: &Shared, on_stage: &dyn Fn(&Stage)) -> Result<Session> {
    let working_folder = std::env::current_dir().context("the current folder is gone")?;
    let mut options = Options {
        working_folder: Some(working_folder),
        compiles_rest: setup.with_prelude,
        ..Options::default()
    };
    if setup.with_prelude {
        let mut note = |line: &str| shared.enter(Stage::Starting(line.to_owned()), on_stage);
        // Ctrl-C ends the program while it starts.
        let mut progress = Progress::Lines { show: &mut note, is_stopped: &|| false };
        options.prelude = Some(Prelude::prepare(Extent::Models, &mut progress)?);
    }
    shared.enter(Stage::Starting("starting the session".to_owned()), on_stage);
    Session::start(setup.folder, options)
}

/// Works until nobody can give work any more, or hear of it.
fn work(mut session: Session, jobs: &Receiver<Job>, reports: &Sender<Report>) {
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Execute(code) => {
                let result = session.execute(&code, &mut Reporter(reports));
                if reports.send(Report::Ended(result)).is_err() {
                    return;
                }
            }
            Job::Complete { code, position, answer } => {
                // Whoever asked may have gone on typing.
                session.complete(&code, position, move |found| drop(answer.send(found)));
            }
        }
    }
}

/// Passes on what a cell shows and asks.
struct Reporter<'a>(&'a Sender<Report>);

impl FrontEnd for Reporter<'_> {
    fn show(&mut self, output: Output) {
        // Without a receiver the program is about to end.
        let _ = self.0.send(Report::Output(output));
    }

    fn ask(&mut self, question: &Question) -> Answer {
        let (answer, answered) = mpsc::channel();
        let question = question.clone();
        // Without a receiver the program is about to end.
        let _ = self.0.send(Report::Ask { question, answer });
        answered.recv().unwrap_or(Answer::Nobody)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
