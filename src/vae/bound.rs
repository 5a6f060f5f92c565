//! The evidence lower bound of every row.

use super::Estimator;
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    train::Terms,
};

/// The evidence lower bound of rows (lecture, eq. 4 or 32), in nats; made by [`super::Vae::bound`].
#[derive(Clone, Debug, PartialEq)]
pub struct Bound {
    /// The bound of every row and its parts: means over the draws of z.
    pub rows: Vec<Terms>,
    /// How the divergence was estimated.
    pub estimator: Estimator,
    /// Draws of z a row.
    pub draws: usize,
}

impl Bound {
    /// The mean over the rows.
    pub fn mean(&self) -> Terms {
        let parts: Vec<_> = self.rows.iter().map(|terms| (1, *terms)).collect();
        Terms::mean(&parts)
    }

    /// The standard error of the mean bound: how far it would move with other rows and other draws.
    /// Zero for one row.
    pub fn standard_error(&self) -> f64 {
        let values = self.rows.iter().map(|terms| terms.elbo);
        crate::latent::standard_error(&values.collect())
    }
}

impl RichDisplay for Bound {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (rows, draws) = (self.rows.len(), self.draws);
        let kl = match self.estimator {
            Estimator::AnalyticKl => "KL(q‖p), closed form",
            Estimator::MonteCarlo => "KL(q‖p), Monte Carlo",
        };
        let title = format!("ELBO of {rows} rows, {draws} draws each");
        let mean = self.mean();
        Table::new(title, ["term", "nats a row", "standard error"])
            .row([
                "ELBO".into(),
                Cell::decimals(mean.elbo, 3),
                Cell::decimals(self.standard_error(), 3),
            ])
            .row(["reconstruction".into(), Cell::decimals(mean.reconstruction, 3), "".into()])
            .row([kl.into(), Cell::decimals(mean.kl, 3), "".into()])
            .mime_bundle()
    }
}

impl_evcxr_display!(Bound);
