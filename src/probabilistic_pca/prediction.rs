//! Unobserved cells from observed ones.

use ndarray::{Array2, ArrayView2, Axis};

use super::ProbabilisticPca;
use crate::{
    data::Dataset,
    display::{MimeBundle, RichDisplay, impl_evcxr_display},
    error::{Error, Result},
    latent::{Covariances, Moments},
    linalg::product,
};

/// Rows with their missing cells filled in.
#[derive(Clone, Debug, PartialEq)]
pub struct Imputation {
    /// Observed cells as they were, missing ones as their mean given the observed cells of their
    /// row: (n, D).
    pub values: Array2<f64>,
    /// The standard deviation of that prediction, zero for observed cells: (n, D).
    pub std: Array2<f64>,
}

impl RichDisplay for Imputation {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let imputed = self.std.iter().filter(|&&std| std > 0.0).count();
        let (rows, columns) = self.values.dim();
        Ok(MimeBundle::new(format!(
            "{rows} rows of {columns} columns, {imputed} cells imputed\nvalues\n{}\nstandard \
             deviations\n{}",
            self.values, self.std
        )))
    }
}

impl_evcxr_display!(Imputation);

/// Some columns, predicted from the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// The columns that were predicted, in the order asked for.
    pub columns: Vec<usize>,
    /// Mean (n, columns) and covariance (columns, columns) of every row.
    pub moments: Moments,
}

impl RichDisplay for Prediction {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.moments.mime_bundle()?.text().to_owned();
        Ok(MimeBundle::new(format!("Columns {:?}: {text}", self.columns)))
    }
}

impl_evcxr_display!(Prediction);

impl ProbabilisticPca {
    /// Fills in missing cells, with the uncertainty of each. For several cells of a row together
    /// [`Self::predict`] has their covariance.
    ///
    /// # Errors
    /// Those of [`Self::encode`].
    pub fn impute(&self, rows: &(impl Dataset + ?Sized)) -> Result<Imputation> {
        let rows = rows.matrix()?;
        let latent = self.encode(&rows.view())?;
        let fitted = self.parameters.conditional(latent.mean.view())?.mean;
        let variances = self.predicted_variances(&latent.covariances);
        let mut imputation =
            Imputation { values: rows.into_owned(), std: Array2::zeros(fitted.dim()) };
        for ((row, column), value) in imputation.values.indexed_iter_mut() {
            if value.is_nan() {
                *value = fitted[[row, column]];
                imputation.std[[row, column]] = variances(row, column).sqrt();
            }
        }
        Ok(imputation)
    }

    /// wᵀΣw + σ² of a row and a column, where Σ is the row's Var(z|x).
    fn predicted_variances(&self, covariances: &Covariances) -> impl Fn(usize, usize) -> f64 {
        let weights = &self.parameters.weights;
        let variances = |matrix: &Array2<f64>| {
            (product(weights.view(), matrix.view()) * weights).sum_axis(Axis(1))
                + self.parameters.noise_variance
        };
        let (matrices, of) = match covariances {
            Covariances::Shared { matrices, of } => {
                (matrices.iter().map(variances).collect::<Vec<_>>(), of.clone())
            }
            _ => (Vec::new(), Vec::new()),
        };
        move |row, column| matrices[of[row]][column]
    }

    /// p(x\_columns | the other columns) of every row: the cells of `columns` themselves are not
    /// looked at, and missing cells of the others are left out.
    ///
    /// # Errors
    /// Those of [`Self::encode`], and [`Error::Setting`] for a column that is not there or is asked
    /// for twice.
    pub fn predict(&self, columns: &[usize], rows: &(impl Dataset + ?Sized)) -> Result<Prediction> {
        let mut rows = rows.matrix()?.into_owned();
        crate::data::check_width("the data", rows.view(), self.mean().len())?;
        self.check_columns(columns)?;
        for &column in columns {
            rows.column_mut(column).fill(f64::NAN);
        }
        let latent = self.encode(&rows)?;
        let weights = self.parameters.weights.select(Axis(0), columns);
        let mean = product(latent.mean.view(), weights.t()) + &self.mean().select(Axis(0), columns);
        let covariances = self.propagate(latent.covariances, weights.view());
        Ok(Prediction { columns: columns.to_vec(), moments: Moments { mean, covariances } })
    }

    /// WΣWᵀ + σ²I for every Σ.
    fn propagate(&self, covariances: Covariances, weights: ArrayView2<f64>) -> Covariances {
        let Covariances::Shared { matrices, of } = covariances else { return covariances };
        let propagated = |matrix: Array2<f64>| {
            let mut out = product(product(weights, matrix.view()).view(), weights.t());
            out.diag_mut().mapv_inplace(|value| value + self.parameters.noise_variance);
            out
        };
        Covariances::Shared { matrices: matrices.into_iter().map(propagated).collect(), of }
    }

    fn check_columns(&self, columns: &[usize]) -> Result<()> {
        let count = self.mean().len();
        for (index, &column) in columns.iter().enumerate() {
            if column >= count || columns[..index].contains(&column) {
                let requirement =
                    format!("the columns are numbered 0 to {}, each is asked for once", count - 1);
                return Err(Error::setting("columns", format!("{columns:?}"), requirement));
            }
        }
        if columns.is_empty() {
            return Err(Error::setting("columns", "[]", "there must be one to predict"));
        }
        Ok(())
    }
}
