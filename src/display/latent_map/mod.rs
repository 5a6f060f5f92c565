//! Points in a latent space of two dimensions.

mod colouring;
mod drawing;
mod legend;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ndarray::ArrayView2;

use self::colouring::Colouring;
pub(super) use self::drawing::axis_names;
use super::{
    MimeBundle, RichDisplay,
    axis::extent,
    impl_evcxr_display,
    text::{count, counted, number, titled},
};
use crate::error::{Error, Result};

/// At most so many points are drawn. More would not show more at this size, only make the notebook
/// file larger.
const MOST_POINTS: usize = 20_000;

/// Points in two latent dimensions z₁ and z₂, coloured by a label or by a value: an SVG drawing.
///
/// One unit is equally long on both axes. With labels, each label's value stands at the median of
/// its points. At most 20,000 points are drawn, evenly chosen, and the text form says so.
///
/// ```
/// use elbo::display::{LatentMap, RichDisplay};
/// use ndarray::array;
///
/// let z = array![[0.1, -1.2], [2.0, 0.3], [1.9, 0.4]];
/// let map = LatentMap::new(z.view())?.title("Digits").labels("digit", &[7u8, 1, 1])?;
/// assert!(map.mime_bundle()?.text().starts_with("Digits: 3 points, coloured by digit (2 labels)"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct LatentMap {
    title: String,
    letter: char,
    dimensions: [usize; 2],
    points: Vec<[f64; 2]>,
    colouring: Colouring,
}

impl LatentMap {
    /// Points from an array of shape (points, 2): the columns are z₁ and z₂. Points that are not
    /// finite are left out of the drawing and counted in the text form.
    ///
    /// # Errors
    /// [`Error::Shape`] when there are not two columns or there is no point.
    pub fn new(points: ArrayView2<'_, f32>) -> Result<Self> {
        let advice = match points.dim() {
            (_, columns) if columns != 2 => "choose two latent dimensions, or project on two",
            (0, _) => "pass at least one point",
            _ => "",
        };
        if !advice.is_empty() {
            return Err(Error::Shape {
                what: "latent points".to_owned(),
                got: points.shape().to_vec(),
                want: vec![points.nrows().max(1), 2],
                advice: advice.to_owned(),
            });
        }
        let points = points.rows().into_iter().map(|z| [f64::from(z[0]), f64::from(z[1])]);
        let title = "Latent space".to_owned();
        let (points, colouring) = (points.collect(), Colouring::Plain);
        Ok(Self { title, letter: 'z', dimensions: [1, 2], points, colouring })
    }

    /// What the points are; stands above the drawing.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// The letter of both axes, z unless set: x for points that are no latent variables.
    pub fn letter(self, letter: char) -> Self {
        Self { letter, ..self }
    }

    /// The numbers of the two dimensions, which stand on the axes; 1 and 2 unless set. For points of
    /// which two of many columns were chosen.
    pub fn dimensions(self, dimensions: [usize; 2]) -> Self {
        Self { dimensions, ..self }
    }

    /// Colours the points by one integer label each, of any integer type. `name` says what the
    /// label is and heads the legend. The first 32 labels look different.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one label per point, [`Error::Setting`] when a label is
    /// beyond the range of `i64`.
    pub fn labels<L>(self, name: impl Into<String>, labels: &[L]) -> Result<Self>
    where
        L: Copy + std::fmt::Display + TryInto<i64>,
    {
        self.check("labels", labels.len())?;
        let whole = |&label: &L| {
            label.try_into().map_err(|_| Error::Setting {
                setting: "label",
                value: label.to_string(),
                requirement: "it must fit into an i64".to_owned(),
            })
        };
        let of = labels.iter().map(whole).collect::<Result<Vec<i64>>>()?;
        let colouring = Colouring::Labels { name: name.into(), of, names: BTreeMap::new() };
        Ok(Self { colouring, ..self })
    }

    /// Names for label values, such as `(0, "T-shirt")`; they stand in the legend. Call it after
    /// [`labels`](Self::labels).
    pub fn label_names<N: Into<String>>(
        mut self,
        known: impl IntoIterator<Item = (i64, N)>,
    ) -> Self {
        if let Colouring::Labels { names, .. } = &mut self.colouring {
            names.extend(known.into_iter().map(|(label, name)| (label, name.into())));
        }
        self
    }

    /// Colours the points by one value each, on a scale from dark to light. `name` says what the
    /// value is, with its unit. Points whose value is not finite are grey.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one value per point.
    pub fn values(self, name: impl Into<String>, values: &[f64]) -> Result<Self> {
        self.check("values", values.len())?;
        Ok(Self { colouring: Colouring::Values { name: name.into(), of: values.to_vec() }, ..self })
    }

    fn check(&self, what: &str, got: usize) -> Result<()> {
        if got == self.points.len() {
            return Ok(());
        }
        Err(Error::Shape {
            what: what.to_owned(),
            got: vec![got],
            want: vec![self.points.len()],
            advice: "give one for each point, in the same order".to_owned(),
        })
    }

    /// Indices of the points that are drawn.
    fn drawn(&self) -> Vec<usize> {
        let finite: Vec<usize> = (0..self.points.len())
            .filter(|&i| self.points[i].iter().all(|z| z.is_finite()))
            .collect();
        let kept = finite.len().min(MOST_POINTS);
        (0..kept).map(|i| finite[i * finite.len() / kept]).collect()
    }

    fn text(&self) -> String {
        let all = self.points.len();
        let mut text = titled(&self.title, &counted(all, "point"));
        text.push_str(&self.colouring.text());
        for (axis, index) in self.dimensions.into_iter().map(subscript).enumerate() {
            if let Some((low, high)) = extent(self.points.iter().map(|z| z[axis])) {
                let (low, high) = (number(low), number(high));
                text.push_str(&format!("\n{}{index} from {low} to {high}", self.letter));
            }
        }
        let finite = self.points.iter().filter(|z| z.iter().all(|z| z.is_finite())).count();
        if finite < all {
            text.push_str(&format!("\n{} not finite, left out", counted(all - finite, "point")));
        }
        if finite > MOST_POINTS {
            text.push_str(&format!("\n{} of them drawn, evenly chosen", count(MOST_POINTS)));
        }
        text
    }
}

/// A number in the characters for indices.
fn subscript(number: usize) -> String {
    let digit = |digit| char::from_u32('₀' as u32 + digit);
    number.to_string().chars().filter_map(|of| digit(of.to_digit(10)?)).collect()
}

impl RichDisplay for LatentMap {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(LatentMap);
