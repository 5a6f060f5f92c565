//! Models side by side.

use super::{LatentModel, LogLikelihood};
use crate::{
    data::Dataset,
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
};

/// One model of a [`Comparison`].
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// [`LatentModel::name`].
    pub name: String,
    /// [`LatentModel::latent_dimensions`].
    pub latent_dimensions: usize,
    /// log p(x) of the rows.
    pub log_likelihood: LogLikelihood,
}

/// What several models make of the same rows; made by [`compare`]. Shown as a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// In the order in which the models were given.
    pub entries: Vec<Compared>,
}

/// The log-likelihood of `rows` under each of `models`. Meant for rows that the models were not
/// fitted to. A bound may be lower than the exact value of a worse model.
///
/// # Errors
/// Those of [`LatentModel::log_likelihood`].
pub fn compare(models: &[&dyn LatentModel], rows: &(impl Dataset + ?Sized)) -> Result<Comparison> {
    let rows = rows.matrix()?;
    let entry = |model: &&dyn LatentModel| {
        Ok(Compared {
            name: model.name(),
            latent_dimensions: model.latent_dimensions(),
            log_likelihood: model.log_likelihood(rows.view())?,
        })
    };
    Ok(Comparison { entries: models.iter().map(entry).collect::<Result<_>>()? })
}

impl RichDisplay for Comparison {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let columns = ["model", "latent dimensions", "nats a row", "standard error", "log p(x)"];
        let mut table = Table::new("Comparison", columns);
        for entry in &self.entries {
            table = table.row([
                Cell::from(entry.name.clone()),
                entry.latent_dimensions.into(),
                Cell::decimals(entry.log_likelihood.mean(), 3),
                Cell::decimals(entry.log_likelihood.standard_error(), 3),
                entry.log_likelihood.meaning.to_string().into(),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(Comparison);
