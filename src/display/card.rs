//! The card that every drawing lies on, with its title, and how text looks.

use std::{cell::RefCell, convert::Infallible, rc::Rc};

use plotters::{
    coord::Shift,
    drawing::DrawingAreaErrorKind,
    element::DynElement,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{
    palette::{CARD, INK, QUIET, Rgb},
    svg::{Enlarged, HALO, Svg, ink},
    text::{fitted, text_width},
    units::units,
};

/// Space between the edge of the card and what is on it, in pixels.
pub(super) const MARGIN: f64 = 20.0;

/// What drawing comes to.
pub(super) type Drawn<T = ()> = Result<T, DrawingAreaErrorKind<Infallible>>;
/// Something to draw.
pub(super) type Element<C> = DynElement<'static, Svg, C>;

/// Text that is read second, of the size of axis numbers. Its place is the start of its base line.
pub(super) fn quiet() -> TextStyle<'static> {
    text_style(12.0, FontStyle::Normal, QUIET)
}

/// Text that is read with the marks.
pub(super) fn plain(size: f64) -> TextStyle<'static> {
    text_style(size, FontStyle::Normal, INK)
}

/// Text that is read first.
pub(super) fn strong(size: f64) -> TextStyle<'static> {
    text_style(size, FontStyle::Bold, INK)
}

fn text_style(size: f64, style: FontStyle, colour: Rgb) -> TextStyle<'static> {
    let font = FontDesc::new(FontFamily::SansSerif, size, style);
    font.color(&ink(colour)).pos(Pos::new(HPos::Left, VPos::Bottom))
}

/// Changes to a style that plotters has no short words for.
pub(super) trait Styled {
    /// The same text, with its place in its middle.
    fn centred(self) -> Self;
    /// The same text, with its place at its end.
    fn ending(self) -> Self;
    /// The same text with a rim in the colour of the card, for text that lies on marks.
    fn halo(self) -> Self;
}

impl Styled for TextStyle<'static> {
    fn centred(self) -> Self {
        self.pos(Pos::new(HPos::Center, VPos::Bottom))
    }

    fn ending(self) -> Self {
        self.pos(Pos::new(HPos::Right, VPos::Bottom))
    }

    fn halo(self) -> Self {
        let font = FontDesc::new(HALO, self.font.get_size(), self.font.get_style());
        Self { font, ..self }
    }
}

/// The width of a card on which this title fits, within reason.
pub(super) fn room_for_title(title: &str) -> f64 {
    text_width(title, 16.0).min(600.0) + 2.0 * MARGIN + 2.0
}

/// A drawing in the making. Places on it are in pixels from its upper left corner.
pub(super) struct Card {
    svg: Rc<RefCell<Svg>>,
    area: DrawingArea<Svg, Shift>,
}

impl Card {
    /// A card of this size with its title, which is cut where the card ends. `summary` is read out
    /// to those who cannot see the drawing.
    pub(super) fn new((width, height): (f64, f64), title: &str, summary: &str) -> Drawn<Self> {
        let svg = Rc::new(RefCell::new(Svg::card(width, height, title, summary)));
        let card = Self { area: DrawingArea::from(&svg), svg };
        let shown = fitted(title, 16.0, width - 2.0 * MARGIN);
        card.text((MARGIN, MARGIN + 13.0), &shown, &strong(15.0))?;
        Ok(card)
    }

    /// A part of the card: its upper left corner and its size.
    pub(super) fn part(&self, corner: (f64, f64), size: (f64, f64)) -> DrawingArea<Svg, Shift> {
        let (left, top) = (units(corner.0), units(corner.1));
        self.area.clone().shrink((left, top), (units(size.0), units(size.1)))
    }

    /// Draws something whose places are in units of the backend.
    pub(super) fn draw(&self, element: &Element<(i32, i32)>) -> Drawn {
        self.area.draw(element)
    }

    /// A text.
    pub(super) fn text(&self, (x, y): (f64, f64), text: &str, style: &TextStyle) -> Drawn {
        self.area.draw_text(text, style, (units(x), units(y)))
    }

    /// A picture, by its data URL, over a rectangle.
    pub(super) fn picture(
        &self,
        corner: (f64, f64),
        size: (f64, f64),
        picture: (&str, Enlarged),
    ) -> Drawn {
        let mut svg = self.svg.try_borrow_mut().map_err(|_| DrawingAreaErrorKind::SharingError)?;
        let units = |(x, y)| (units(x), units(y));
        svg.picture(units(corner), units(size), picture);
        Ok(())
    }

    /// The whole drawing.
    pub(super) fn finish(self) -> Drawn<String> {
        let mut svg = self.svg.try_borrow_mut().map_err(|_| DrawingAreaErrorKind::SharingError)?;
        Ok(svg.finish())
    }
}

/// A disc with a rim in the colour of the card.
pub(super) fn disc<C: Clone + 'static>(at: C, radius: f64, colour: Rgb) -> Element<C> {
    let (rim, inner) = (units(radius + 0.5), units(radius - 0.5));
    let disc = EmptyElement::at(at)
        + Circle::new((0, 0), rim, ink(CARD).filled())
        + Circle::new((0, 0), inner, ink(colour).filled());
    disc.into_dyn()
}
