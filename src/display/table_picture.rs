//! A table as a drawing, for documents that take pictures only.

use plotters::{element::IntoDynElement, prelude::PathElement, style::Color};

use super::{
    Table,
    card::{Card, Drawn, MARGIN, Styled, plain, quiet, room_for_title},
    palette::EDGE,
    svg::ink,
    text::{fitted, text_width},
    units::units,
};
use crate::error::{Error, Result};

const ROW: f64 = 20.0;
/// Between two columns.
const GAP: f64 = 18.0;
/// The widest cell that is written whole.
const WIDEST: f64 = 260.0;

impl Table {
    /// The table as an SVG drawing.
    ///
    /// # Errors
    /// [`Error::Drawing`]
    pub fn to_svg(&self) -> Result<String> {
        self.draw().map_err(Error::drawing)
    }

    fn draw(&self) -> Drawn<String> {
        let cell = |row: usize, column: usize| {
            self.rows[row].get(column).map(ToString::to_string).unwrap_or_default()
        };
        let width = |column: usize| {
            let cells = (0..self.rows.len()).map(|row| text_width(&cell(row, column), 13.0));
            let head = text_width(&self.columns[column], 12.0);
            cells.fold(head, f64::max).min(WIDEST)
        };
        let widths: Vec<f64> = (0..self.columns.len()).map(width).collect();
        let whole = widths.iter().sum::<f64>() + GAP * widths.len().saturating_sub(1) as f64;
        let top = MARGIN + if self.title.is_empty() { 12.0 } else { 40.0 };
        let bottom = top + ROW * self.rows.len() as f64 + MARGIN;
        let size = ((whole + 2.0 * MARGIN).max(room_for_title(&self.title)), bottom);
        let card = Card::new(size, &self.title, &self.to_text())?;
        let mut left = MARGIN;
        for (column, width) in widths.iter().enumerate() {
            let ends = self.is_number(column);
            let x = if ends { left + width } else { left };
            let head = fitted(&self.columns[column], 12.0, *width);
            card.text((x, top), &head, &if ends { quiet().ending() } else { quiet() })?;
            for row in 0..self.rows.len() {
                let y = top + ROW * (row + 1) as f64;
                let style = if ends { plain(13.0).ending() } else { plain(13.0) };
                card.text((x, y), &fitted(&cell(row, column), 13.0, *width), &style)?;
            }
            left += width + GAP;
        }
        let rule = [MARGIN, MARGIN + whole].map(|x| (units(x), units(top + 5.0)));
        card.draw(&PathElement::new(rule.to_vec(), ink(EDGE).stroke_width(10)).into_dyn())?;
        card.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_stands_in_the_drawing_escaped() {
        let table = Table::new("Numbers", ["name", "n"])
            .row(["<a>".into(), 12.into()])
            .row(["b".into(), 1234.into()]);
        let svg = table.to_svg().unwrap();
        for text in [">Numbers<", ">name<", ">n<", "&lt;a&gt;", ">b<", ">12<", "1,234"] {
            assert!(svg.contains(text), "{text}: {svg}");
        }
    }
}
