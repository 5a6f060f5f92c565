//! A number from z.

use ndarray::{Array1, Array2, Axis};

use super::{check_latent, latent_means};
use crate::{
    data::{Dataset, check_one_each},
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
    latent::LatentModel,
    linalg::{Cholesky, product},
    mixture::check_ridge,
};

/// A linear regression on the latent posterior of a model that was fitted without responses:
/// y = b + wᵀz + error.
///
/// ```
/// use elbo::{ProbabilisticPca, latent::LatentRegression};
///
/// let rows = [[0.0, 0.1, 0.0], [1.0, 0.9, 1.1], [2.0, 2.1, 1.9], [3.0, 2.9, 3.0], [4.0, 4.1, 4.0]];
/// let pca = ProbabilisticPca::params(1).fit(&rows)?;
/// let regression = LatentRegression::params().fit(&pca, &rows, &[1.0, 3.0, 5.0, 7.0, 9.0])?;
/// let predicted = regression.predict(&pca, &[[1.5, 1.5, 1.5]])?;
/// assert!((predicted[0] - 4.0).abs() < 0.2);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LatentRegression {
    /// w, (M).
    pub weights: Array1<f64>,
    /// b, in units of the response.
    pub intercept: f64,
    /// The standard deviation of the residuals of the fit, with divisor n − M − 1: about how far
    /// responses lie from their prediction. NaN without more rows than weights.
    pub residual_std: f64,
    /// The share of the responses' variance that the fit explains, R².
    pub r_squared: f64,
}

/// The settings of a [`LatentRegression`]; made by [`LatentRegression::params`].
#[derive(Clone, Copy, Debug)]
pub struct LatentRegressionParams {
    ridge: f64,
}

impl LatentRegressionParams {
    /// The weight of the penalty ridge·‖w‖² beside the sum of squared residuals; 10⁻⁶ unless set,
    /// which matters only where dimensions of z never vary or repeat each other.
    pub fn ridge(self, ridge: f64) -> Self {
        Self { ridge }
    }

    /// Least squares of the responses on the model's posterior means.
    ///
    /// # Errors
    /// Those of [`LatentModel::posterior`]; [`Error::Shape`] when there is not one response a row;
    /// [`Error::Value`] for a response that is not finite; [`Error::Setting`] for a ridge that is
    /// negative; [`Error::Singular`] without a ridge where dimensions of z repeat each other.
    pub fn fit(
        self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
        responses: &[f64],
    ) -> Result<LatentRegression> {
        check_ridge(self.ridge)?;
        let z = latent_means(model, rows)?;
        check_responses(z.nrows(), responses)?;
        let y = Array1::from(responses.to_vec());
        let (mean, centre) = (z.mean_axis(Axis(0)).unwrap_or_default(), y.mean().unwrap_or(0.0));
        let (z, y) = (z - &mean, y - centre);
        let weights = least_squares(&z, &y, self.ridge)?;
        let residuals = &y - &z.dot(&weights);
        let (left, total) = (residuals.dot(&residuals), y.dot(&y));
        let freedom = z.nrows() as f64 - z.ncols() as f64 - 1.0;
        let residual_std = if freedom > 0.0 { (left / freedom).sqrt() } else { f64::NAN };
        let intercept = centre - mean.dot(&weights);
        Ok(LatentRegression { weights, intercept, residual_std, r_squared: 1.0 - left / total })
    }
}

/// (ZᵀZ + ridge·I)⁻¹Zᵀy
fn least_squares(z: &Array2<f64>, y: &Array1<f64>, ridge: f64) -> Result<Array1<f64>> {
    let mut gram = product(z.t(), z.view());
    gram.diag_mut().mapv_inplace(|value| value + ridge);
    let factor = Cholesky::new(gram.view()).map_err(|error| Error::Singular {
        what: "the covariance of the posterior means".to_owned(),
        pivot: error.pivot,
        advice: "set a ridge above 0".to_owned(),
    })?;
    let right = z.t().dot(y).insert_axis(Axis(1));
    Ok(factor.solve(right.view()).column(0).to_owned())
}

fn check_responses(rows: usize, responses: &[f64]) -> Result<()> {
    check_one_each("response", responses.len(), rows)?;
    match responses.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(row) => Err(Error::Value {
            what: "the responses".to_owned(),
            row,
            column: 0,
            value: responses[row],
            advice: "leave out rows whose response is missing".to_owned(),
        }),
    }
}

impl LatentRegression {
    /// The settings.
    pub fn params() -> LatentRegressionParams {
        LatentRegressionParams { ridge: 1e-6 }
    }

    /// The expected response of every row, (n). `model` is that of the fit.
    ///
    /// # Errors
    /// Those of [`LatentModel::posterior`], and [`Error::Shape`] for a model with another number of
    /// latent dimensions.
    pub fn predict(
        &self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
    ) -> Result<Array1<f64>> {
        let z = latent_means(model, rows)?;
        check_latent(&z, self.weights.len())?;
        Ok(z.dot(&self.weights) + self.intercept)
    }

    /// The root of the mean squared error of the predictions, in units of the response.
    ///
    /// # Errors
    /// Those of [`Self::predict`], and those of the fit for the responses.
    pub fn root_mean_squared_error(
        &self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
        responses: &[f64],
    ) -> Result<f64> {
        let predicted = self.predict(model, rows)?;
        check_responses(predicted.len(), responses)?;
        let errors = predicted - Array1::from(responses.to_vec());
        Ok((errors.dot(&errors) / errors.len() as f64).sqrt())
    }
}

impl RichDisplay for LatentRegression {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!(
            "Regression on the latent posterior, R² {:.3}, residual standard deviation {:.4}",
            self.r_squared, self.residual_std
        );
        let mut table = Table::new(title, ["term", "weight"])
            .row(["intercept".into(), Cell::from(self.intercept)]);
        for (index, weight) in self.weights.iter().enumerate() {
            table = table.row([format!("z{}", index + 1).into(), Cell::from(*weight)]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(LatentRegression);
