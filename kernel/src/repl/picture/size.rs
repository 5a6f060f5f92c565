//! How large the terminal is.

/// A cell of the terminal where it does not tell, in pixels.
const USUAL_CELL: (u32, u32) = (10, 20);
/// Lines below a picture: for its caption or the next prompt.
const BELOW: u32 = 2;

/// The size of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its columns.
    pub columns: u32,
    /// Its lines.
    pub rows: u32,
    /// Width and height of one cell, in pixels.
    pub cell: (u32, u32),
}

impl Size {
    /// The size right now.
    pub fn of_terminal() -> Self {
        let Ok(window) = crossterm::terminal::window_size() else {
            return Self { columns: 80, rows: 24, cell: USUAL_CELL };
        };
        let (columns, rows) = (u32::from(window.columns.max(1)), u32::from(window.rows.max(1)));
        let cell = (u32::from(window.width) / columns, u32::from(window.height) / rows);
        let is_known = cell.0 > 0 && cell.1 > 0;
        Self { columns, rows, cell: if is_known { cell } else { USUAL_CELL } }
    }

    /// The lines that a picture may take.
    pub fn usable_rows(self) -> u32 {
        self.rows.saturating_sub(BELOW).max(1)
    }

    /// The room for a picture, in pixels.
    pub fn pixels(self) -> (u32, u32) {
        (self.columns * self.cell.0, self.usable_rows() * self.cell.1)
    }
}
