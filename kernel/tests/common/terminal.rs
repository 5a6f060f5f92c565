//! A terminal for the program: a pseudo-terminal with the screen of the crate `vt100`.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use super::elbo;

/// Compiling a cell can take long on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
const SIZE: PtySize = PtySize { rows: 40, cols: 80, pixel_width: 0, pixel_height: 0 };

fn side(length: u16) -> NonZero<u16> {
    NonZero::new(length).unwrap()
}

type Input = Arc<Mutex<Box<dyn Write + Send>>>;
type Screen = Arc<Mutex<vt100::Parser>>;

/// The program in a terminal.
pub struct Terminal {
    screen: Screen,
    input: Input,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Terminal {
    /// Starts `elbo repl` without the model library. Its history is kept in the folder.
    pub fn repl(state: &Path) -> Self {
        let plain = elbo();
        let mut command = CommandBuilder::new(plain.get_program());
        command.args(["repl", "--no-prelude"]);
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            }
        }
        command.env("XDG_STATE_HOME", state);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        command.env("ELBO_PICTURES", "");
        command.env("TERM_PROGRAM", "");
        command.cwd(state);
        let pair = native_pty_system().openpty(SIZE).unwrap();
        let child = pair.slave.spawn_command(command).unwrap();
        let output = pair.master.try_clone_reader().unwrap();
        let input: Input = Arc::new(Mutex::new(pair.master.take_writer().unwrap()));
        let screen = Arc::new(Mutex::new(vt100::Parser::new(side(SIZE.rows), side(SIZE.cols), 1000)));
        let (own_screen, own_input) = (Arc::clone(&screen), Arc::clone(&input));
        std::thread::spawn(move || emulate(output, &own_screen, &own_input));
        Self { screen, input, child, _master: pair.master }
    }

    /// Types.
    pub fn send(&self, text: &str) {
        let mut input = self.input.lock().unwrap();
        input.write_all(text.as_bytes()).unwrap();
        input.flush().unwrap();
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
        self.send("\x04");
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
    }
}

/// Shows what the program writes, and tells it where the cursor is when it asks.
fn emulate(mut output: Box<dyn Read + Send>, screen: &Screen, input: &Input) {
    const WHERE: &[u8] = b"\x1b[6n";
    let mut rest = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        rest.extend_from_slice(&buffer[..count]);
        while let Some(at) = rest.windows(WHERE.len()).position(|bytes| bytes == WHERE) {
            let before: Vec<u8> = rest.drain(..at + WHERE.len()).collect();
            let mut screen = screen.lock().unwrap();
            screen.process(&before);
            let (row, column) = screen.screen().cursor_position();
            let answer = format!("\x1b[{};{}R", row + 1, column + 1);
            let _ = input.lock().unwrap().write_all(answer.as_bytes());
        }
        // A question that is only half there is kept.
        let half = (1..WHERE.len()).rev().find(|&length| rest.ends_with(&WHERE[..length]));
        let whole = rest.len() - half.unwrap_or(0);
        screen.lock().unwrap().process(&rest[..whole]);
        rest.drain(..whole);
    }
}
