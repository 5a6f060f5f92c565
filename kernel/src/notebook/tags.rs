//! Words by which the author marks cells.

use nbformat::v4::Cell;

/// The cell shows an error on purpose; the word is Jupyter's.
pub const MAY_FAIL: &str = "raises-exception";
/// The cell shows something else at every run.
pub const NOT_COMPARED: &str = "nocheck";

/// Whether the cell is marked with this word.
pub fn has_tag(cell: &Cell, tag: &str) -> bool {
    cell.metadata().tags.as_ref().is_some_and(|tags| tags.iter().any(|own| own == tag))
}
