//! Moves everything between evcxr, the engine and the process that runs the cells.

use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitStatus;

use anyhow::{Context, Result};
use rustix::process::Signal;

use super::channel::{Channel, Received, answer};
use super::event::{Answer, Event, Request};
use super::parser::{Parser, Step, incomplete_character};
use super::process::Cells;
use super::wait::poll_all;
use crate::cells::{ENDED, RUN_COMMAND};

/// How long a display may wait for further formats of itself, in milliseconds.
const PAUSE_MILLIS: i64 = 100;
/// How often the end of a process that takes no commands any more is looked for, in milliseconds.
const END_MILLIS: i64 = 5;
/// How much is read at once.
const CHUNK: usize = 64 * 1024;

/// evcxr's words for what has come of a cell.
const COMPLETE: &str = "EVCXR_EXECUTION_COMPLETE";
const PANICKED: &str = "EVCXR_PANIC_NOTIFICATION";
const FAILED: &str = "EVCXR_ERROR_OCCURRED";
const CHANGED: &str = "EVCXR_VARIABLE_CHANGED_TYPE:";

/// Which sources have something to say.
struct Ready {
    commands: bool,
    cells: bool,
    stdout: bool,
    stderr: bool,
    link: bool,
    channel: bool,
}

/// A question that stands on standard output.
struct Prompt {
    line: String,
    prompt: String,
    is_password: bool,
}

/// The streams of the cells' process, evcxr's and the engine's.
pub struct Pump {
    cells: Cells,
    link: UnixStream,
    channel: Channel,
    /// Those who wait for the user's answer, in the order in which they have asked.
    asking: VecDeque<UnixStream>,
    /// What the next reader of standard input asks.
    prompt: Option<Prompt>,
    parser: Parser,
    /// Bytes of a character on standard error whose rest is still to come.
    err_rest: Vec<u8>,
    requests: Vec<u8>,
    commands: Vec<u8>,
    /// Whether evcxr has no more commands.
    is_closed: bool,
    /// What the cells' process says of itself.
    said: Vec<u8>,
    running: bool,
    interrupted: bool,
}

impl Pump {
    /// Takes over a process that has just been started.
    pub fn new(cells: Cells, link: UnixStream, channel: Channel) -> Self {
        Self {
            cells,
            link,
            channel,
            asking: VecDeque::new(),
            prompt: None,
            parser: Parser::default(),
            err_rest: Vec::new(),
            requests: Vec::new(),
            commands: Vec::new(),
            is_closed: false,
            said: Vec::new(),
            running: false,
            interrupted: false,
        }
    }

    /// Works until the process has ended.
    pub fn run(mut self) -> Result<ExitStatus> {
        loop {
            // Its output may stay open in the hands of others.
            if let Some(status) = self.cells.try_wait()? {
                self.finish()?;
                return Ok(status);
            }
            let Some(ready) = self.wait()? else {
                let steps = self.parser.pause();
                self.handle(steps)?;
                continue;
            };
            if ready.link {
                self.read_requests()?;
            }
            if ready.commands {
                self.read_commands()?;
            }
            // Which of the two was written first is not known; a message on standard error is read
            // at the latest with the word that explains it.
            if ready.stdout {
                self.read_stdout(CHUNK)?;
            }
            if ready.stderr {
                self.read_stderr(CHUNK)?;
            }
            if ready.channel {
                self.read_channel()?;
            }
            if ready.cells {
                self.read_cells()?;
            }
        }
    }

    /// Waits for any source; `None` after a pause.
    fn wait(&self) -> Result<Option<Ready>> {
        let stdin = io::stdin();
        // A closed source is always ready: leave it out by watching another one twice.
        let link = self.link.as_fd();
        let commands = (!self.is_closed).then(|| stdin.as_fd());
        let cells = self.cells.commands.as_ref().map(AsFd::as_fd);
        let stdout = self.cells.stdout.as_ref().map(AsFd::as_fd);
        let stderr = self.cells.stderr.as_ref().map(AsFd::as_fd);
        let mut sources = vec![link];
        sources.extend([commands, cells, stdout, stderr].map(|source| source.unwrap_or(link)));
        sources.extend(self.channel.sources());
        let millis = if cells.is_some() { PAUSE_MILLIS } else { END_MILLIS };
        let Some(ready) = poll_all(&sources, millis)? else { return Ok(None) };
        let [link, own @ ..] = ready.as_slice() else { return Ok(None) };
        let [of_commands, of_cells, of_stdout, of_stderr, channel @ ..] = own else {
            return Ok(None);
        };
        Ok(Some(Ready {
            link: *link,
            commands: *of_commands && commands.is_some(),
            cells: *of_cells && cells.is_some(),
            stdout: *of_stdout && stdout.is_some(),
            stderr: *of_stderr && stderr.is_some(),
            channel: channel.contains(&true),
        }))
    }

    /// Reads what the engine asks. When the engine is gone, so is the reason to run.
    fn read_requests(&mut self) -> Result<()> {
        let mut buffer = [0; 256];
        let count = (&self.link).read(&mut buffer).unwrap_or(0);
        if count == 0 {
            self.cells.signal(Signal::KILL)?;
            std::process::exit(1);
        }
        self.requests.extend_from_slice(&buffer[..count]);
        for line in take_lines(&mut self.requests) {
            match serde_json::from_str(&line) {
                Ok(Request::Begin) => self.interrupted = false,
                Ok(Request::Interrupt) => self.interrupt()?,
                Ok(Request::Kill) if self.running => self.cells.signal(Signal::KILL)?,
                Ok(Request::Kill) => {}
                Ok(Request::Answer(text)) => self.answer(text),
                Err(error) => eprintln!("relay: request not understood: {error}"),
            }
        }
        Ok(())
    }

    /// Asks the cell, and all that it has started, to stop. Who waits for the user hears of it by
    /// the answer.
    fn interrupt(&mut self) -> Result<()> {
        self.interrupted = true;
        if self.running && self.asking.is_empty() {
            self.cells.signal(Signal::INT)?;
        }
        Ok(())
    }

    /// Gives the user's answer to whoever has waited for it longest.
    fn answer(&mut self, text: Answer) {
        if let Some(peer) = self.asking.pop_front() {
            answer(&peer, text);
        }
    }

    /// Passes on what is said beside standard output, behind everything that the cell wrote before.
    fn read_channel(&mut self) -> Result<()> {
        for Received { mut event, from } in self.channel.receive()? {
            self.drain_stdout()?;
            if event == Event::Panicked {
                self.parser.give_up_display();
            }
            let steps = self.parser.pause();
            self.handle(steps)?;
            if let Event::Ask { prompt, is_password } = &mut event
                && prompt.is_empty()
                && let Some(asked) = self.prompt.take()
            {
                (*prompt, *is_password) = (asked.prompt, asked.is_password);
            }
            self.drain_stderr()?;
            let is_question = matches!(event, Event::Ask { .. });
            // Told first: when evcxr acts on a line, the engine already has all events.
            let line = match &event {
                Event::Panicked => Some(PANICKED.to_owned()),
                // evcxr would forget all variables of the cell.
                Event::Failed { kept: None, .. } => Some(FAILED.to_owned()),
                Event::Changed(name) => Some(format!("{CHANGED}{name}")),
                _ => None,
            };
            self.tell(&event)?;
            if let Some(line) = line {
                forward(&line)?;
            }
            match is_question {
                true => self.asking.push_back(from),
                false => answer(&from, Answer::Nobody),
            }
        }
        Ok(())
    }

    /// Passes evcxr's commands on to the cells' process.
    fn read_commands(&mut self) -> Result<()> {
        // Larger than the buffer of `Stdin`, which would hide from the poll what it keeps.
        let mut buffer = vec![0; CHUNK];
        let count = io::stdin().lock().read(&mut buffer)?;
        if count == 0 {
            self.is_closed = true;
            self.cells.commands = None;
            return Ok(());
        }
        self.commands.extend_from_slice(&buffer[..count]);
        for line in take_lines(&mut self.commands) {
            if !self.running && line.starts_with(RUN_COMMAND) {
                if self.interrupted {
                    self.skip_cell()?;
                    continue;
                }
                self.running = true;
            }
            self.cells.send(&line);
        }
        Ok(())
    }

    /// Answers for a cell that was interrupted while it was being compiled. evcxr is made to believe
    /// that it ran and panicked, so that it keeps the old variables and forgets the new ones.
    fn skip_cell(&mut self) -> Result<()> {
        self.tell(&Event::Skipped)?;
        self.tell(&Event::Complete)?;
        forward(PANICKED)?;
        forward(COMPLETE)
    }

    /// Reads what the cells' process says: that a cell has ended.
    fn read_cells(&mut self) -> Result<()> {
        let mut buffer = [0; 64];
        let Some(commands) = &mut self.cells.commands else { return Ok(()) };
        let count = commands.read(&mut buffer).unwrap_or(0);
        if count == 0 {
            self.cells.commands = None;
            return Ok(());
        }
        self.said.extend_from_slice(&buffer[..count]);
        for line in take_lines(&mut self.said) {
            if line == ENDED {
                self.end_cell()?;
            }
        }
        Ok(())
    }

    /// Passes on all that the cell has written, and that it has ended.
    fn end_cell(&mut self) -> Result<()> {
        self.flush()?;
        self.running = false;
        self.tell(&Event::Complete)?;
        forward(COMPLETE)
    }

    /// Passes on all that has been written so far.
    fn flush(&mut self) -> Result<()> {
        self.drain_stdout()?;
        let steps = self.parser.finish();
        self.handle(steps)?;
        self.give_up_prompt()?;
        self.drain_stderr()
    }

    fn handle(&mut self, steps: Vec<Step>) -> Result<()> {
        for step in steps {
            self.give_up_prompt()?;
            match step {
                Step::Prompt { line, prompt, is_password } => {
                    self.prompt = Some(Prompt { line, prompt, is_password });
                }
                Step::Tell(event) => self.tell(&event)?,
            }
        }
        Ok(())
    }

    /// A question behind which nobody has read an answer was text.
    fn give_up_prompt(&mut self) -> Result<()> {
        match self.prompt.take() {
            Some(Prompt { line, .. }) => self.tell(&Event::Stdout(format!("{line}\n"))),
            None => Ok(()),
        }
    }

    /// Reads standard output, and not more than `most` bytes; tells how many there were.
    fn read_stdout(&mut self, most: usize) -> Result<usize> {
        let Some(bytes) = read_up_to(&mut self.cells.stdout, most)? else { return Ok(0) };
        let steps = self.parser.feed(&bytes);
        self.handle(steps)?;
        Ok(bytes.len())
    }

    /// Reads standard error, and not more than `most` bytes; tells how many there were.
    fn read_stderr(&mut self, most: usize) -> Result<usize> {
        let Some(bytes) = read_up_to(&mut self.cells.stderr, most)? else { return Ok(0) };
        self.err_rest.extend_from_slice(&bytes);
        let keep = if bytes.is_empty() { 0 } else { incomplete_character(&self.err_rest) };
        let text: Vec<u8> = self.err_rest.drain(..self.err_rest.len() - keep).collect();
        if !text.is_empty() {
            self.tell(&Event::Stderr(String::from_utf8_lossy(&text).into_owned()))?;
        }
        Ok(bytes.len())
    }

    fn drain_stdout(&mut self) -> Result<()> {
        let there = waiting(self.cells.stdout.as_ref());
        self.drain(there, Self::read_stdout)
    }

    fn drain_stderr(&mut self) -> Result<()> {
        let there = waiting(self.cells.stderr.as_ref());
        self.drain(there, Self::read_stderr)
    }

    /// Reads what is there now, and no more: a writer may be as quick as the reader.
    fn drain(
        &mut self,
        mut left: usize,
        read: fn(&mut Self, usize) -> Result<usize>,
    ) -> Result<()> {
        while left > 0 {
            match read(self, left.min(CHUNK))? {
                0 => break,
                count => left = left.saturating_sub(count),
            }
        }
        Ok(())
    }

    /// Passes on what a process has left that has ended.
    fn finish(&mut self) -> Result<()> {
        self.cells.signal(Signal::KILL)?;
        self.flush()
    }

    fn tell(&self, event: &Event) -> Result<()> {
        let mut line = serde_json::to_vec(event)?;
        line.push(b'\n');
        (&self.link).write_all(&line).context("the engine is gone")
    }
}

/// Reads from a stream, which is given up at its end. `None` if there is no stream.
fn read_up_to(stream: &mut Option<impl Read>, most: usize) -> Result<Option<Vec<u8>>> {
    let Some(open) = stream else { return Ok(None) };
    let mut bytes = vec![0; most];
    let count = open.read(&mut bytes)?;
    bytes.truncate(count);
    if count == 0 {
        *stream = None;
    }
    Ok(Some(bytes))
}

/// How many bytes can be read without waiting.
fn waiting(stream: Option<&impl AsFd>) -> usize {
    let count = stream.and_then(|stream| rustix::io::ioctl_fionread(stream).ok());
    count.and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

/// Sends a line to evcxr.
fn forward(line: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// Takes the complete lines out of a buffer.
fn take_lines(buffer: &mut Vec<u8>) -> Vec<String> {
    let end = memchr::memrchr(b'\n', buffer).map_or(0, |at| at + 1);
    let lines: Vec<u8> = buffer.drain(..end).collect();
    String::from_utf8_lossy(&lines).lines().map(str::to_owned).collect()
}
