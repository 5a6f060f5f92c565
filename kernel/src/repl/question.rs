//! Questions that cells ask while they run.

use std::borrow::Cow;
use std::io::{self, Write as _, stdout};

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers, read};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use reedline::{Prompt, PromptEditMode, PromptHistorySearch, Reedline, Signal};

use crate::engine::{Answer, Question};

/// Puts the question to the user, who may end it with Ctrl-D or stop the cell with Ctrl-C.
///
/// # Errors
/// When the terminal cannot be read.
pub fn ask(question: &Question) -> io::Result<Answer> {
    if question.is_password {
        return ask_hidden(&question.prompt);
    }
    let mut editor = Reedline::create();
    match editor.read_line(&Line(&question.prompt))? {
        Signal::Success(answer) => Ok(Answer::Text(answer)),
        Signal::CtrlC => Ok(Answer::Interrupted),
        _ => Ok(Answer::Nobody),
    }
}

fn ask_hidden(prompt: &str) -> io::Result<Answer> {
    print!("{prompt}");
    stdout().flush()?;
    enable_raw_mode()?;
    let answer = read_hidden();
    disable_raw_mode()?;
    println!();
    answer
}

fn read_hidden() -> io::Result<Answer> {
    let mut answer = String::new();
    loop {
        let key = match read()? {
            Event::Key(key) if key.kind != KeyEventKind::Release => key,
            Event::Paste(text) => {
                answer.push_str(&text);
                continue;
            }
            _ => continue,
        };
        let with_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Enter => return Ok(Answer::Text(answer)),
            KeyCode::Char('c') if with_control => return Ok(Answer::Interrupted),
            KeyCode::Char('d') if with_control => return Ok(Answer::Nobody),
            KeyCode::Char(character) if !with_control => answer.push(character),
            KeyCode::Backspace => {
                answer.pop();
            }
            _ => {}
        }
    }
}

/// The question as a prompt.
struct Line<'a>(&'a str);

impl Prompt for Line<'_> {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        self.0.into()
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        "".into()
    }

    fn render_prompt_indicator(&self, _mode: PromptEditMode) -> Cow<'_, str> {
        "".into()
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        "".into()
    }

    fn render_prompt_history_search_indicator(&self, _: PromptHistorySearch) -> Cow<'_, str> {
        "".into()
    }
}
