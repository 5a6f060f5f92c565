//! Runs cells and tells the front ends about it.

use jupyter_protocol::{
    ClearOutput, DisplayData, ErrorOutput, ExecuteInput, ExecuteReply, ExecuteRequest,
    ExecuteResult, ExecutionCount, JupyterMessage, JupyterMessageContent as Content, ReplyError,
    ReplyStatus, StreamContent, Transient, UpdateDisplayData,
};

use crate::engine::{CellError, Output, Session};
use crate::jupyter::outbox::Outbox;
use crate::notebook::bundle_as_media;

/// The session as the front ends see it: cells with numbers.
pub struct Cells {
    /// Or why there is none.
    session: Result<Session, String>,
    published: Outbox,
    replies: Outbox,
    count: usize,
}

impl Cells {
    /// With a session, or with the reason why there is none.
    pub fn new(session: Result<Session, String>, published: Outbox, replies: Outbox) -> Self {
        Self { session, published, replies, count: 0 }
    }

    /// The session, if there is one.
    pub fn session(&mut self) -> Option<&mut Session> {
        self.session.as_mut().ok()
    }

    /// Runs a cell. True if the cells queued behind it must not run.
    pub fn execute(&mut self, request: &JupyterMessage) -> bool {
        let Content::ExecuteRequest(cell) = &request.content else { return false };
        self.published.busy(request);
        if cell.store_history && !cell.silent {
            self.count += 1;
        }
        if !cell.silent {
            let (code, execution_count) = (cell.code.clone(), ExecutionCount::new(self.count));
            self.published.publish(request, ExecuteInput { code, execution_count });
        }
        let result = self.run(request, cell);
        self.answer(request, cell, result.as_ref().err());
        self.published.idle(request);
        result.is_err() && cell.stop_on_error
    }

    /// Answers a cell that is not run.
    pub fn abort(&self, request: &JupyterMessage) {
        self.published.busy(request);
        self.replies.reply(request, self.reply(ReplyStatus::Aborted, None));
        self.published.idle(request);
    }

    fn run(&mut self, request: &JupyterMessage, cell: &ExecuteRequest) -> Result<(), CellError> {
        let (published, count) = (&self.published, self.count);
        let session = self.session.as_mut().map_err(|reason| CellError::Engine {
            message: format!("the session did not start: {reason}"),
        })?;
        session.execute(&cell.code, &mut |output: Output| {
            if !cell.silent {
                publish(published, request, count, output);
            }
        })
    }

    fn answer(&self, request: &JupyterMessage, cell: &ExecuteRequest, error: Option<&CellError>) {
        let Some(error) = error else {
            self.replies.reply(request, self.reply(ReplyStatus::Ok, None));
            return;
        };
        let (ename, evalue) = (error.name().to_owned(), error.to_string());
        let traceback: Vec<_> = error.traceback(true).lines().map(str::to_owned).collect();
        let details = ReplyError { ename, evalue, traceback };
        if !cell.silent {
            let ReplyError { ename, evalue, traceback } = details.clone();
            self.published.publish(request, ErrorOutput { ename, evalue, traceback });
        }
        self.replies.reply(request, self.reply(ReplyStatus::Error, Some(details)));
    }

    fn reply(&self, status: ReplyStatus, error: Option<ReplyError>) -> ExecuteReply {
        ExecuteReply {
            status,
            execution_count: ExecutionCount::new(self.count),
            payload: Vec::new(),
            user_expressions: Some(Default::default()),
            error: error.map(Box::new),
        }
    }
}

fn publish(published: &Outbox, request: &JupyterMessage, count: usize, output: Output) {
    match output {
        Output::Stdout(text) => published.publish(request, StreamContent::stdout(&text)),
        Output::Stderr(text) => published.publish(request, StreamContent::stderr(&text)),
        Output::Display { bundle, id } => {
            let mut display = DisplayData::new(bundle_as_media(&bundle));
            display.transient = id.map(|id| Transient { display_id: Some(id) });
            published.publish(request, display);
        }
        Output::Update { bundle, id } => {
            published.publish(request, UpdateDisplayData::new(bundle_as_media(&bundle), &id));
        }
        Output::Value(bundle) => {
            let count = ExecutionCount::new(count);
            published.publish(request, ExecuteResult::new(count, bundle_as_media(&bundle)));
        }
        Output::Clear { wait } => published.publish(request, ClearOutput { wait }),
    }
}
