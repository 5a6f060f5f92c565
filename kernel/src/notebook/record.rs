//! What the cells of a run have shown so far.

use nbformat::v4::{Cell, Notebook};

use super::Outputs;
use crate::engine::{CellError, Output};

/// The outputs of all cells that have run. They stay together until the run ends, because a cell
/// may update a display of an earlier one.
#[derive(Default)]
pub struct Record {
    /// Each with the place of its cell in the notebook; the last is the running cell's.
    cells: Vec<(usize, Outputs)>,
}

impl Record {
    /// A cell begins: its place in the notebook, and the number under which it runs.
    pub fn begin(&mut self, place: usize, count: i32) {
        self.cells.push((place, Outputs::of_cell(count)));
    }

    /// Whether the cell at this place has run.
    pub fn has(&self, place: usize) -> bool {
        self.cells.iter().any(|(own, _)| *own == place)
    }

    /// Adds an output of the running cell.
    pub fn push(&mut self, output: Output) {
        if let Output::Update { bundle, id } = &output {
            for (_, outputs) in &mut self.cells {
                outputs.update(id, bundle);
            }
        } else if let Some((_, outputs)) = self.cells.last_mut() {
            outputs.push(output);
        }
    }

    /// Adds the error that ended the running cell.
    pub fn push_error(&mut self, error: &CellError) {
        if let Some((_, outputs)) = self.cells.last_mut() {
            outputs.push_error(error);
        }
    }

    /// Puts the outputs into the notebook.
    pub fn store(&self, notebook: &mut Notebook) {
        for (place, shown) in &self.cells {
            if let Some(Cell::Code { outputs, .. }) = notebook.cells.get_mut(*place) {
                *outputs = shown.stored();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notebook::transcript;
    use crate::relay::MimeBundle;

    fn shown(notebook: &Notebook, place: usize) -> Vec<String> {
        let Cell::Code { outputs, .. } = &notebook.cells[place] else { panic!("no code") };
        transcript(outputs)
    }

    #[test]
    fn an_update_reaches_the_displays_of_earlier_cells() {
        let cell = |id: &str| {
            serde_json::json!({"cell_type": "code", "id": id, "metadata": {},
                "execution_count": null, "outputs": [], "source": "1"})
        };
        let text = serde_json::json!({"cell_type": "markdown", "id": "b", "metadata": {},
            "source": "x"});
        let json = serde_json::json!({"cells": [cell("a"), text, cell("c")], "metadata": {},
            "nbformat": 4, "nbformat_minor": 5});
        let mut notebook: Notebook = serde_json::from_value(json).unwrap();
        let display = |text: &str| Output::Display {
            bundle: MimeBundle::text(text),
            id: Some("curve".into()),
        };

        let mut record = Record::default();
        record.begin(0, 1);
        record.push(display("epoch 1"));
        record.push(Output::Stdout("done\n".into()));
        record.begin(2, 2);
        record.push(display("again epoch 1"));
        record.push(Output::Update { bundle: MimeBundle::text("epoch 2"), id: "curve".into() });
        record.push(Output::Update { bundle: MimeBundle::text("lost"), id: "other".into() });
        record.push_error(&CellError::Returned { message: "no".into() });
        record.store(&mut notebook);

        assert_eq!(shown(&notebook, 0), ["[display]", "epoch 2", "[stdout]", "done"]);
        assert_eq!(shown(&notebook, 2), ["[display]", "epoch 2", "[error]", "Error"]);
    }
}
