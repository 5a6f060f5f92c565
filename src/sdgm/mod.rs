//! The skip deep generative model (Maaløe et al. 2016): M2 with an auxiliary variable, for one label
//! or several.
//!
//! p(z) p(y) p(a|z, y) p(x|z, y, a), and q(a|x) q(y|a, x) q(z|a, x, y). The auxiliary variable a makes
//! the approximate posterior of y and z richer than a normal; the bounds are those of M2 with
//! log p(a|z, y) − log q(a|x) inside the expectations, at one draw of a.

mod card;
mod generation;
mod params;

use std::path::Path;

use ndarray::Array2;

pub use params::SdgmParams;

use crate::{
    checkpoint::Kind,
    data::Rows,
    error::{Error, Result},
    latent::share_right,
    semi_supervised::{Configuration, Core, RowLabels, model},
    train::{Alone, Fit, History, Watched, run},
    vae::{Bound, Posterior},
};

const KIND: Kind = Kind { entry: "elbo.sdgm", name: "Sdgm" };

/// A model of rows of `D` values and one or more of their labels, with `Z` latent dimensions for
/// their style and `A` auxiliary ones.
///
/// ```
/// use elbo::prelude::*;
///
/// let images = data::handwriting().writers(3).repeats(2).images::<28>();
/// let params = Sdgm::<784, 4, 4>::params().label("digit", 10).label("writer", 3).hidden([32]);
/// let (sdgm, _) = params.fit(&images, Fit::new().epochs(2))?;
/// // A seven by the third writer, five times.
/// assert_eq!(sdgm.generate(&[7, 2], 5)?.mean.values.dim(), (5, 784));
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct Sdgm<const D: usize, const Z: usize, const A: usize> {
    core: Core,
}

model!([const D: usize, const Z: usize, const A: usize] Sdgm<D, Z, A>, KIND);

impl<const D: usize, const Z: usize, const A: usize> Sdgm<D, Z, A> {
    /// The settings, to change and to build from.
    pub fn params() -> SdgmParams<D, Z, A> {
        SdgmParams::new()
    }

    /// Trains on `rows`, which have all labels of the model, and on the rows given to
    /// [`Self::unlabelled`] and [`Self::partly_labelled`]; otherwise as [`crate::M2::fit`].
    ///
    /// # Errors
    /// Those of [`crate::M2::fit`].
    pub fn fit(&mut self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<History> {
        let data = self.prepare(rows)?;
        let (model, training) = self.core.trainable();
        run(&mut Alone { model, training }, data.view(), fit)
    }

    fn prepare(&mut self, rows: &(impl Rows<D> + ?Sized)) -> Result<Array2<f32>> {
        let labels = self.label_names().into_iter().map(|name| whole(rows, name));
        let labels = labels.collect::<Result<Vec<_>>>()?;
        self.core.prepare(rows.rows()?.view(), rows.image_size(), &labels)
    }

    /// As [`Self::unlabelled`], for rows of which some labels are known: those named here. What is
    /// known enters the bound; the sum is over the classes of the other labels. Summing over
    /// several labels at once costs the product of their classes.
    ///
    /// # Errors
    /// Those of [`Self::unlabelled`]; [`Error::UnknownLabel`] for a name that is none of the model's
    /// labels, or that the rows lack; [`Error::Setting`] for a value that is none of the classes.
    pub fn partly_labelled(
        &mut self,
        rows: &(impl Rows<D> + ?Sized),
        known: &[&str],
    ) -> Result<()> {
        let names = self.label_names();
        if let Some(name) = known.iter().find(|name| !names.contains(*name)) {
            let known = names.iter().map(|name| (*name).to_owned()).collect();
            return Err(Error::UnknownLabel { name: (*name).to_owned(), known });
        }
        let labels =
            names.iter().map(|name| known.contains(name).then(|| whole(rows, name)).transpose());
        let labels = labels.collect::<Result<Vec<_>>>()?;
        self.core.set_unlabelled(rows.rows()?.view(), &labels)
    }

    /// The names of the labels, in the order in which values of them are given.
    pub fn label_names(&self) -> Vec<&str> {
        self.core.configuration.labels.iter().map(|label| label.name.as_str()).collect()
    }

    /// The value of each class of a label, in the order of [`Self::probabilities`].
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] for a name that is none of the model's labels.
    pub fn classes(&self, label: &str) -> Result<&[u32]> {
        Ok(&self.core.configuration.labels[self.position(label)?].values)
    }

    fn position(&self, label: &str) -> Result<usize> {
        let names = self.label_names();
        names.iter().position(|name| *name == label).ok_or_else(|| Error::UnknownLabel {
            name: label.to_owned(),
            known: names.iter().map(|name| (*name).to_owned()).collect(),
        })
    }

    /// q(y|a, x) of a label for every row, with a at the mean of q(a|x): (n, classes), rows sum to 1.
    ///
    /// # Errors
    /// Those of [`Self::classes`], and [`Error::Value`] for a cell that the emission cannot have.
    pub fn probabilities(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        label: &str,
    ) -> Result<Array2<f64>> {
        self.core.probabilities(self.position(label)?, rows.rows()?.view())
    }

    /// The most probable value of a label, for every row.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`].
    pub fn predict(&self, rows: &(impl Rows<D> + ?Sized), label: &str) -> Result<Vec<u32>> {
        self.core.predict(self.position(label)?, rows.rows()?.view())
    }

    /// The share of rows for which the prediction is the value of their label.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`], and [`Error::UnknownLabel`] when the rows lack the label.
    pub fn accuracy(&self, rows: &(impl Rows<D> + ?Sized), label: &str) -> Result<f64> {
        Ok(share_right(&self.predict(rows, label)?, &rows.row_labels(label)?))
    }

    /// q(z|a, x, y) of every row with its labels, with a at the mean of q(a|x).
    ///
    /// # Errors
    /// Those of [`Self::fit`] for rows and labels.
    pub fn encode(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Posterior<Z>> {
        let (mean, std) = self.core.encode(rows.rows()?.view(), &self.own(rows)?)?;
        Ok(Posterior { mean, std })
    }

    /// The values of all labels of rows.
    fn own(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Vec<Vec<u32>>> {
        self.label_names().into_iter().map(|name| rows.row_labels(name)).collect()
    }

    /// L(x, y) of every row with its labels, in nats: means over `draws` draws of a and z, the same
    /// ones on every call. What is called KL is the part that diverges: log q(a|x) − log p(a|z, y)
    /// and the closed form for z; the reconstruction includes log p(y).
    ///
    /// # Errors
    /// Those of [`Self::encode`], and [`Error::Setting`] for no draws.
    pub fn labelled_bound(&self, rows: &(impl Rows<D> + ?Sized), draws: usize) -> Result<Bound> {
        let known = |values: Vec<u32>| values.into_iter().map(Some).collect();
        let labels: Vec<_> = self.own(rows)?.into_iter().map(known).collect();
        self.core.bound(rows.rows()?.view(), &labels, draws)
    }

    /// U(x) of every row, in nats: means over `draws` draws of a and z.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`], and [`Error::Setting`] for no draws.
    pub fn unlabelled_bound(&self, rows: &(impl Rows<D> + ?Sized), draws: usize) -> Result<Bound> {
        let rows = rows.rows()?;
        let labels = vec![vec![None; rows.nrows()]; self.core.configuration.labels.len()];
        self.core.bound(rows.view(), &labels, draws)
    }

    /// Whether a model in a file is one of this type.
    fn fits(path: &Path, configuration: &Configuration) -> Result<()> {
        let auxiliary = configuration.auxiliary.unwrap_or(0);
        let found = [configuration.inputs, configuration.latent, auxiliary];
        if found == [D, Z, A] {
            return Ok(());
        }
        let [inputs, latent, auxiliary] = found;
        Err(Error::Shape {
            what: format!("the model in {}", path.display()),
            got: found.to_vec(),
            want: vec![D, Z, A],
            advice: format!("load it as Sdgm::<{inputs}, {latent}, {auxiliary}>"),
        })
    }
}

/// A label of rows, all of it known.
fn whole<const D: usize>(rows: &(impl Rows<D> + ?Sized), name: &str) -> Result<RowLabels> {
    let values = rows.row_labels(name)?.into_iter().map(Some).collect();
    Ok(RowLabels { name: name.to_owned(), values })
}

impl<const D: usize, const Z: usize, const A: usize> Watched<'_, Sdgm<D, Z, A>> {
    /// Trains the model: see [`Sdgm::fit`].
    ///
    /// # Errors
    /// Those of [`Sdgm::fit`].
    pub fn fit(mut self, rows: &(impl Rows<D> + ?Sized), fit: Fit) -> Result<History> {
        let data = self.model.prepare(rows)?;
        run(&mut self, data.view(), fit)
    }
}
