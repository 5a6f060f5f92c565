//! A large array as a picture: a square of colour for each number.

use base64::{Engine, engine::general_purpose::STANDARD};
use image::{
    ExtendedColorType, ImageEncoder,
    codecs::png::PngEncoder,
    imageops::{FilterType, resize},
};
use plotters::{
    coord::ranged1d::Ranged,
    element::{IntoDynElement, Rectangle},
    style::Color,
};

use crate::{
    display::{
        axis::{Axis, extent, round_step},
        card::{Card, Drawn, MARGIN, quiet, room_for_title},
        colour_bar::{BAR, colour_bar},
        palette::{AXIS, Rgb, viridis},
        plot::{Plot, mesh},
        svg::{Enlarged, ink},
        text::{count, counted, number, text_width, typeset},
        units::units,
    },
    error::{Error, Result},
};

/// The longer side of the picture, in pixels, and the shorter one when it would be a thin line.
const SIDE: f64 = 480.0;
const SHORTEST: f64 = 120.0;
/// Most squares along a side; beyond, neighbours share one.
const MOST: usize = 480;
/// Most numbers along an axis.
const NUMBERS: usize = 7;
/// Colours in the bar: more cannot be told apart.
const SHADES: usize = 64;
/// What cells without a colour on the scale are called.
const BROKEN: &str = "not finite";

/// A matrix of floats, reduced to as many squares as can be seen.
pub(super) struct HeatMap {
    /// Of the array: rows and columns.
    shape: (usize, usize),
    /// Rows and columns of the array that share a square.
    block: (usize, usize),
    /// Squares from the top, line by line: the mean of the numbers they stand for. NaN when one of
    /// them is not finite, so that it is seen.
    squares: Vec<f64>,
    /// The lowest and the highest finite number.
    range: Option<(f64, f64)>,
    /// How many numbers are not finite.
    broken: usize,
}

impl HeatMap {
    /// The map of an array of this shape, from its numbers line by line.
    pub(super) fn new(shape: (usize, usize), values: impl Iterator<Item = f64>) -> Self {
        let block = (shape.0.div_ceil(MOST).max(1), shape.1.div_ceil(MOST).max(1));
        let (height, width) = (shape.0.div_ceil(block.0), shape.1.div_ceil(block.1));
        let mut sums = vec![(0.0, 0_usize); height * width];
        let (mut range, mut broken) = (None, 0);
        for (i, value) in values.enumerate() {
            let (row, column) = (i / shape.1 / block.0, i % shape.1 / block.1);
            if let Some((sum, n)) = sums.get_mut(row * width + column) {
                // Infinities of both signs must not cancel either.
                *sum += if value.is_finite() { value } else { f64::NAN };
                *n += 1;
            }
            broken += usize::from(!value.is_finite());
            range = wider(range, value);
        }
        let squares = sums.into_iter().map(|(sum, n)| sum / n as f64).collect();
        Self { shape, block, squares, range, broken }
    }

    /// Rows and columns of squares.
    fn size(&self) -> (usize, usize) {
        (self.shape.0.div_ceil(self.block.0), self.shape.1.div_ceil(self.block.1))
    }

    /// What the picture shows, in words.
    pub(super) fn summary(&self) -> String {
        let range = self.range.map_or(String::new(), |(low, high)| {
            format!("min {}, max {}", number(low), number(high))
        });
        let broken = match self.broken {
            0 => String::new(),
            n => format!("{} {BROKEN}", counted(n, "value")),
        };
        let said = [range, broken, self.blocks()];
        said.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn blocks(&self) -> String {
        match self.block {
            (1, 1) => String::new(),
            (rows, columns) => format!("a square is the mean of {rows}×{columns} values"),
        }
    }

    /// The scale of the colours.
    fn scale(&self) -> Axis {
        Axis::exactly(self.range.unwrap_or((0.0, 1.0)), NUMBERS)
    }

    fn colours(&self) -> Vec<u8> {
        let range = self.scale().range();
        let colour = |&value: &f64| {
            let share = (value - range.start) / (range.end - range.start);
            let Rgb(red, green, blue) = if value.is_finite() { viridis(share) } else { AXIS };
            [red, green, blue]
        };
        self.squares.iter().flat_map(colour).collect()
    }

    /// The squares as a PNG file, each of them `scale` pixels wide and high.
    fn squares_png(&self, scale: usize) -> Result<Vec<u8>> {
        let side = |n: usize| u32::try_from(n).map_err(Error::drawing);
        let (height, width) = (side(self.size().0)?, side(self.size().1)?);
        let scale = side(scale)?;
        let picture = image::RgbImage::from_raw(width, height, self.colours())
            .ok_or_else(|| Error::drawing("an array and its shape do not match"))?;
        let picture = resize(&picture, width * scale, height * scale, FilterType::Nearest);
        let mut bytes = Vec::new();
        PngEncoder::new(&mut bytes)
            .write_image(&picture, width * scale, height * scale, ExtendedColorType::Rgb8)
            .map_err(Error::drawing)?;
        Ok(bytes)
    }

    /// The picture alone, for viewers without SVG.
    pub(super) fn png(&self) -> Result<Vec<u8>> {
        self.squares_png((SIDE as usize / self.size().0.max(self.size().1)).max(1))
    }

    /// The picture with indices and the scale of its colours.
    pub(super) fn draw(&self, title: &str) -> Result<String> {
        let data = STANDARD.encode(self.squares_png(1)?);
        self.draw_around(title, &format!("data:image/png;base64,{data}")).map_err(Error::drawing)
    }

    /// Width and height of the picture. Squares are whole pixels where possible.
    fn drawn_size(&self) -> (f64, f64) {
        let (rows, columns) = (self.size().0 as f64, self.size().1 as f64);
        let pixels = (SIDE / rows.max(columns)).round().max(1.0);
        ((columns * pixels).max(SHORTEST), (rows * pixels).max(SHORTEST))
    }

    fn draw_around(&self, title: &str, picture: &str) -> Drawn<String> {
        let (width, height) = self.drawn_size();
        let x = Axis::named((0.0, 1.0), indices(self.shape.1));
        let mirrored = indices(self.shape.0).into_iter().map(|(share, name)| (1.0 - share, name));
        let y = Axis::named((0.0, 1.0), mirrored.collect());
        // Whole pixels, or the squares would have soft edges.
        let beside = (4.0 + y.room()).ceil();
        let (left, top) = (MARGIN + beside, MARGIN + 34.0);
        let (right, bottom) = (left + width, top + height);
        let plot = Plot { left, top, right, bottom, beside, below: 24.0 };
        let legend = Legend { axis: self.scale(), broken: self.broken > 0 };
        let summary = self.summary();
        let wide = (right + 24.0 + legend.width() + MARGIN)
            .max(2.0 * MARGIN + text_width(&summary, 12.0))
            .max(room_for_title(title));
        let card = Card::new((wide, bottom + 48.0 + MARGIN / 2.0), title, &summary)?;
        card.picture((left, top), (width, height), (picture, Enlarged::Sharply))?;
        let mut chart = plot.chart(&card, x, y)?;
        mesh(&mut chart).disable_mesh().axis_style(ink(AXIS).stroke_width(10)).draw()?;
        card.text((MARGIN, bottom + 44.0), &typeset(&summary), &quiet())?;
        legend.draw(&card, (right + 24.0, top), height)?;
        card.finish()
    }
}

/// What the colours mean.
struct Legend {
    axis: Axis,
    /// Whether there are cells without a number.
    broken: bool,
}

impl Legend {
    fn width(&self) -> f64 {
        let broken = if self.broken { 6.0 + text_width(BROKEN, 12.0) } else { 0.0 };
        BAR + self.axis.room().max(broken)
    }

    /// Draws it with its upper left corner at `(left, top)`.
    fn draw(&self, card: &Card, (left, top): (f64, f64), height: f64) -> Drawn {
        let bar = if self.broken { height - 2.0 * BAR } else { height };
        let colours: Vec<Rgb> =
            (0..SHADES).map(|shade| viridis(shade as f64 / (SHADES - 1) as f64)).collect();
        colour_bar(card, (left, top), (&self.axis, bar), &colours)?;
        if self.broken {
            let (low, high) = (top + height - BAR, top + height);
            let corners = [(units(left), units(low)), (units(left + BAR), units(high))];
            card.draw(&Rectangle::new(corners, ink(AXIS).filled()).into_dyn())?;
            card.text((left + BAR + 6.0, high - 3.0), BROKEN, &quiet())?;
        }
        Ok(())
    }
}

/// Some indices of `n`, each at the middle of its square, as shares of the length of the axis.
fn indices(n: usize) -> Vec<(f64, String)> {
    let step = round_step((0.0, n as f64), NUMBERS).max(1.0).ceil() as usize;
    let share = |i: usize| (i as f64 + 0.5) / n as f64;
    (0..n).step_by(step).map(|i| (share(i), count(i))).collect()
}

fn wider(range: Option<(f64, f64)>, value: f64) -> Option<(f64, f64)> {
    let ends = range.into_iter().flat_map(|(low, high)| [low, high]);
    extent(ends.chain([value]))
}

#[cfg(test)]
#[path = "heat_map_tests.rs"]
mod tests;
