//! Runs cells and tells the front ends about it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::{DateTime, Utc};
use jupyter_protocol::{
    ClearOutput, DisplayData, ErrorOutput, ExecuteInput, ExecuteReply, ExecuteRequest,
    ExecuteResult, ExecutionCount, ExpressionResult, JupyterMessage,
    JupyterMessageContent as Content, ReplyError, ReplyStatus, StreamContent, Transient,
    UpdateDisplayData,
};
use serde_json::json;

use super::{Shared, lock};
use crate::engine::{Answer, CellError, FrontEnd, Output, Question, Session};
use crate::jupyter::media::media;
use crate::jupyter::note;
use crate::jupyter::outbox::Outbox;
use crate::jupyter::questions::Questions;
use crate::relay::MimeBundle;

/// The ways to the front ends.
pub struct Ways {
    /// To all of them.
    pub published: Outbox,
    /// To the one that asked.
    pub replies: Outbox,
    /// To the user.
    pub questions: Option<Questions>,
}

/// The session as the front ends see it: cells with numbers.
pub struct Cells {
    /// Or why there is none.
    session: Result<Session, String>,
    ways: Ways,
    shared: Arc<Shared>,
    count: usize,
    /// The cell that has run last.
    last: Option<JupyterMessage>,
}

impl Cells {
    /// Without a session.
    pub fn new(ways: Ways, shared: Arc<Shared>) -> Self {
        let session = Err("it has not been started".to_owned());
        Self { session, ways, shared, count: 0, last: None }
    }

    /// With a session, or with the reason why there is none.
    pub fn start(&mut self, session: Result<Session, String>) {
        self.session = session;
    }

    /// Waits for work. What threads of earlier cells show meanwhile stands under the last cell.
    pub fn wait_for<T: Send>(&mut self, work: impl FnOnce() -> Option<T> + Send) -> Option<T> {
        let Ok(session) = &mut self.session else { return work() };
        let (published, last, count) = (&self.ways.published, self.last.as_ref(), self.count);
        let waited = session.wait_for(work, &mut |output: Output| {
            if let Some(request) = last {
                publish(published, request, count, output);
            }
        });
        // Without a relay there is no session.
        waited.inspect_err(|error| note(&error.to_string())).ok().flatten()
    }

    /// Answers a cell that was stopped before its turn.
    pub fn refuse(&mut self, request: &JupyterMessage) {
        let Content::ExecuteRequest(cell) = &request.content else { return };
        self.ways.published.busy(request);
        self.shared.unanswered.fetch_sub(1, Ordering::SeqCst);
        self.answer(request, cell, Some(&CellError::Interrupted), HashMap::new(), Utc::now());
        self.ways.published.idle(request);
    }

    /// The session, if there is one.
    pub fn session(&mut self) -> Option<&mut Session> {
        self.session.as_mut().ok()
    }

    /// Runs a cell. True if the cells queued behind it must not run. Calls `collect_queued` before
    /// it answers: cells that somebody sends who knows the answer are not queued behind it.
    pub fn execute(&mut self, request: &JupyterMessage, collect_queued: impl FnOnce()) -> bool {
        let Content::ExecuteRequest(cell) = &request.content else { return false };
        let published = &self.ways.published;
        let begun = Utc::now();
        if !self.shared.is_announced.swap(false, Ordering::SeqCst) {
            published.busy(request);
        }
        if cell.code.trim().is_empty() {
            collect_queued();
            self.shared.unanswered.fetch_sub(1, Ordering::SeqCst);
            self.answer(request, cell, None, HashMap::new(), begun);
            self.ways.published.idle(request);
            return false;
        }
        *lock(&self.shared.running) = Some(request.clone());
        if cell.store_history && !cell.silent {
            self.count += 1;
        }
        if !cell.silent {
            let (code, execution_count) = (cell.code.clone(), ExecutionCount::new(self.count));
            published.publish(request, ExecuteInput { code, execution_count });
        }
        let (result, value) = self.run(request, cell);
        if !cell.silent {
            self.last = Some(request.clone());
        }
        if cell.store_history && !cell.silent {
            self.shared.history.push(self.count, &cell.code, &value);
        }
        let expressions = match &result {
            Ok(()) => self.user_expressions(cell),
            Err(_) => HashMap::new(),
        };
        if let Ok(session) = &self.session {
            *lock(&self.shared.names) = session.names();
        }
        *lock(&self.shared.running) = None;
        collect_queued();
        // Whoever has the answer may ask the session at once.
        self.shared.unanswered.fetch_sub(1, Ordering::SeqCst);
        self.answer(request, cell, result.as_ref().err(), expressions, begun);
        self.ways.published.idle(request);
        result.is_err() && cell.stop_on_error
    }

    /// Answers a cell that is not run.
    pub fn abort(&self, request: &JupyterMessage) {
        self.ways.published.busy(request);
        self.shared.unanswered.fetch_sub(1, Ordering::SeqCst);
        let reply = self.reply(ReplyStatus::Aborted, None, HashMap::new());
        self.ways.replies.reply(request, reply);
        self.ways.published.idle(request);
    }

    /// Runs the code; returns how that ended, and its value as text.
    fn run(
        &mut self,
        request: &JupyterMessage,
        cell: &ExecuteRequest,
    ) -> (Result<(), CellError>, String) {
        let mut audience = Audience {
            ways: &self.ways,
            shared: &self.shared,
            request,
            count: self.count,
            is_silent: cell.silent,
            may_ask: cell.allow_stdin,
            value: String::new(),
        };
        let result = match &mut self.session {
            Ok(session) => session.execute(&cell.code, &mut audience),
            Err(reason) => {
                Err(CellError::Engine { message: format!("the session did not start: {reason}") })
            }
        };
        (result, audience.value)
    }

    /// The values of what the front end wants to know beside the cell.
    fn user_expressions(&mut self, cell: &ExecuteRequest) -> HashMap<String, ExpressionResult> {
        let Ok(session) = &mut self.session else { return HashMap::new() };
        let wanted = cell.user_expressions.iter().flatten();
        wanted.map(|(name, code)| (name.clone(), expression(session, code))).collect()
    }

    fn answer(
        &self,
        request: &JupyterMessage,
        cell: &ExecuteRequest,
        error: Option<&CellError>,
        expressions: HashMap<String, ExpressionResult>,
        begun: DateTime<Utc>,
    ) {
        let told = |status: &str| json!({"started": begun.to_rfc3339(), "status": status});
        let Some(error) = error else {
            let reply = self.reply(ReplyStatus::Ok, None, expressions);
            return self.ways.replies.reply_with(request, reply, told("ok"));
        };
        let details = details(error);
        if !cell.silent {
            let ReplyError { ename, evalue, traceback } = details.clone();
            self.ways.published.publish(request, ErrorOutput { ename, evalue, traceback });
        }
        let reply = self.reply(ReplyStatus::Error, Some(details), expressions);
        self.ways.replies.reply_with(request, reply, told("error"));
    }

    fn reply(
        &self,
        status: ReplyStatus,
        error: Option<ReplyError>,
        expressions: HashMap<String, ExpressionResult>,
    ) -> ExecuteReply {
        ExecuteReply {
            status,
            execution_count: ExecutionCount::new(self.count),
            payload: Vec::new(),
            user_expressions: Some(expressions),
            error: error.map(Box::new),
        }
    }
}

fn details(error: &CellError) -> ReplyError {
    ReplyError {
        ename: error.name().to_owned(),
        evalue: error.to_string(),
        traceback: error.traceback(true).lines().map(str::to_owned).collect(),
    }
}

/// The value of an expression, or why there is none. What it prints is not shown.
fn expression(session: &mut Session, code: &str) -> ExpressionResult {
    let mut value = MimeBundle::text("()");
    let result = session.execute(code, &mut |output: Output| {
        if let Output::Value(bundle) | Output::Display { bundle, .. } = output {
            value = bundle;
        }
    });
    match result {
        Ok(()) => ExpressionResult::Ok { data: media(&value), metadata: value.metadata().clone() },
        Err(error) => {
            let ReplyError { ename, evalue, traceback } = details(&error);
            ExpressionResult::Error { ename, evalue, traceback }
        }
    }
}

/// The front ends, while one cell runs.
struct Audience<'a> {
    ways: &'a Ways,
    shared: &'a Shared,
    request: &'a JupyterMessage,
    count: usize,
    is_silent: bool,
    may_ask: bool,
    /// The text of the cell's value.
    value: String,
}

impl FrontEnd for Audience<'_> {
    fn show(&mut self, output: Output) {
        if let Output::Value(bundle) = &output {
            bundle.get("text/plain").unwrap_or_default().clone_into(&mut self.value);
        }
        if !self.is_silent {
            publish(&self.ways.published, self.request, self.count, output);
        }
    }

    fn ask(&mut self, question: &Question) -> Answer {
        match self.ways.questions.as_ref().filter(|_| self.may_ask) {
            Some(questions) => questions.ask(self.request, question, &self.shared.stops_asking),
            None => Answer::Nobody,
        }
    }
}

fn publish(published: &Outbox, request: &JupyterMessage, count: usize, output: Output) {
    match output {
        Output::Stdout(text) => published.publish(request, StreamContent::stdout(&text)),
        Output::Stderr(text) => published.publish(request, StreamContent::stderr(&text)),
        Output::Display { bundle, id } => {
            let mut display = DisplayData::new(media(&bundle));
            display.metadata = bundle.metadata().clone();
            display.transient = id.map(|id| Transient { display_id: Some(id) });
            published.publish(request, display);
        }
        Output::Update { bundle, id } => {
            let mut update = UpdateDisplayData::new(media(&bundle), &id);
            update.metadata = bundle.metadata().clone();
            published.publish(request, update);
        }
        Output::Value(bundle) => {
            let count = ExecutionCount::new(count);
            let mut result = ExecuteResult::new(count, media(&bundle));
            result.metadata = bundle.metadata().clone();
            // Absent it would be sent as null, where front ends expect an object.
            result.transient = Some(Transient { display_id: None });
            published.publish(request, result);
        }
        Output::Clear { wait } => published.publish(request, ClearOutput { wait }),
    }
}
