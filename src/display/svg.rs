//! Where plotters draws: a small backend that writes compact, self-contained SVG on a card.
//!
//! Why not plotters' own SVG backend: it rounds to whole pixels and writes an element for each mark,
//! so that 10,000 points would make a drawing five times larger. Here a pixel is ten units wide, and
//! marks of one look that follow each other share a path. Notebooks may put a drawing into the page
//! as it is, so there are no ids and no style sheets, which would leak to other drawings.

use std::fmt::{self, Write};

use plotters::style::{FontFamily, RGBColor};
use plotters_backend::{BackendColor, BackendCoord};

use super::{
    palette::{CARD, EDGE, Rgb},
    text::escape,
    units::{Px, UNITS, units},
};

/// The reader's own interface font; nothing has to be installed where the drawing is made.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/// A font family for text that lies on marks: it gets a rim in the colour of the card. All text is
/// in [`FONTS`], and plotters has no other word for this.
pub(super) const HALO: FontFamily<'static> = FontFamily::Name("halo");

/// A colour as plotters has it.
pub(super) fn ink(Rgb(red, green, blue): Rgb) -> RGBColor {
    RGBColor(red, green, blue)
}

/// What marks that share a path have in common.
#[derive(Clone, Copy, PartialEq)]
struct Look {
    shape: Shape,
    colour: Rgb,
    alpha: f64,
    width: u32,
}

/// How a mark is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    Line,
    Disc,
    Area,
}

/// What becomes of the pixels of a picture that is drawn larger than it is.
#[derive(Clone, Copy)]
pub(super) enum Enlarged {
    /// They run into each other.
    Smoothly,
    /// They stay squares.
    Sharply,
}

/// A drawing in the making.
pub(super) struct Svg {
    out: String,
    /// In units of the backend.
    pub(super) size: (u32, u32),
    /// The look of the path that is not closed yet.
    open: Option<Look>,
}

impl Svg {
    /// An empty card of this size in pixels. `title` and `summary` are read out to those who cannot
    /// see the drawing.
    ///
    /// The card has its own light background: front ends show a drawing as a picture, in which
    /// neither `currentColor` nor a media query knows the theme of the notebook, so a transparent
    /// one would lose its dark text on a dark page.
    pub(super) fn card(width: f64, height: f64, title: &str, summary: &str) -> Self {
        let (w, h) = (units(width), units(height));
        let size = (w.unsigned_abs(), h.unsigned_abs());
        let mut svg = Self { out: String::new(), size, open: None };
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" \
             viewBox=\"0 0 {0} {1}\" role=\"img\" font-family=\"{FONTS}\" \
             style=\"max-width:100%;height:auto\">\n<title>{2}</title>\n<desc>{3}</desc>\n\
             <rect x=\".5\" y=\".5\" width=\"{4}\" height=\"{5}\" rx=\"8\" fill=\"{CARD}\" \
             stroke=\"{EDGE}\"/>\n",
            Px(w),
            Px(h),
            escape(title),
            escape(summary),
            Px(w - UNITS),
            Px(h - UNITS),
        ));
        svg
    }

    /// A picture over a rectangle; `data` is its data URL.
    pub(super) fn picture(
        &mut self,
        (x, y): BackendCoord,
        (w, h): BackendCoord,
        (data, enlarged): (&str, Enlarged),
    ) {
        self.close();
        let look = match enlarged {
            Enlarged::Smoothly => "",
            Enlarged::Sharply => " style=\"image-rendering:pixelated\"",
        };
        self.put(format_args!(
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\"{look} \
             href=\"{data}\"/>\n",
            Px(x),
            Px(y),
            Px(w),
            Px(h)
        ));
    }

    /// The whole drawing.
    pub(super) fn finish(&mut self) -> String {
        self.close();
        std::mem::take(&mut self.out) + "</svg>"
    }

    /// Any markup. What comes from data must be escaped.
    pub(super) fn put(&mut self, markup: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(markup);
    }

    /// Goes on with the path of this look, or begins one. False when it could not be seen.
    pub(super) fn begin(&mut self, shape: Shape, colour: BackendColor, width: u32) -> bool {
        let (r, g, b) = colour.rgb;
        let look = Look { shape, colour: Rgb(r, g, b), alpha: colour.alpha, width };
        let visible = colour.alpha > 0.0;
        if visible && self.open != Some(look) {
            self.close();
            self.out.push_str("<path d=\"");
            self.open = Some(look);
        }
        visible
    }

    /// Ends the open path, if there is one.
    pub(super) fn close(&mut self) {
        let Some(Look { shape, colour, alpha, width }) = self.open.take() else { return };
        let width = Px(i32::try_from(width).unwrap_or(i32::MAX));
        match shape {
            Shape::Area => self.put(format_args!("\" fill=\"{colour}\"")),
            Shape::Line => self.put(format_args!(
                "\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\" \
                 stroke-linejoin=\"round\""
            )),
            Shape::Disc => self.put(format_args!(
                "\" stroke=\"{colour}\" stroke-width=\"{width}\" stroke-linecap=\"round\""
            )),
        }
        if alpha < 1.0 {
            self.put(format_args!(" opacity=\"{alpha}\""));
        }
        self.out.push_str("/>\n");
    }

    /// A disc of the open path.
    pub(super) fn dot(&mut self, (x, y): BackendCoord) {
        // A line of almost no length with round ends is the shortest way to write a disc. Some
        // converters leave out lines of no length at all.
        self.put(format_args!("M{} {}h.01", Px(x), Px(y)));
    }

    /// A line through points, as steps from each to the next.
    pub(super) fn trace(&mut self, points: &[BackendCoord]) {
        let Some(&(x, y)) = points.first() else { return };
        self.put(format_args!("M{} {}", Px(x), Px(y)));
        for pair in points.windows(2) {
            match (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1) {
                (0, 0) => {}
                (x, 0) => self.put(format_args!("h{}", Px(x))),
                (0, y) => self.put(format_args!("v{}", Px(y))),
                (x, y) => self.put(format_args!("l{} {}", Px(x), Px(y))),
            }
        }
    }
}

/// How a text is written.
pub(super) struct Type {
    pub(super) size: i32,
    pub(super) colour: BackendColor,
    /// From its place down to its base line.
    pub(super) below: i32,
    /// Degrees, clockwise around its place.
    pub(super) turn: i32,
    /// Further attributes.
    pub(super) attributes: [&'static str; 2],
    /// A rim in the colour of the card.
    pub(super) halo: bool,
}

impl Svg {
    /// A text.
    pub(super) fn text(&mut self, text: &str, (x, y): BackendCoord, style: &Type) {
        if text.is_empty() {
            return;
        }
        self.close();
        let ((r, g, b), [anchor, face]) = (style.colour.rgb, style.attributes);
        self.put(format_args!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"{anchor}{face}",
            Px(x),
            Px(y + style.below),
            Px(style.size),
            Rgb(r, g, b)
        ));
        if style.halo {
            self.put(format_args!(
                " stroke=\"{CARD}\" stroke-width=\"4\" stroke-linejoin=\"round\" \
                 stroke-opacity=\".85\" paint-order=\"stroke\""
            ));
        }
        if style.turn != 0 {
            let (turn, x, y) = (style.turn, Px(x), Px(y));
            self.put(format_args!(" transform=\"rotate({turn} {x} {y})\""));
        }
        self.put(format_args!(">{}</text>\n", escape(text)));
    }
}

#[cfg(test)]
mod tests {
    use plotters::style::Color;
    use plotters_backend::DrawingBackend;

    use super::*;

    #[test]
    fn marks_of_one_look_share_a_path() {
        let mut svg = Svg::card(300.0, 200.0, "", "");
        let (red, blue) = (RGBColor(255, 0, 0).filled(), RGBColor(0, 0, 255).mix(0.5).filled());
        for (x, style) in [(10, &red), (20, &red), (30, &blue), (40, &blue)] {
            assert!(svg.draw_circle((x, 50), 40, style, true).is_ok());
        }
        assert!(svg.draw_circle((50, 5), 4, &RGBColor(0, 0, 0).mix(0.0), true).is_ok());
        let svg = svg.finish();
        assert_eq!((svg.matches("<path").count(), svg.matches("h.01").count()), (2, 4), "{svg}");
        assert!(svg.contains("M1 5h.01M2 5h.01\" stroke=\"#FF0000\" stroke-width=\"8\""), "{svg}");
    }

    #[test]
    fn a_card_is_named_and_scales_and_escapes() {
        let nasty = "<script>&\"";
        let svg = Svg::card(300.0, 200.0, nasty, nasty).finish();
        assert!(svg.contains("viewBox=\"0 0 300 200\"") && svg.contains("role=\"img\""));
        assert!(svg.contains("<title>&lt;script&gt;&amp;&quot;</title>"));
        assert!(!svg.contains("<script>"));
    }
}
