//! The processes that run the notebooks, and the signals that concern them.

use std::io;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGINT, SIGTERM};

/// The processes that are running.
#[derive(Default)]
pub struct Children {
    running: Mutex<Vec<Pid>>,
    stopping: AtomicBool,
}

impl Children {
    /// Starts a process and waits for its end.
    pub fn run(&self, command: &mut Command) -> io::Result<Output> {
        let child = command.spawn()?;
        let pid = Pid::from_child(&child);
        self.running().push(pid);
        let said = child.wait_with_output();
        self.running().retain(|other| *other != pid);
        said
    }

    /// Whether the user wants no further notebook to begin.
    pub fn are_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// After Ctrl-C no further notebook begins; the terminal tells the running ones itself. An end
    /// that is asked of this program is asked of them too.
    pub fn pass_on_signals(self: &Arc<Self>) -> io::Result<()> {
        let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM])?;
        let children = Arc::clone(self);
        std::thread::spawn(move || {
            for signal in signals.forever() {
                children.stopping.store(true, Ordering::SeqCst);
                if signal == SIGTERM {
                    for pid in children.running().iter() {
                        // It may have just ended by itself.
                        let _ = kill_process(*pid, Signal::TERM);
                    }
                }
            }
        });
        Ok(())
    }

    fn running(&self) -> MutexGuard<'_, Vec<Pid>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
