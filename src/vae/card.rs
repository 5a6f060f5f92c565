//! A VAE at a glance.

use super::Vae;
use crate::{
    display::{
        Cell, GraphicalModel, ImageGrid, MimeBundle, ModelCard, RichDisplay, Table,
        impl_evcxr_display,
    },
    error::Result,
    latent::LatentModel,
    train::{History, fit_facts},
};

/// Images that show what a model draws.
const SAMPLES: usize = 16;

impl<const D: usize, const Z: usize> Vae<D, Z> {
    /// The graph of the model: p(z) p(x|z) with q(z|x).
    ///
    /// # Errors
    /// Never; the type says so of all graphs.
    pub fn graphical_model(&self) -> Result<GraphicalModel> {
        GraphicalModel::new("")
            .latent("z", (0.0, 0.0))
            .observed("x", (0.0, 1.0))
            .parameter("φ", (-1.0, 0.5))
            .parameter("θ", (1.0, 0.5))
            .depends("x", &["z", "θ"])?
            .infers("z", &["x", "φ"])?
            .plate("n rows", &["z", "x"])
    }

    fn facts(&self) -> Result<Table> {
        let configuration = &self.core.configuration;
        let parameters: usize =
            self.core.engine.tensors()?.iter().map(|(_, _, values)| values.len()).sum();
        let table = Table::new(format!("{self:?}"), ["", ""])
            .row(["rows x".into(), self.data_text().into()])
            .row(["latent variables z".into(), format!("{Z}, p(z) = N(0, I)").into()])
            .row(["p(x|z)".into(), configuration.emission.described().into()])
            .row(["q(z|x)".into(), "N(μ(x), diag σ²(x))".into()])
            .row(["activation".into(), format!("{:?}", configuration.activation).into()])
            .row(["parameters".into(), Cell::Text(Cell::from(parameters).to_string())]);
        Ok(fit_facts(table, self.history()))
    }

    fn data_text(&self) -> String {
        match self.core.configuration.frame {
            Some((height, width)) => format!("{D} values, images of {height}×{width}"),
            None => format!("{D} values"),
        }
    }

    /// Images that the model draws, the same every time.
    fn samples(&self) -> Option<Result<MimeBundle>> {
        let frame = self.core.configuration.frame.filter(|_| self.core.training.is_some())?;
        let grid = || {
            let means = self.conditional(self.draw_latent(SAMPLES, 0)?.view())?.mean;
            let means = means.mapv(|value| value as f32);
            ImageGrid::new(means.view(), frame)?.columns(SAMPLES / 2).mime_bundle()
        };
        Some(grid())
    }
}

impl<const D: usize, const Z: usize> RichDisplay for Vae<D, Z> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let card = ModelCard::new(self.facts()?).graph(self.graphical_model());
        match self.samples() {
            Some(samples) => card.picture("Means of p(x|z) at draws of z", samples).bundle(),
            None => card.curves(self.history().map(History::unseen).as_ref()).bundle(),
        }
    }
}

impl_evcxr_display!([const D: usize, const Z: usize] Vae<D, Z>);
