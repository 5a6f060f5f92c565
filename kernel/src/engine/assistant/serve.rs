//! The process that answers.

use std::io::{self, BufRead, Write};
use std::path::Path;

use anyhow::Result;

use super::{Answer, Question, Wanted};
use crate::compiler::Added;
use crate::engine::{Completion, Options, Session, SessionFolder};

/// Within a session's folder: where its assistant has a folder of its own.
const FOLDER: &str = "a";

/// Reads the sources, then answers one question a line until there are no more.
///
/// # Errors
/// When the session cannot be set up, or nobody reads the answers.
pub fn serve(of: &Path, options: impl FnOnce() -> Result<Options>) -> Result<()> {
    let folder = SessionFolder::enter(&of.join(FOLDER))?;
    Added::share(of, folder.path())?;
    let mut session = Session::start(folder, Options { runs_cells: false, ..options()? })?;
    session.read_sources();
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        let answer = answer(&mut session, question);
        serde_json::to_writer(&mut output, &answer)?;
        writeln!(output)?;
        output.flush()?;
    }
    Ok(())
}

fn answer(session: &mut Session, question: Question) -> Answer {
    let Question { wanted, outline, code, places } = question;
    let before = outline.len();
    let whole = outline + &code;
    let find = |place: usize| match wanted {
        Wanted::Completion => session.completion(&whole, before + place).map(|found| {
            let start = found.start.saturating_sub(before);
            let end = found.end.saturating_sub(before);
            Answer::Completion(Completion { start, end, ..found })
        }),
        Wanted::Documentation => session
            .documentation(&whole, before + place)
            .map(|(text, html)| Answer::Documentation(text, html)),
    };
    places.into_iter().find_map(find).unwrap_or(Answer::Nothing)
}
