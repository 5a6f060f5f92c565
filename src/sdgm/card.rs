//! An SDGM at a glance.

use super::Sdgm;
use crate::{
    display::{GraphicalModel, MimeBundle, ModelCard, RichDisplay, impl_evcxr_display},
    error::Result,
    semi_supervised::facts,
    train::History,
};

impl<const D: usize, const Z: usize, const A: usize> Sdgm<D, Z, A> {
    /// The graph of the model: p(z) p(y) p(a|z, y) p(x|z, y, a), with q(a|x) q(y|a, x) q(z|a, x, y).
    ///
    /// # Errors
    /// Never; the type says so of all graphs.
    pub fn graphical_model(&self) -> Result<GraphicalModel> {
        GraphicalModel::new("")
            .latent("z", (0.0, 0.0))
            .latent("y", (2.0, 0.0))
            .latent("a", (0.4, 1.1))
            .observed("x", (1.6, 1.9))
            .depends("a", &["z", "y"])?
            .depends("x", &["z", "y", "a"])?
            .infers("a", &["x"])?
            .infers("y", &["a", "x"])?
            .infers("z", &["a", "x", "y"])?
            .plate("n rows", &["z", "y", "a", "x"])
    }
}

impl<const D: usize, const Z: usize, const A: usize> std::fmt::Debug for Sdgm<D, Z, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let configuration = &self.core.configuration;
        let labels = configuration.labels.iter();
        let labels: Vec<_> =
            labels.map(|label| format!("{} {}s", label.len(), label.name)).collect();
        let (labels, emission) = (labels.join(", "), configuration.emission);
        let device = self.core.device();
        write!(f, "Sdgm of {D} values, z {Z}, a {A}, {labels}, {emission:?} emission, on {device}")
    }
}

impl<const D: usize, const Z: usize, const A: usize> RichDisplay for Sdgm<D, Z, A> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let card = ModelCard::new(facts(&self.core, format!("{self:?}"))?);
        let card = card.graph(self.graphical_model());
        card.curves(self.history().map(History::unseen).as_ref()).bundle()
    }
}

impl_evcxr_display!([const D: usize, const Z: usize, const A: usize] Sdgm<D, Z, A>);
