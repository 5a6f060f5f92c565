//! Classification with a generative model for each class.

use std::collections::BTreeMap;

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use super::{LatentModel, log_sum_exp};
use crate::{
    data::{Dataset, check_one_each},
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
};

/// A model p(x|c) for each class c, and the classes' shares p(c): p(c|x) ∝ p(c)·p(x|c).
///
/// With a model whose log-likelihood is a bound the probabilities are approximate.
///
/// ```
/// use elbo::{LatentModel, ProbabilisticPca, latent::ClassConditional};
///
/// let rows = [[0.0, 0.1], [0.2, 0.1], [0.1, 0.4], [5.0, 5.1], [5.2, 5.0], [4.9, 5.3]];
/// let classifier = ClassConditional::fit(&rows, &[0, 0, 0, 1, 1, 1], |rows| {
///     ProbabilisticPca::params(1).fit(&rows)
/// })?;
/// assert_eq!(classifier.predict(&[[0.0, 0.0], [5.0, 5.0]])?, [0, 1]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct ClassConditional<M> {
    /// The classes in ascending order.
    pub classes: Vec<u32>,
    /// Shares of the classes among the rows of the fit.
    pub shares: Array1<f64>,
    /// A model for each class.
    pub models: Vec<M>,
}

impl<M: LatentModel> ClassConditional<M> {
    /// Calls `fit` with the rows of each class in turn.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] when there is not one class a row or there are no rows, and those of `fit`.
    pub fn fit(
        rows: &(impl Dataset + ?Sized),
        classes: &[u32],
        mut fit: impl FnMut(ArrayView2<f64>) -> Result<M>,
    ) -> Result<Self> {
        let rows = rows.matrix()?;
        check_one_each("class", classes.len(), rows.nrows())?;
        let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (row, &class) in classes.iter().enumerate() {
            members.entry(class).or_default().push(row);
        }
        let count = classes.len() as f64;
        let shares = members.values().map(|rows| rows.len() as f64 / count).collect();
        let models = members.values().map(|of| fit(rows.select(Axis(0), of).view()));
        let models = models.collect::<Result<_>>()?;
        Ok(Self { classes: members.into_keys().collect(), shares, models })
    }

    /// p(c|x) of every row, (n, classes), in the order of [`Self::classes`].
    ///
    /// # Errors
    /// Those of [`LatentModel::log_likelihood`].
    pub fn probabilities(&self, rows: &(impl Dataset + ?Sized)) -> Result<Array2<f64>> {
        let rows = rows.matrix()?;
        let mut joint = Array2::zeros((rows.nrows(), self.models.len()));
        for ((mut column, model), share) in
            joint.columns_mut().into_iter().zip(&self.models).zip(&self.shares)
        {
            column.assign(&(model.log_likelihood(rows.view())?.values + share.ln()));
        }
        let evidence = log_sum_exp(joint.view()).insert_axis(Axis(1));
        Ok((joint - evidence).mapv(f64::exp))
    }

    /// The most probable class of every row.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`].
    pub fn predict(&self, rows: &(impl Dataset + ?Sized)) -> Result<Vec<u32>> {
        Ok(most_probable(self.probabilities(rows)?.view(), &self.classes))
    }

    /// The share of rows whose most probable class is theirs.
    ///
    /// # Errors
    /// Those of [`Self::predict`], and [`crate::Error::Shape`] when there is not one class a row.
    pub fn accuracy(&self, rows: &(impl Dataset + ?Sized), classes: &[u32]) -> Result<f64> {
        let predicted = self.predict(rows)?;
        check_one_each("class", classes.len(), predicted.len())?;
        Ok(share_right(&predicted, classes))
    }
}

/// The class with the highest probability in every row, (n, classes); of equal ones the first.
pub(crate) fn most_probable(probabilities: ArrayView2<f64>, classes: &[u32]) -> Vec<u32> {
    let most = |row: ArrayView1<f64>| {
        // The last of equal ones is taken, so they come in reverse.
        let pairs = row.into_iter().zip(classes).rev();
        pairs.max_by(|a, b| a.0.total_cmp(b.0)).map_or(0, |(_, &class)| class)
    };
    probabilities.rows().into_iter().map(most).collect()
}

/// The share of predictions that are the true class; not a number without any.
pub(crate) fn share_right(predicted: &[u32], truth: &[u32]) -> f64 {
    let right = predicted.iter().zip(truth).filter(|(got, want)| got == want).count();
    right as f64 / truth.len() as f64
}

impl<M: LatentModel> RichDisplay for ClassConditional<M> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let mut table = Table::new("Class-conditional models", ["class", "share", "model"]);
        for ((class, share), model) in self.classes.iter().zip(&self.shares).zip(&self.models) {
            let class = Cell::Number(class.to_string());
            table = table.row([class, Cell::decimals(*share, 3), model.name().into()]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!([M: LatentModel] ClassConditional<M>);
