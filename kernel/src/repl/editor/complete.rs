//! Completions from the session, found while the user goes on typing.

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};

use reedline::{Completer, CompletionResult, CompletionStatus, Span, Suggestion, Suggestions};

use crate::engine::{Completion, Match};
use crate::repl::worker::{Job, Shared, Stage};

/// A place in a piece of code.
#[derive(Clone, PartialEq, Eq)]
struct Place {
    code: String,
    position: usize,
}

/// Asks the session and remembers its last answer.
pub struct SessionCompleter {
    jobs: Sender<Job>,
    shared: Arc<Shared>,
    asked: Option<(Place, Receiver<Option<Completion>>)>,
    known: Option<(Place, Suggestions)>,
}

impl SessionCompleter {
    /// For this session.
    pub fn new(jobs: Sender<Job>, shared: Arc<Shared>) -> Self {
        Self { jobs, shared, asked: None, known: None }
    }

    fn ask(&mut self, place: Place) {
        let (answer, answered) = mpsc::channel();
        let (code, position) = (place.code.clone(), place.position);
        // A session that has ended does not answer; that is noticed below.
        let _ = self.jobs.send(Job::Complete { code, position, answer });
        self.asked = Some((place, answered));
    }
}

impl Completer for SessionCompleter {
    fn complete(&mut self, line: &str, position: usize) -> CompletionResult {
        let place = Place { code: line.to_owned(), position };
        if let Some((_, suggestions)) = self.known.as_ref().filter(|(known, _)| *known == place) {
            return CompletionResult::Fresh { suggestions: Arc::clone(suggestions), partial: None };
        }
        if self.shared.stage() != Stage::Ready {
            return CompletionResult::fresh(Vec::new());
        }
        if self.asked.as_ref().is_none_or(|(asked, _)| *asked != place) {
            self.ask(place);
        }
        CompletionResult::Pending
    }

    fn poll_completion(&mut self) -> CompletionStatus {
        let Some((place, answered)) = &self.asked else { return CompletionStatus::Idle };
        let found = match answered.try_recv() {
            Ok(found) => found,
            Err(TryRecvError::Empty) => return CompletionStatus::Pending,
            Err(TryRecvError::Disconnected) => None,
        };
        self.known = Some((place.clone(), found.map_or_else(Suggestions::default, suggestions)));
        self.asked = None;
        CompletionStatus::Ready
    }
}

fn suggestions(found: Completion) -> Suggestions {
    let span = Span { start: found.start, end: found.end.max(found.start) };
    let suggestion = |item: Match| Suggestion { value: item.text, span, ..Suggestion::default() };
    found.matches.into_iter().map(suggestion).collect()
}
