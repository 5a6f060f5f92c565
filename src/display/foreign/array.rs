//! Arrays of numbers: a table, or a picture when they are large.

use ndarray::{ArrayBase, ArrayViewD, Data, Dimension, IxDyn};

use super::{
    element::{Called, Element, Number, Sealed},
    heat_map::HeatMap,
};
use crate::{
    display::{
        MimeBundle, RichDisplay,
        axis::extent,
        data_table::{DataColumn, DataTable, Entry},
        excerpt::{COLUMNS, ROWS, excerpt},
        floats::aligned,
        text::{count, counted, number},
    },
    error::Result,
};

/// A table says little about floats from this many rows and columns on.
const LARGE: usize = 16;

/// A table with indices; floats in 16 or more rows and columns are a heat map. Arrays of more than
/// two dimensions are a text.
///
/// ```
/// use elbo::{display::RichDisplay, ndarray::array};
/// let bundle = array![[1, 2], [3, 4]].mime_bundle()?;
/// assert_eq!(bundle.text(), "Array of i32, shape [2, 2]\n[[1, 2],\n [3, 4]]");
/// assert!(bundle.html().is_some_and(|html| html.contains("<td style=\"text-align:right\">4</td>")));
/// # Ok::<(), elbo::Error>(())
/// ```
impl<S, D> RichDisplay for ArrayBase<S, D>
where
    S: Data,
    S::Elem: Element,
    D: Dimension,
{
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let called = Called { noun: "Array", device: "" };
        S::Elem::array_bundle(called, self.view().into_dyn())
    }
}

/// An array whose type of numbers is no longer known: what follows is compiled once for all.
trait Cells {
    fn element(&self) -> &'static str;
    fn shape(&self) -> &[usize];
    fn at(&self, place: &[usize]) -> Option<Number>;
    /// Every number as a float, the last index running fastest.
    fn floats(&self) -> Box<dyn Iterator<Item = f64> + '_>;
    /// As ndarray writes it.
    fn text(&self) -> String;
}

impl<E: Element> Cells for ArrayViewD<'_, E> {
    fn element(&self) -> &'static str {
        <E as Sealed>::NAME
    }

    fn shape(&self) -> &[usize] {
        ArrayViewD::shape(self)
    }

    fn at(&self, place: &[usize]) -> Option<Number> {
        self.get(IxDyn(place)).map(|&value| value.number())
    }

    fn floats(&self) -> Box<dyn Iterator<Item = f64> + '_> {
        Box::new(self.iter().map(|&value| value.to_f64()))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

/// The display of an array.
pub(super) fn bundle<E: Element>(
    called: Called<'_>,
    array: &ArrayViewD<'_, E>,
) -> Result<MimeBundle> {
    cells_bundle(called, array)
}

fn cells_bundle(called: Called<'_>, array: &dyn Cells) -> Result<MimeBundle> {
    let heading = heading(called, array);
    let text = |heading: &str| format!("{heading}\n{}", array.text());
    let is_float = matches!(array.element(), "f32" | "f64");
    match *array.shape() {
        [rows, columns] if is_float && rows.min(columns) >= LARGE => {
            let map = HeatMap::new((rows, columns), array.floats());
            let (svg, png) = (map.draw(&heading)?, map.png()?);
            let text = text(&format!("{heading}, {}", map.summary()));
            Ok(MimeBundle::new(text).with_svg(svg).with_png(png))
        }
        // There is nothing to put into rows.
        [] | [0] | [0, _] | [_, 0] => Ok(MimeBundle::new(text(&heading))),
        [_] | [_, _] => {
            let html = table(heading.clone(), array).to_html();
            Ok(MimeBundle::new(text(&heading)).with_html(html))
        }
        _ => Ok(MimeBundle::new(text(&format!("{heading}{}", statistics(array))))),
    }
}

/// `Array of f64, shape [2, 3]`.
fn heading(Called { noun, device }: Called<'_>, array: &dyn Cells) -> String {
    let on = if device.is_empty() { String::new() } else { format!(" on {device}") };
    format!("{noun} of {}{on}, shape {:?}", array.element(), array.shape())
}

/// Of one dimension: a row. Of two: rows and columns.
fn table(heading: String, array: &dyn Cells) -> DataTable {
    let (rows, width) = match *array.shape() {
        [rows, columns] => (excerpt(rows, ROWS), columns),
        ref shape => (vec![Some(0)], shape.iter().product()),
    };
    let indexed = array.shape().len() > 1;
    let columns = excerpt(width, COLUMNS);
    let places = |column: usize| {
        let places = rows.iter().map(move |row| row.map(|row| [row, column]));
        places.map(|place| place.and_then(|place| array.at(&place[usize::from(!indexed)..])))
    };
    // One notation for all columns: their numbers are of one kind.
    let shown = columns.iter().flatten().flat_map(|&column| places(column));
    let mut entries = entries(shown.collect()).into_iter();
    let columns = columns.iter().map(|column| {
        column.map(|column| DataColumn {
            name: column.to_string(),
            kind: String::new(),
            entries: entries.by_ref().take(rows.len()).collect(),
        })
    });
    let columns = columns.collect();
    let name = |row: &Option<usize>| row.map_or("⋮".to_owned(), |row| row.to_string());
    let rows = if indexed { rows.iter().map(name).collect() } else { Vec::new() };
    DataTable { heading, rows, columns }
}

fn entries(numbers: Vec<Option<Number>>) -> Vec<Option<Entry>> {
    let float = |number: &Option<Number>| match number {
        Some(Number::Float(value)) => Some(*value),
        _ => None,
    };
    let floats: Vec<f64> = numbers.iter().filter_map(float).collect();
    let mut floats = aligned(&floats).into_iter();
    let mut entry = |number| match number {
        Number::Float(_) => floats.next().map(Entry::Number),
        Number::Whole(text) => Some(Entry::Number(text)),
        Number::Truth(truth) => Some(Entry::Text(truth.to_string())),
    };
    numbers.into_iter().map(|number| number.and_then(&mut entry)).collect()
}

/// In a few words, what a long text does not show.
fn statistics(array: &dyn Cells) -> String {
    let length: usize = array.shape().iter().product();
    if length == 0 {
        return String::new();
    }
    if array.element() == "bool" {
        let truths = array.floats().filter(|&value| value > 0.5).count();
        return format!(", {} of {} true", count(truths), count(length));
    }
    let finite = array.floats().filter(|value| value.is_finite());
    let (n, sum) = finite.fold((0_usize, 0.0), |(n, sum), value| (n + 1, sum + value));
    let mut said = extent(array.floats()).map_or(String::new(), |(low, high)| {
        let mean = number(sum / n as f64);
        format!(", min {}, max {}, mean {mean}", number(low), number(high))
    });
    if n < length {
        said.push_str(&format!(", {} not finite", counted(length - n, "value")));
    }
    said
}

#[cfg(test)]
#[path = "array_tests.rs"]
mod tests;
