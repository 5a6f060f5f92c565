//! What a decoder makes of every place in a latent plane.

use base64::{Engine, engine::general_purpose::STANDARD};
use ndarray::ArrayView2;
use plotters::style::Color;

use super::{
    MimeBundle, RichDisplay,
    axis::Axis,
    card::{Card, Drawn, MARGIN, room_for_title},
    impl_evcxr_display,
    latent_map::axis_names,
    palette::AXIS,
    pixels::{Frames, Sheet},
    plot::{Plot, mesh},
    svg::{Enlarged, ink},
    text::{fixed, number, titled, typeset},
};
use crate::error::{Error, Result};

/// The longer side of the drawn plane, in pixels.
const SIDE: f64 = 480.0;
/// Most numbers along one axis.
const NUMBERS: usize = 9;

/// Images decoded from a grid over two latent dimensions, without gaps: an SVG drawing with axes
/// z₁ and z₂ around the images, and a PNG picture of the images alone.
///
/// ```
/// use elbo::display::{DecodedPlane, RichDisplay};
/// use ndarray::Array2;
///
/// let (z1, z2) = ([-1.0, 0.0, 1.0], [-2.0, 2.0]);
/// let images = Array2::<f32>::zeros((z2.len() * z1.len(), 28 * 28));
/// let plane = DecodedPlane::new(images.view(), (28, 28), &z1, &z2)?;
/// let text = "Decoded latent plane: 3×2 images of 28×28 pixels\n\
///             z₁ from -1.000 to 1.000\nz₂ from -2.000 to 2.000";
/// assert_eq!(plane.mime_bundle()?.text(), text);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct DecodedPlane {
    title: String,
    frames: Frames,
    z1: Vec<f64>,
    z2: Vec<f64>,
}

impl DecodedPlane {
    /// Images from the rows of an array of shape (z₁ values × z₂ values, height × width) with
    /// values in \[0, 1\]. Row `i * z1.len() + j` is decoded from `(z1[j], z2[i])`; z₁ runs to the
    /// right and z₂ upwards, so `z2[0]` is at the bottom. `frame` is (height, width). The latent
    /// values need not be evenly spaced.
    ///
    /// # Errors
    /// [`Error::Shape`] when the number of rows is not the number of places, a row does not hold
    /// height × width values or there is no place; [`Error::Setting`] when the frame is empty.
    pub fn new(
        images: ArrayView2<'_, f32>,
        frame: (usize, usize),
        z1: &[f32],
        z2: &[f32],
    ) -> Result<Self> {
        let frames = Frames::new("decoded images", images, frame)?;
        if z1.len().checked_mul(z2.len()) != Some(frames.len()) {
            return Err(Error::Shape {
                what: "decoded images".to_owned(),
                got: images.shape().to_vec(),
                want: vec![z1.len().saturating_mul(z2.len()), images.ncols()],
                advice: format!("decode one image for each of {}×{} places", z1.len(), z2.len()),
            });
        }
        let [z1, z2] = [z1, z2].map(|z| z.iter().map(|&z| f64::from(z)).collect());
        Ok(Self { title: "Decoded latent plane".to_owned(), frames, z1, z2 })
    }

    /// What the images are; stands above the drawing.
    pub fn title(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    fn text(&self) -> String {
        let (columns, rows) = (self.z1.len(), self.z2.len());
        let images = format!("{columns}×{rows} images of {}", self.frames.size_text());
        let mut text = titled(&self.title, &images);
        for (name, z) in [("z₁", &self.z1), ("z₂", &self.z2)] {
            if let (Some(&first), Some(&last)) = (z.first(), z.last()) {
                text.push_str(&format!("\n{name} from {} to {}", number(first), number(last)));
            }
        }
        text + &self.frames.broken_text()
    }

    /// All images edge to edge, each pixel `scale` wide and high.
    fn sheet(&self, scale: usize) -> Result<Sheet> {
        let (height, width) = self.frames.size();
        let (high, wide) = (height * scale, width * scale);
        let (columns, rows) = (self.z1.len(), self.z2.len());
        let mut sheet = Sheet::new(columns * wide, rows * high)?;
        for i in 0..self.frames.len() {
            let from_bottom = i / columns;
            let corner = (i % columns * wide, (rows - 1 - from_bottom) * high);
            sheet.paste(&self.frames, i, scale, corner);
        }
        Ok(sheet)
    }

    fn draw(&self, summary: &str) -> Result<String> {
        let data = STANDARD.encode(self.sheet(1)?.png()?);
        self.draw_around(&format!("data:image/png;base64,{data}"), summary).map_err(Error::drawing)
    }

    /// The drawing around the picture with this data URL. The viewer enlarges it smoothly, which
    /// suits a picture of something continuous.
    fn draw_around(&self, picture: &str, summary: &str) -> Drawn<String> {
        let (height, width) = self.frames.size();
        let size = ((self.z1.len() * width) as f64, (self.z2.len() * height) as f64);
        let unit = SIDE / size.0.max(size.1);
        let size = (size.0 * unit, size.1 * unit);
        let [x, y] = [&self.z1, &self.z2].map(|z| Axis::named((0.0, 1.0), numbers(z)));
        let top = MARGIN + if self.title.is_empty() { 0.0 } else { 34.0 };
        let beside = 24.0 + y.room();
        let left = MARGIN + beside;
        let (right, bottom) = (left + size.0, top + size.1);
        let plot = Plot { left, top, right, bottom, beside, below: 24.0 };
        let wide = (right + MARGIN).max(room_for_title(&self.title));
        let card = Card::new((wide, bottom + 44.0 + MARGIN / 2.0), &self.title, summary)?;
        card.picture((left, top), size, (picture, Enlarged::Smoothly))?;
        let mut chart = plot.chart(&card, x, y)?;
        mesh(&mut chart).disable_mesh().axis_style(ink(AXIS).stroke_width(10)).draw()?;
        axis_names(&card, &plot, 'z', [1, 2])?;
        card.finish()
    }
}

/// Numbers at the middle of some of the places along an axis, as shares of its length. They are
/// chosen symmetrically, with as few decimals as tell them apart truly.
fn numbers(z: &[f64]) -> Vec<(f64, String)> {
    let step = z.len().div_ceil(NUMBERS).max(1);
    let first = (z.len().saturating_sub(1) % step) / 2;
    let chosen: Vec<(usize, f64)> =
        z.iter().copied().enumerate().skip(first).step_by(step).collect();
    let gaps = chosen.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs());
    // A single value has no neighbour to be told from: it is compared with zero.
    let single = chosen.first().filter(|_| chosen.len() == 1).map(|(_, value)| value.abs());
    let tolerance = 0.05 * gaps.chain(single).fold(f64::INFINITY, f64::min);
    let rounded = |decimals: i32, value: f64| {
        let power = 10f64.powi(decimals);
        (value * power).round() / power
    };
    let true_enough =
        |&d: &i32| chosen.iter().all(|&(_, z)| (rounded(d, z) - z).abs() <= tolerance);
    let decimals = (0..4).find(true_enough).unwrap_or(4) as usize;
    let name = |value: f64| {
        if value.is_finite() { typeset(&fixed(value, decimals)) } else { number(value) }
    };
    let share = |i: usize| (i as f64 + 0.5) / z.len() as f64;
    chosen.iter().map(|&(i, value)| (share(i), name(value))).collect()
}

impl RichDisplay for DecodedPlane {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        let longest =
            (self.z1.len() * self.frames.size().1).max(self.z2.len() * self.frames.size().0);
        // For viewers without SVG: about as large as the drawing.
        let scale = (SIDE as usize / longest).clamp(1, 8);
        let (svg, png) = (self.draw(&text)?, self.sheet(scale)?.png()?);
        Ok(MimeBundle::new(text).with_svg(svg).with_png(png))
    }
}

impl_evcxr_display!(DecodedPlane);

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::{super::pixels::tests::decoded, *};

    fn plane() -> DecodedPlane {
        // Images of one shade: 0, 0.2, 0.4 in the lower row, 0.6, 0.8, 1 in the upper one.
        let images = Array2::from_shape_fn((6, 12), |(i, _)| i as f32 / 5.0);
        DecodedPlane::new(images.view(), (4, 3), &[-1.0, 0.0, 1.0], &[-2.0, 2.0]).unwrap()
    }

    #[test]
    fn the_first_row_is_at_the_bottom_and_there_are_no_gaps() {
        let bundle = plane().mime_bundle().unwrap();
        let picture = decoded(bundle.png().unwrap());
        assert_eq!(picture.dimensions(), (3 * 3 * 8, 2 * 4 * 8));
        let shades =
            [(0, 63), (71, 63), (0, 0), (71, 0)].map(|(x, y)| picture.get_pixel(x, y).0[0]);
        assert_eq!(shades, [0, 102, 153, 255]);
        assert_eq!(picture.get_pixel(24, 63).0[0], 51);
    }

    #[test]
    fn the_drawing_holds_the_picture_and_is_always_the_same() {
        let plane = plane().title("<script>&\"");
        let bundle = plane.mime_bundle().unwrap();
        let svg = bundle.svg().unwrap();
        assert!(!svg.contains("<script>"));
        let data = svg.split("base64,").nth(1).unwrap().split('"').next().unwrap();
        let picture = decoded(&STANDARD.decode(data).unwrap());
        assert_eq!(picture.dimensions(), (9, 8));
        assert_eq!(bundle, plane.mime_bundle().unwrap());
    }

    #[test]
    fn numbers_are_few_symmetric_and_true() {
        let z: Vec<f64> = (0..15).map(|i| f64::from(i) * 0.5 - 3.5).collect();
        let names: Vec<String> = numbers(&z).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["−3.5", "−2.5", "−1.5", "−0.5", "0.5", "1.5", "2.5", "3.5"]);
        assert_eq!(numbers(&[0.26]), [(0.5, "0.26".to_owned())]);
        assert_eq!(numbers(&[f64::NAN]), [(0.5, "not finite".to_owned())]);
    }

    #[test]
    fn wrong_shapes_are_explained() {
        let images = Array2::<f32>::zeros((6, 12));
        let error = DecodedPlane::new(images.view(), (4, 3), &[0.0; 4], &[0.0; 2]).unwrap_err();
        assert!(error.to_string().contains("[6, 12]") && error.to_string().contains("[8, 12]"));
        assert!(DecodedPlane::new(images.view(), (4, 4), &[0.0; 3], &[0.0; 2]).is_err());
        assert!(DecodedPlane::new(images.view(), (4, 3), &[], &[0.0; 2]).is_err());
    }
}
