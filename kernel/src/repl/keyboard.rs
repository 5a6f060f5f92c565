//! The keyboard while a cell runs.

use std::io::stdin;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// While this lives, keys do not appear on the screen, where they would mix with what the cell
/// shows. They are not lost: the next prompt gets them.
pub struct Unechoed(Option<Termios>);

impl Unechoed {
    /// Begins; without a terminal nothing happens.
    pub fn begin() -> Self {
        let Ok(before) = tcgetattr(stdin()) else { return Self(None) };
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        let is_set = tcsetattr(stdin(), OptionalActions::Now, &silent).is_ok();
        Self(is_set.then_some(before))
    }
}

impl Drop for Unechoed {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that is gone need not be set.
            let _ = tcsetattr(stdin(), OptionalActions::Now, before);
        }
    }
}
