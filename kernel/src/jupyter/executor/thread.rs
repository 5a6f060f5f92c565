//! The engine's thread: starts the session and works through the queue.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};

use jupyter_protocol::media::{Media, MediaType};
use jupyter_protocol::{
    InspectReply, JupyterMessage, JupyterMessageContent as Content, StreamContent,
};

use super::cell::{Cells, Ways};
use super::{Job, Setup, Shared, lock};
use crate::engine::{Completion, Options, Session, complete_words};
use crate::jupyter::outbox::Outbox;
use crate::jupyter::positions::byte_offset;
use crate::jupyter::questions::Questions;
use crate::jupyter::replies::completions;
use crate::page;
use crate::prelude::{Extent, Prelude, Progress, Stopped};

/// Why there is no session.
enum NotStarted {
    /// The user did not want to wait; this is what it can be started from.
    Stopped(Setup),
    /// For this reason.
    Failed(String),
}

/// Owns everything that only the engine's thread touches.
pub struct Worker {
    shared: Arc<Shared>,
    published: Outbox,
    replies: Outbox,
    questions: Option<Questions>,
    queue: VecDeque<Job>,
}

impl Worker {
    /// With the ways out for what cells show and for answers.
    pub fn new(
        shared: Arc<Shared>,
        published: Outbox,
        replies: Outbox,
        questions: Questions,
    ) -> Self {
        Self { shared, published, replies, questions: Some(questions), queue: VecDeque::new() }
    }

    /// Works until the end is asked for.
    pub fn run(mut self, setup: Setup, mut jobs: mpsc::Receiver<Job>) {
        let ways = Ways {
            published: self.published.clone(),
            replies: self.replies.clone(),
            questions: self.questions.take(),
        };
        let mut cells = Cells::new(ways, Arc::clone(&self.shared));
        let mut setup = Some(setup);
        loop {
            if let Some(own) = setup.take() {
                match self.start(own) {
                    Ok(session) => cells.start(Ok(session)),
                    Err(NotStarted::Failed(reason)) => cells.start(Err(reason)),
                    Err(NotStarted::Stopped(own)) => {
                        self.queue.extend(jobs.try_iter());
                        self.refuse_queued(&mut cells);
                        // The next cell may want to wait.
                        setup = Some(own);
                    }
                }
                self.shared.has_started.store(true, Ordering::SeqCst);
            }
            let Some(job) = self.next_job(&mut jobs, &mut cells) else { return };
            match job {
                Job::Execute(request) if setup.is_some() => {
                    self.shared.has_started.store(false, Ordering::SeqCst);
                    *lock(&self.shared.waiting) = Some(request.clone());
                    self.queue.push_front(Job::Execute(request));
                }
                Job::Execute(request) => {
                    self.shared.stops_asking.store(false, Ordering::SeqCst);
                    // It was stopped while it waited for its turn.
                    if self.shared.interrupted.load(Ordering::SeqCst) {
                        self.queue.push_front(Job::Execute(request));
                        self.refuse_queued(&mut cells);
                        continue;
                    }
                    let stop = cells.execute(&request, || self.queue.extend(jobs.try_iter()));
                    let interrupted = self.shared.interrupted.swap(false, Ordering::SeqCst);
                    if stop || interrupted {
                        self.abort_queued(&cells);
                    }
                }
                Job::Complete(request) => self.complete(request, cells.session()),
                Job::Inspect(request) => self.inspect(request, cells.session()),
                Job::End => return,
            }
        }
    }

    /// Waits for a job.
    fn next_job(&mut self, jobs: &mut mpsc::Receiver<Job>, cells: &mut Cells) -> Option<Job> {
        self.queue.pop_front().or_else(|| cells.wait_for(move || jobs.recv().ok()))
    }

    fn start(&self, setup: Setup) -> Result<Session, NotStarted> {
        let mut options = Options { compiles_rest: true, ..Options::default() };
        if setup.with_prelude {
            let mut note = |line: &str| self.note(line);
            let is_stopped = || self.shared.interrupted.load(Ordering::SeqCst);
            let mut progress = Progress::Lines { show: &mut note, is_stopped: &is_stopped };
            match Prelude::prepare(Extent::Models, &mut progress) {
                Ok(prelude) => options.prelude = Some(prelude),
                Err(error) if error.is::<Stopped>() => return Err(NotStarted::Stopped(setup)),
                Err(error) => return Err(NotStarted::Failed(format!("{error:#}"))),
            }
        }
        let session = Session::start(setup.folder, options)
            .map_err(|error| NotStarted::Failed(format!("{error:#}")))?;
        *lock(&self.shared.interrupter) = Some(session.interrupter());
        *lock(&self.shared.assistance) = session.assistance_stopper();
        Ok(session)
    }

    /// Says what the session waits for, where somebody waits.
    fn note(&self, line: &str) {
        let waiting = lock(&self.shared.waiting);
        let Some(request) = waiting.as_ref() else { return };
        let Content::ExecuteRequest(cell) = &request.content else { return };
        if !cell.silent {
            if !self.shared.is_announced.swap(true, Ordering::SeqCst) {
                self.published.busy(request);
            }
            self.published.publish(request, StreamContent::stderr(&format!("{line}\n")));
        }
    }

    /// Answers the first of the cells that wait as interrupted, and the others as not run.
    fn refuse_queued(&mut self, cells: &mut Cells) {
        self.shared.interrupted.store(false, Ordering::SeqCst);
        let first = self.queue.iter().position(|job| matches!(job, Job::Execute(_)));
        if let Some(Job::Execute(request)) = first.and_then(|at| self.queue.remove(at)) {
            cells.refuse(&request);
        }
        self.abort_queued(cells);
    }

    /// Answers the cells that wait behind a failed one without running them.
    fn abort_queued(&mut self, cells: &Cells) {
        let (aborted, kept): (VecDeque<_>, VecDeque<_>) =
            self.queue.drain(..).partition(|job| matches!(job, Job::Execute(_)));
        self.queue = kept;
        for job in aborted {
            if let Job::Execute(request) = job {
                cells.abort(&request);
            }
        }
    }

    fn complete(&self, request: JupyterMessage, session: Option<&mut Session>) {
        let Content::CompleteRequest(question) = &request.content else { return };
        self.published.busy(&request);
        let code = question.code.clone();
        let position = byte_offset(&code, question.cursor_pos);
        let (published, replies, shared) =
            (self.published.clone(), self.replies.clone(), Arc::clone(&self.shared));
        let text = code.clone();
        let answer = move |found: Option<Completion>| {
            let names = lock(&shared.names).clone();
            let found = found.unwrap_or_else(|| complete_words(&text, position, &names));
            replies.reply(&request, completions(&text, &found));
            published.idle(&request);
        };
        match session {
            Some(session) => session.complete(&code, position, answer),
            None => answer(None),
        }
    }

    fn inspect(&self, request: JupyterMessage, session: Option<&mut Session>) {
        let Content::InspectRequest(question) = &request.content else { return };
        self.published.busy(&request);
        let code = question.code.clone();
        let cursor = byte_offset(&code, question.cursor_pos);
        let (published, replies) = (self.published.clone(), self.replies.clone());
        let answer = move |found: Option<(String, String)>| {
            let reply = found.map(|(text, markdown)| InspectReply {
                found: true,
                data: Media::new(vec![
                    MediaType::Plain(text),
                    MediaType::Html(page::fragment(&markdown)),
                    MediaType::Markdown(markdown),
                ]),
                ..InspectReply::default()
            });
            replies.reply(&request, reply.unwrap_or_default());
            published.idle(&request);
        };
        let places: Vec<_> = [Some(word_end(&code, cursor)), callee_end(&code, cursor)]
            .into_iter()
            .flatten()
            .collect();
        match session {
            Some(session) => session.document(&code, &places, answer),
            None => answer(None),
        }
    }
}

/// The end of the name in which the cursor stands.
fn word_end(code: &str, cursor: usize) -> usize {
    let rest = &code[cursor..];
    let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
    cursor + length
}

/// The opening parenthesis of the call within whose arguments the cursor stands, and which is thereby
/// asked about, with the parenthesis.
fn callee_end(code: &str, cursor: usize) -> Option<usize> {
    let mut closed = 0_usize;
    for (at, character) in code[..cursor].char_indices().rev() {
        match character {
            ')' | ']' | '}' => closed += 1,
            '(' if closed == 0 => return Some(at + 1),
            '[' | '{' | ';' if closed == 0 => return None,
            '(' | '[' | '{' => closed -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_its_arguments_a_call_is_asked_about() {
        for (code, expected) in [
            ("f(|", Some("f(")),
            ("String::from_utf8(x, g(1)|)", Some("String::from_utf8(")),
            ("f(a, g(|))", Some("f(a, g(")),
            ("f(a); |", None),
            ("f({ let a = 1; |", None),
            ("a[|", None),
            ("(f)(|", Some("(f)(")),
        ] {
            let cursor = code.find('|').unwrap();
            let code = code.replace('|', "");
            assert_eq!(callee_end(&code, cursor).map(|end| &code[..end]), expected, "{code}");
        }
    }
}
