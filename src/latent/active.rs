//! Which latent dimensions a model uses.

use ndarray::{Array1, Axis};

use super::LatentModel;
use crate::{
    data::Dataset,
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
};

/// How much each latent dimension tells about rows; made by [`active_units`]. Shown as a table.
///
/// A dimension whose posterior is the same for all rows says nothing about them. It is active when
/// the variance of its posterior mean over the rows is above a threshold (Burda, Grosse and
/// Salakhutdinov 2016, section 5.2, with the threshold 0.01).
#[derive(Clone, Debug, PartialEq)]
pub struct ActiveUnits {
    /// The variance over the rows of E(z|x), with divisor n − 1, of every dimension.
    pub variances: Array1<f64>,
    /// Above it a dimension is active.
    pub threshold: f64,
}

/// The variance of the posterior means of `rows` in every latent dimension.
///
/// ```
/// use elbo::{LatentModel, ProbabilisticPca, latent::active_units};
///
/// let pca = ProbabilisticPca::from_parts(
///     ndarray::array![[2.0, 0.01], [1.0, 0.0], [0.0, 0.01]],
///     ndarray::array![0.0, 1.0, 2.0],
///     0.1,
/// )?;
/// let units = active_units(&pca, &pca.draw(200, 0)?.observed, 0.01)?;
/// assert_eq!(units.active(), [0]);
/// # Ok::<(), elbo::Error>(())
/// ```
///
/// # Errors
/// Those of [`LatentModel::posterior`], [`Error::Shape`] for fewer than two rows, and
/// [`Error::Setting`] for a threshold that is negative or not a number.
pub fn active_units(
    model: &dyn LatentModel,
    rows: &(impl Dataset + ?Sized),
    threshold: f64,
) -> Result<ActiveUnits> {
    if threshold.is_nan() || threshold < 0.0 {
        return Err(Error::setting("threshold", threshold, "it must not be negative"));
    }
    let rows = rows.matrix()?;
    crate::data::check_rows(rows.view(), 2, "a variance needs at least two rows")?;
    let variances = model.posterior(rows.view())?.mean.var_axis(Axis(0), 1.0);
    Ok(ActiveUnits { variances, threshold })
}

impl ActiveUnits {
    /// The active dimensions, counted from 0.
    pub fn active(&self) -> Vec<usize> {
        let above = |&index: &usize| self.variances[index] > self.threshold;
        (0..self.variances.len()).filter(above).collect()
    }

    /// The number of active dimensions.
    pub fn count(&self) -> usize {
        self.active().len()
    }
}

impl RichDisplay for ActiveUnits {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let (count, all) = (self.count(), self.variances.len());
        let title = format!(
            "{count} of {all} latent dimensions active (variance above {})",
            self.threshold
        );
        let mut table = Table::new(title, ["dimension", "variance of E(z|x)", "active"]);
        for (index, &variance) in self.variances.iter().enumerate() {
            let active = if variance > self.threshold { "yes" } else { "no" };
            let number = Cell::Number((index + 1).to_string());
            table = table.row([number, Cell::from(variance), active.into()]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(ActiveUnits);
