//! A terminal for the program: a pseudo-terminal with the screen of the crate `vt100`.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pty_process::Size;
use pty_process::blocking::{Command, Pty, open};

use super::elbo;

/// Compiling a cell can take long on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
const ROWS: NonZero<u16> = NonZero::new(40).unwrap();
const COLUMNS: NonZero<u16> = NonZero::new(80).unwrap();

type Screen = Arc<Mutex<vt100::Parser>>;

/// The program in a terminal.
pub struct Terminal {
    screen: Screen,
    pty: Arc<Pty>,
    child: Child,
}

impl Terminal {
    /// Starts `elbo repl` without the model library. Its history is kept in the folder.
    pub fn repl(state: &Path) -> Self {
        let mut command = elbo();
        command
            .args(["repl", "--no-prelude"])
            .env("XDG_STATE_HOME", state)
            .env("TERM", "xterm-256color")
            .env("COLORTERM", "truecolor")
            .current_dir(state);
        for other in ["ELBO_PICTURES", "TERM_PROGRAM", "LC_TERMINAL", "KONSOLE_VERSION"] {
            command.env_remove(other);
        }
        let (pty, slave) = open().unwrap();
        pty.resize(Size::new(ROWS.get(), COLUMNS.get())).unwrap();
        let child = Command::from(command).spawn(slave).unwrap();
        let screen = Arc::new(Mutex::new(vt100::Parser::new(ROWS, COLUMNS, 1000)));
        let pty = Arc::new(pty);
        let (own_screen, own_pty) = (Arc::clone(&screen), Arc::clone(&pty));
        std::thread::spawn(move || emulate(&own_pty, &own_screen));
        Self { screen, pty, child }
    }

    /// Types.
    pub fn send(&self, text: &str) {
        (&*self.pty).write_all(text.as_bytes()).unwrap();
    }

    /// Types a line after the prompt with this number has appeared.
    pub fn line(&self, prompt: usize, text: &str) {
        self.prompt(prompt);
        self.send(&format!("{text}\r"));
    }

    /// Waits for the empty prompt with this number.
    pub fn prompt(&self, number: usize) {
        let prompt = format!("[{number}]:");
        self.wait(&format!("the prompt {prompt}"), |screen| {
            let contents = screen.contents();
            contents.trim_end().lines().last().is_some_and(|line| line.trim_end() == prompt)
        });
    }

    /// Waits until the text is on the screen.
    pub fn see(&self, text: &str) {
        self.wait(&format!("{text:?}"), |screen| screen.contents().contains(text));
    }

    /// Waits until the screen is as it should be.
    #[track_caller]
    pub fn wait(&self, what: &str, is_so: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !is_so(self.screen.lock().unwrap().screen()) {
            assert!(Instant::now() < deadline, "{what} did not come:\n{}", self.contents());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What the screen shows.
    pub fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// What the screen shows from this text on.
    pub fn from(&self, text: &str) -> String {
        let contents = self.contents();
        let start = contents.rfind(text).unwrap_or_else(|| panic!("no {text:?} in\n{contents}"));
        contents[start..].trim_end().to_owned()
    }

    /// Leaves with Ctrl-D; returns whether the program succeeded.
    pub fn leave(mut self) -> bool {
        // It may have ended already.
        let _ = (&*self.pty).write_all(b"\x04");
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                if std::env::var_os("SHOW_SCREENS").is_some() {
                    eprintln!("{}\n{}", "-".repeat(80), self.contents());
                }
                return status.success();
            }
            assert!(Instant::now() < deadline, "the program does not end:\n{}", self.contents());
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Already ended, unless the test has failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Shows what the program writes, and tells it where the cursor is when it asks.
fn emulate(mut pty: &Pty, screen: &Screen) {
    const WHERE: &[u8] = b"\x1b[6n";
    let mut rest = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = pty.read(&mut buffer) {
        rest.extend_from_slice(&buffer[..count]);
        while let Some(at) = rest.windows(WHERE.len()).position(|bytes| bytes == WHERE) {
            let before: Vec<u8> = rest.drain(..at + WHERE.len()).collect();
            let mut screen = screen.lock().unwrap();
            screen.process(&before);
            let (row, column) = screen.screen().cursor_position();
            let answer = format!("\x1b[{};{}R", row + 1, column + 1);
            let _ = pty.write_all(answer.as_bytes());
        }
        // A question that is only half there is kept.
        let half = (1..WHERE.len()).rev().find(|&length| rest.ends_with(&WHERE[..length]));
        let whole = rest.len() - half.unwrap_or(0);
        screen.lock().unwrap().process(&rest[..whole]);
        rest.drain(..whole);
    }
}
