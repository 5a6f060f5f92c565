//! Pictures of a model, redrawn while it trains.

use super::{trainable::Trainable, training::Training};
use crate::{
    display::{Live, MimeBundle, RichDisplay},
    error::Result,
};

/// What the training loop works on: a model, and whatever shall be seen of it meanwhile.
pub(crate) trait Subject {
    /// The model.
    fn model(&mut self) -> &mut dyn Trainable;

    /// Where the model keeps how far its training is.
    fn training(&mut self) -> &mut Option<Training>;

    /// Whether there is anything to draw.
    fn is_watched(&self) -> bool {
        false
    }

    /// Draws the model as it is now.
    fn redraw(&mut self) {}
}

/// A model that nobody watches.
pub(crate) struct Alone<'a> {
    pub model: &'a mut dyn Trainable,
    pub training: &'a mut Option<Training>,
}

impl Subject for Alone<'_> {
    fn model(&mut self) -> &mut dyn Trainable {
        self.model
    }

    fn training(&mut self) -> &mut Option<Training> {
        self.training
    }
}

/// A model to be trained, with displays that are redrawn in place while it trains, at most a few
/// times a second and for less than a fiftieth of the time. What was drawn last stays.
///
/// Made by `watch` of a model; `fit` trains it.
///
/// ```
/// use elbo::prelude::*;
///
/// let digits = data::handwriting().writers(4).repeats(2).images::<28>();
/// let mut vae = Vae::<784, 2>::params().hidden([32]).build()?;
/// vae.watch(|vae| vae.sample(16))
///     .watch(|vae| vae.latent_map(&digits, "digit"))
///     .fit(&digits, Fit::new().epochs(1))?;
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct Watched<'a, M> {
    pub(crate) model: &'a mut M,
    views: Vec<View<'a, M>>,
}

type Draw<'a, M> = Box<dyn FnMut(&M) -> Result<MimeBundle> + 'a>;

struct View<'a, M> {
    draw: Draw<'a, M>,
    display: Live,
}

impl<'a, M> Watched<'a, M> {
    pub(crate) fn new(model: &'a mut M) -> Self {
        Self { model, views: Vec::new() }
    }

    /// Adds a display of the model. One that fails shows its error and ends nothing.
    pub fn watch<R: RichDisplay>(mut self, mut view: impl FnMut(&M) -> Result<R> + 'a) -> Self {
        let draw = Box::new(move |model: &M| view(model)?.mime_bundle());
        self.views.push(View { draw, display: Live::new() });
        self
    }

    pub(crate) fn has_views(&self) -> bool {
        self.views.iter().any(|view| view.display.is_seen())
    }

    pub(crate) fn redraw_views(&mut self) {
        for View { draw, display } in &mut self.views {
            let bundle = draw(self.model);
            let bundle =
                bundle.unwrap_or_else(|error| MimeBundle::new(format!("(no display: {error})")));
            display.show(bundle);
        }
    }
}
