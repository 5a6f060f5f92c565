//! M2 at a glance.

use super::M2;
use crate::{
    display::{GraphicalModel, MimeBundle, ModelCard, RichDisplay, impl_evcxr_display},
    error::Result,
    semi_supervised::facts,
    train::History,
};

/// Styles that show what a model draws.
const SAMPLES: usize = 3;

impl<const D: usize, const K: usize, const Z: usize> M2<D, K, Z> {
    /// The graph of the model: p(z) p(y) p(x|z, y) with q(y|x) and q(z|x, y).
    ///
    /// # Errors
    /// Never; the type says so of all graphs.
    pub fn graphical_model(&self) -> Result<GraphicalModel> {
        GraphicalModel::new("")
            .latent("z", (0.0, 0.0))
            .latent("y", (1.0, 0.0))
            .observed("x", (0.5, 1.0))
            .depends("x", &["z", "y"])?
            .infers("y", &["x"])?
            .infers("z", &["x", "y"])?
            .plate("n rows", &["z", "y", "x"])
    }
}

impl<const D: usize, const K: usize, const Z: usize> std::fmt::Debug for M2<D, K, Z> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let configuration = &self.core.configuration;
        let hidden: Vec<String> = configuration.hidden.iter().map(usize::to_string).collect();
        let hidden = hidden.join("-");
        let emission = configuration.emission;
        let device = self.core.device();
        write!(f, "M2 {D}-{hidden}-{Z}, {K} classes, {emission:?} emission, on {device}")
    }
}

impl<const D: usize, const K: usize, const Z: usize> RichDisplay for M2<D, K, Z> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let card = ModelCard::new(facts(&self.core, format!("{self:?}"))?);
        let card = card.graph(self.graphical_model());
        match self.history().and_then(|_| self.grid(SAMPLES).ok()) {
            Some(grid) => {
                let caption = "Means of p(x|z, y): a line a style z, a column a class y";
                card.picture(caption, grid.mime_bundle()).bundle()
            }
            None => card.curves(self.history().map(History::unseen).as_ref()).bundle(),
        }
    }
}

impl_evcxr_display!([const D: usize, const K: usize, const Z: usize] M2<D, K, Z>);
