//! Ctrl-C during a training ends it after the current step; at any other time it ends the process.
//! The kernel of notebooks decides by itself what an interrupt ends that nobody listens for.

use std::{
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use signal_hook::{consts::SIGINT, flag};

use crate::display;

struct Flags {
    /// An interrupt came during the training.
    interrupted: Arc<AtomicBool>,
    /// The next interrupt ends the process: no training runs, or it was already asked to stop.
    ends_process: Arc<AtomicBool>,
    /// Those who listen: trainings side by side, or one within a cross-validation.
    listeners: AtomicUsize,
}

/// The exit status of a process ended by SIGINT.
const STATUS: i32 = 128 + SIGINT;

static FLAGS: LazyLock<Flags> = LazyLock::new(|| {
    let flags = Flags {
        interrupted: Arc::new(AtomicBool::new(false)),
        ends_process: Arc::new(AtomicBool::new(true)),
        listeners: AtomicUsize::new(0),
    };
    // The handlers run in the order of their registration, so the first interrupt of a training
    // only sets the flags and the second one finds them set. Where the system refuses a handler,
    // Ctrl-C keeps its usual meaning.
    if !display::is_live() {
        let _ = flag::register_conditional_shutdown(SIGINT, STATUS, flags.ends_process.clone());
        let _ = flag::register(SIGINT, flags.ends_process.clone());
    }
    let _ = flag::register(SIGINT, flags.interrupted.clone());
    flags
});

/// Listens for Ctrl-C while it lives. An interrupt is for all who listen at its time, and for all who
/// begin before the last of them has ended.
pub(crate) struct Interrupt(());

impl Interrupt {
    pub fn listen() -> Self {
        if FLAGS.listeners.fetch_add(1, Ordering::SeqCst) == 0 {
            FLAGS.interrupted.store(false, Ordering::SeqCst);
            FLAGS.ends_process.store(false, Ordering::SeqCst);
        }
        Self(())
    }

    /// Whether the training should stop.
    pub fn is_raised(&self) -> bool {
        FLAGS.interrupted.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if FLAGS.listeners.fetch_sub(1, Ordering::SeqCst) == 1 {
            FLAGS.ends_process.store(true, Ordering::SeqCst);
        }
    }
}

/// An interrupt was meant for what ran until now.
#[cfg(feature = "notebook")]
pub(crate) fn forget() {
    FLAGS.interrupted.store(false, Ordering::SeqCst);
}

/// A loop that asks at least this often is taken to be running still.
const PATIENCE: Duration = Duration::from_secs(10);

/// For loops outside of the library: who asks listens, and since when nobody has asked.
struct Asking {
    interrupt: Interrupt,
    last: Instant,
}

static ASKING: Mutex<Option<Asking>> = Mutex::new(None);

/// Whether the user has asked the running cell, or a program by Ctrl-C, to stop. A loop that looks at
/// it can end in its own way, and nothing is lost. Where nobody looks, Ctrl-C ends a program; a cell
/// goes on, and can only be ended with its process and all variables, by a second interrupt.
///
/// Whoever has asked once is taken to go on asking for ten seconds.
///
/// ```
/// let mut sum = 0.0;
/// for i in 1..1000 {
///     if elbo::interrupted() {
///         break;
///     }
///     sum += 1.0 / f64::from(i);
/// }
/// # assert!(sum > 7.0);
/// ```
pub fn interrupted() -> bool {
    let mut asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
    let last = Instant::now();
    match asking.as_mut() {
        Some(asking) => {
            asking.last = last;
            asking.interrupt.is_raised()
        }
        None => {
            *asking = Some(Asking { interrupt: Interrupt::listen(), last });
            // Without the thread the loop listens for ever: that is still a way to stop it.
            let _ = thread::Builder::new().spawn(stop_listening);
            false
        }
    }
}

/// Listens no more when nobody has asked for a while.
fn stop_listening() {
    loop {
        thread::sleep(PATIENCE / 20);
        let mut asking = ASKING.lock().unwrap_or_else(PoisonError::into_inner);
        if asking.as_ref().is_none_or(|asking| asking.last.elapsed() > PATIENCE) {
            *asking = None;
            return;
        }
    }
}
