//! A small writer of SVG: compact, self-contained drawings on a card.
//!
//! Why not a plotting crate: 10,000 points as one element each make a drawing ten times larger, and
//! halos, fractions of a pixel and dashes are out of reach there. Notebooks may put a drawing into
//! the page as it is, so there are no ids and no style sheets, which would leak to other drawings.

use std::fmt::{self, Write};

use super::{
    palette::{AXIS, CARD, EDGE, GRID, INK, QUIET, Rgb},
    text::{escape, shorten},
};

/// The reader's own interface font; nothing has to be installed where the drawing is made.
const FONTS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

/// Space between the edge of the card and what is on it.
pub(super) const MARGIN: f64 = 20.0;

/// A pixel position with one decimal, without a needless `.0`.
pub(super) struct Px(pub(super) f64);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round();
        // Adding zero turns minus zero into zero.
        if tenths % 10.0 == 0.0 {
            write!(f, "{}", tenths / 10.0 + 0.0)
        } else {
            write!(f, "{:.1}", self.0)
        }
    }
}

/// Which point of a text lies at its position.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Style {
    size: f64,
    anchor: Anchor,
    bold: bool,
    fill: Rgb,
    halo: bool,
    upwards: bool,
}

impl Style {
    /// Text that is read second, of the size of axis numbers.
    pub(super) const fn quiet(anchor: Anchor) -> Self {
        Self { size: 12.0, anchor, bold: false, fill: QUIET, halo: false, upwards: false }
    }

    /// What an axis shows.
    pub(super) const fn axis_name(anchor: Anchor) -> Self {
        Self { size: 13.0, ..Self::quiet(anchor) }.fill(INK)
    }

    /// Text that is read first.
    pub(super) const fn strong(size: f64, anchor: Anchor) -> Self {
        Self { size, anchor, bold: true, fill: INK, halo: false, upwards: false }
    }

    /// The same text in another colour.
    pub(super) const fn fill(self, fill: Rgb) -> Self {
        Self { fill, ..self }
    }

    /// The same text with a rim in the colour of the card, for text that lies on marks.
    pub(super) const fn halo(self) -> Self {
        Self { halo: true, ..self }
    }

    /// The same text read from bottom to top.
    pub(super) const fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }
}

/// About how wide a text of this size will be. Wide fonts are assumed, so that nothing is clipped.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    let units = |c: char| match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '(' | ')' | ' ' => 0.36,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.95,
        'A'..='Z' | '−' | '=' | '<' | '>' | '±' | '+' => 0.72,
        // East Asian characters and pictures fill a square.
        '\u{1100}'.. if !('\u{2000}'..='\u{22ff}').contains(&c) => 1.05,
        _ => 0.62,
    };
    text.chars().map(units).sum::<f64>() * size
}

/// `text` cut so that it is at most about `width` pixels wide at this size; empty when not even an
/// ellipsis fits.
pub(super) fn fitted(text: &str, size: f64, width: f64) -> String {
    // No card is wide enough for more.
    let most = text.chars().count().min(300);
    let cuts = (0..=most).rev().map(|characters| shorten(text, characters));
    cuts.into_iter().find(|cut| text_width(cut, size) <= width).unwrap_or_default()
}

/// The width of a card on which this title fits, within reason.
pub(super) fn room_for_title(title: &str) -> f64 {
    text_width(title, 16.0).min(600.0) + 2.0 * MARGIN + 2.0
}

/// A drawing in the making.
pub(super) struct Svg {
    out: String,
    width: f64,
}

impl Svg {
    /// An empty card of this size in pixels. `title` and `summary` are read out to those who cannot
    /// see the drawing.
    ///
    /// The card has its own light background: front ends show a drawing as a picture, in which
    /// neither `currentColor` nor a media query knows the theme of the notebook, so a transparent
    /// one would lose its dark text on a dark page.
    pub(super) fn card(width: f64, height: f64, title: &str, summary: &str) -> Self {
        let mut svg = Self { out: String::new(), width };
        svg.put(format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\" role=\"img\" font-family=\"{FONTS}\" \
             style=\"max-width:100%;height:auto\">\n<title>{}</title>\n<desc>{}</desc>\n\
             <rect x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\" fill=\"{CARD}\" \
             stroke=\"{EDGE}\"/>\n",
            escape(title),
            escape(summary),
            Px(width - 1.0),
            Px(height - 1.0),
            w = Px(width),
            h = Px(height),
        ));
        svg
    }

    /// The title in the upper left corner, cut where the card ends.
    pub(super) fn heading(&mut self, title: &str) {
        let shown = fitted(title, 16.0, self.width - 2.0 * MARGIN);
        self.text(MARGIN, MARGIN + 13.0, &shown, Style::strong(15.0, Anchor::Start));
    }

    /// A text; `y` is its base line.
    pub(super) fn text(&mut self, x: f64, y: f64, text: &str, style: Style) {
        self.markup(x, y, &escape(text), style);
    }

    /// A text that may hold markup, such as a subscript: what comes from data must be escaped.
    pub(super) fn markup(&mut self, x: f64, y: f64, markup: &str, style: Style) {
        let (x, y) = (Px(x), Px(y));
        self.put(format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"{}\"", Px(style.size)));
        self.put(format_args!(" fill=\"{}\"", style.fill));
        match style.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.put(format_args!(" text-anchor=\"middle\"")),
            Anchor::End => self.put(format_args!(" text-anchor=\"end\"")),
        }
        if style.bold {
            self.put(format_args!(" font-weight=\"600\""));
        }
        if style.halo {
            self.put(format_args!(
                " stroke=\"{CARD}\" stroke-width=\"4\" stroke-linejoin=\"round\" \
                 stroke-opacity=\".85\" paint-order=\"stroke\""
            ));
        }
        if style.upwards {
            self.put(format_args!(" transform=\"rotate(-90 {x} {y})\""));
        }
        self.put(format_args!(">{markup}</text>\n"));
    }

    /// A straight line, one pixel wide.
    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: Rgb) {
        self.put(format_args!(
            "<path d=\"M{} {}L{} {}\" stroke=\"{colour}\"/>\n",
            Px(from.0),
            Px(from.1),
            Px(to.0),
            Px(to.1)
        ));
    }

    /// A grid line, or the line of an axis.
    pub(super) fn rule(&mut self, from: (f64, f64), to: (f64, f64), axis: bool) {
        self.line(from, to, if axis { AXIS } else { GRID });
    }

    /// A path with attributes of its own.
    pub(super) fn path(&mut self, d: &str, attributes: fmt::Arguments<'_>) {
        self.put(format_args!("<path d=\"{d}\" {attributes}/>\n"));
    }

    /// A disc.
    pub(super) fn disc(&mut self, (x, y): (f64, f64), radius: f64, fill: Rgb) {
        let (x, y, radius) = (Px(x), Px(y), Px(radius));
        self.put(format_args!(
            "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{fill}\" stroke=\"{CARD}\"/>\n"
        ));
    }

    /// Any markup. What comes from data must be escaped.
    pub(super) fn put(&mut self, markup: fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(markup);
    }

    /// The whole drawing.
    pub(super) fn finish(mut self) -> String {
        self.out.push_str("</svg>");
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_short() {
        let written = |v: f64| Px(v).to_string();
        assert_eq!(
            ["12", "12.3", "0", "-3.5"].map(String::from),
            [written(12.0), written(12.3456), written(-0.04), written(-3.5)]
        );
    }

    #[test]
    fn a_card_is_named_and_scales_and_escapes() {
        let nasty = "<script>&\"";
        let mut svg = Svg::card(300.0, 200.0, nasty, nasty);
        svg.heading(nasty);
        let svg = svg.finish();
        assert!(svg.contains("viewBox=\"0 0 300 200\"") && svg.contains("role=\"img\""));
        assert!(svg.contains("<title>&lt;script&gt;&amp;&quot;</title>"));
        assert!(!svg.contains("<script>"));
    }

    #[test]
    fn long_text_is_cut_to_its_width() {
        let cut = fitted("a rather long title", 12.0, 60.0);
        assert!(cut.ends_with('…') && text_width(&cut, 12.0) <= 60.0, "{cut}");
        assert_eq!(fitted("short", 12.0, 600.0), "short");
        assert_eq!(fitted("short", 12.0, 3.0), "");
        assert!(fitted(&"long ".repeat(100_000), 12.0, 1e6).ends_with('…'));
    }
}
