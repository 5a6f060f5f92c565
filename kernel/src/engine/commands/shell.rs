//! Lines for the shell.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;

use super::super::{CellError, FrontEnd, Output};
use crate::compiler::{Running, outer_path, was_stopped};
use crate::relay::{FOLDER_VARIABLE, incomplete_character};

/// What this program sets for itself and evcxr, and no other program is to see.
const OWN: [&str; 4] = [FOLDER_VARIABLE, "EVCXR_CONFIG_DIR", "EVCXR_TMPDIR", "RUST_SRC_PATH"];

/// A command of the shell.
pub struct Shell<'a> {
    /// What to run.
    pub command: &'a str,
    /// Where, if not where this program runs.
    pub folder: Option<&'a Path>,
    /// The session's folder, by which it can be stopped.
    pub session: &'a Path,
    /// What the user has set.
    pub environment: &'a [(String, String)],
}

impl Shell<'_> {
    /// Runs it, and shows what it says as it says it.
    ///
    /// # Errors
    /// When it fails, is stopped, or cannot be started.
    pub fn run(&self, front_end: &mut dyn FrontEnd) -> Result<(), CellError> {
        let failed =
            |what: String| CellError::Returned { message: format!("`{}` {what}", self.command) };
        let mut command = Command::new("sh");
        command.args(["-c", self.command]).env("PATH", outer_path());
        for name in OWN {
            command.env_remove(name);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = self.folder {
            command.current_dir(folder);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // What it starts is stopped with it.
            .process_group(0)
            .spawn()
            .map_err(|error| failed(format!("does not start: {error}")))?;
        let running = Running::new(self.session, child.id());
        let (sender, said) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            read(stdout, Output::Stdout, sender.clone());
        }
        if let Some(stderr) = child.stderr.take() {
            read(stderr, Output::Stderr, sender);
        }
        said.iter().for_each(|output| front_end.show(output));
        let status = child.wait().map_err(|error| failed(error.to_string()))?;
        drop(running);
        if was_stopped(self.session) {
            return Err(failed("was stopped".to_owned()));
        }
        if !status.success() {
            return Err(failed(format!("failed: {status}")));
        }
        Ok(())
    }
}

/// Passes on what comes until the stream ends.
fn read(mut from: impl Read + Send + 'static, output: fn(String) -> Output, to: Sender<Output>) {
    thread::spawn(move || {
        let (mut buffer, mut pending) = ([0; 8192], Vec::new());
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            pending.extend_from_slice(&buffer[..count]);
            let whole = pending.len() - incomplete_character(&pending);
            let text: Vec<u8> = pending.drain(..whole).collect();
            if to.send(output(String::from_utf8_lossy(&text).into_owned())).is_err() {
                return;
            }
        }
        if !pending.is_empty() {
            let _ = to.send(output(String::from_utf8_lossy(&pending).into_owned()));
        }
    });
}
