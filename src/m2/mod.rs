//! The model M2 of images and classes (Kingma et al. 2014).
//!
//! p(z) = N(0, I), p(y) over the classes, p(x|z, y) a Bernoulli or a normal whose parameters are
//! networks of z and y; q(y|x) a classifier and q(z|x, y) = N(μ(x, y), diag σ²(x, y)). The class is
//! what is said, the style z how it is said: either can be kept while the other changes.
//!
//! Few latent dimensions and a large α serve best: what the style cannot say, the class has to, and
//! the labels are not outvoted by the unlabelled rows. On MNIST, with 5 latent dimensions, α = 50 and
//! 1,500 steps, LeNet-5 read so many of the 10,000 test images right (`examples/few_labels.rs`):
//!
//! | labelled | alone | M2, the other images unlabelled |
//! |---|---|---|
//! | 100 | .794 .763 .810 | .852 .857 .791 |
//! | 300 | .883 .885 .894 | .912 .913 .921 |
//! | 1,000 | .943 .937 .942 | .944 .937 .947 |
//! | 3,000 | .969 | .965 |
//!
//! Each number is a seed. With 300 labels every seed gains; with 100 one of three follows its own
//! mistakes; from 1,000 on there is little or nothing to gain in so few steps. With 300 labels, 20
//! latent dimensions and α = 5 there was none either (.884); with α = 0.1 the classes were lost
//! (.476).
//!
//! With all 60,000 labels, 5 latent dimensions, 9,380 steps and a learning rate of 2·10⁻³, an
//! independent LeNet-5 (.985 on real images) read .963 of 2,000 generated digits as what was asked
//! for; with 10 latent dimensions and 10⁻³ .840. With 28,140 steps, 5 latent dimensions, α = 1 and
//! 10⁻³ it read .972.
//!
//! Where the unlabelled images are by other people (`examples/unlabelled_images.rs`), 100 labels of
//! generated digits gave .831 against .765 on five partitions by individuals (p = .004; .029 if
//! corrected for what the partitions have in common). For the writer of MNIST's digits, with 2,910
//! labels, 20 latent dimensions and 2,000 steps, there was no gain: .166 with α = 50 and .173 with
//! α = 500 against .174, on two partitions.

mod card;
mod generation;
mod params;

use std::path::Path;

use ndarray::Array2;

pub use params::M2Params;

use crate::{
    checkpoint::Kind,
    classify::{Classes, Classifier},
    data::{ImageSet, Rows, check_one_each},
    error::{Error, Result},
    latent::share_right,
    semi_supervised::{ClassLabels, Configuration, Core, RowLabels, model},
    train::{Alone, Fit, History, Watched, run},
    vae::{Bound, Posterior},
};

const KIND: Kind = Kind { entry: "elbo.m2", name: "M2" };

/// A model of rows of `D` values in `K` classes, with `Z` latent dimensions for their style, that
/// learns from labelled and from unlabelled rows.
///
/// ```
/// use elbo::prelude::*;
///
/// let digits = data::handwriting().writers(6).repeats(2).images::<28>();
/// let (few, others) = digits.split(0.25, 0)?;
/// let mut m2 = M2::<784, 10, 4>::params().hidden([32]).build()?;
/// m2.unlabelled(&others)?;
/// m2.fit(&few, "digit", Fit::new().epochs(2))?;
/// assert_eq!(m2.predict(&others)?.len(), others.len());
/// // A three in four styles.
/// assert_eq!(m2.generate(3, 4)?.mean.values.dim(), (4, 784));
/// # Ok::<(), elbo::Error>(())
/// ```
pub struct M2<const D: usize, const K: usize, const Z: usize> {
    core: Core,
}

model!([const D: usize, const K: usize, const Z: usize] M2<D, K, Z>, KIND);

impl<const D: usize, const K: usize, const Z: usize> M2<D, K, Z> {
    /// The settings, to change and to build from.
    pub fn params() -> M2Params<D, K, Z> {
        M2Params::new()
    }

    /// Trains on `rows` with their `labels`, and on the rows given to [`Self::unlabelled`], from the
    /// parameters as they are, and returns the curves.
    ///
    /// `labels` is the name of a label that the rows have, or a value for each row; rows whose value
    /// is `None` join the unlabelled ones. The classes are the values 0 to K − 1, or else the K
    /// distinct values that there are. An epoch sees each labelled row once, and an unlabelled batch
    /// a step; the share for validation and the batch size of `fit` are those of the labelled rows.
    ///
    /// What is ascended is the objective of [`crate::semi_supervised::Weighting`]; the curves show
    /// it and its parts, and early stopping judges by it, on validation rows with and without their
    /// labels. Called again, also after [`Self::save`] and [`Self::load`], with the same rows,
    /// labels, unlabelled rows, seed and share for validation, it goes on with the training, bit for
    /// bit, as [`crate::Vae::fit`] does.
    ///
    /// # Errors
    /// [`Error::Setting`] for settings outside their range, for an objective other than the model's,
    /// for labels that are not K classes, and when no row has a label; [`Error::Shape`] when there
    /// is not one label a row; [`Error::UnknownLabel`] when the rows have no such label; and those of
    /// [`crate::Vae::fit`].
    pub fn fit(
        &mut self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
        fit: Fit,
    ) -> Result<History> {
        let data = self.prepare(rows, labels)?;
        let (model, training) = self.core.trainable();
        run(&mut Alone { model, training }, data.view(), fit)
    }

    fn prepare(
        &mut self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
    ) -> Result<Array2<f32>> {
        let labels = labels.labels(&|name| rows.row_labels(name))?;
        self.core.prepare(rows.rows()?.view(), rows.image_size(), &[labels])
    }

    /// The label value of each class, in the order of [`Self::probabilities`].
    pub fn classes(&self) -> &[u32] {
        &self.core.configuration.labels[0].values
    }

    /// q(y|x) of every row, (n, K): rows sum to 1.
    ///
    /// # Errors
    /// [`Error::Value`] for a cell that the emission cannot have.
    pub fn probabilities(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Array2<f64>> {
        self.core.probabilities(0, rows.rows()?.view())
    }

    /// The label value that q(y|x) gives the highest probability, for every row.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`].
    pub fn predict(&self, rows: &(impl Rows<D> + ?Sized)) -> Result<Vec<u32>> {
        self.core.predict(0, rows.rows()?.view())
    }

    /// The share of rows whose label is predicted.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`], and [`Error::Shape`] when there is not one label a row.
    pub fn accuracy(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
    ) -> Result<f64> {
        Ok(share_right(&self.predict(rows)?, &known(rows, labels)?))
    }

    /// q(z|x, y) of every row with its label.
    ///
    /// # Errors
    /// Those of [`Self::accuracy`], and [`Error::Setting`] for a value that is none of the classes.
    pub fn encode(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
    ) -> Result<Posterior<Z>> {
        let (mean, std) = self.core.encode(rows.rows()?.view(), &[known(rows, labels)?])?;
        Ok(Posterior { mean, std })
    }

    /// L(x, y) of every row with its label (lecture, eq. 17), in nats: means over `draws` draws of
    /// z, the same ones on every call. The reconstruction includes log p(y).
    ///
    /// # Errors
    /// Those of [`Self::encode`], and [`Error::Setting`] for no draws.
    pub fn labelled_bound(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
        draws: usize,
    ) -> Result<Bound> {
        let labels = known(rows, labels)?.into_iter().map(Some).collect();
        self.core.bound(rows.rows()?.view(), &[labels], draws)
    }

    /// U(x) of every row (lecture, eq. 18), in nats: means over `draws` draws of z. The
    /// reconstruction includes log p(y) and the entropy of q(y|x).
    ///
    /// # Errors
    /// Those of [`Self::probabilities`], and [`Error::Setting`] for no draws.
    pub fn unlabelled_bound(&self, rows: &(impl Rows<D> + ?Sized), draws: usize) -> Result<Bound> {
        let rows = rows.rows()?;
        self.core.bound(rows.view(), &[vec![None; rows.nrows()]], draws)
    }

    /// Whether a model in a file is one of this type.
    fn fits(path: &Path, configuration: &Configuration) -> Result<()> {
        let classes = configuration.classes();
        let found =
            [configuration.inputs, classes.first().copied().unwrap_or(0), configuration.latent];
        if found == [D, K, Z] {
            return Ok(());
        }
        let [inputs, classes, latent] = found;
        Err(Error::Shape {
            what: format!("the model in {}", path.display()),
            got: found.to_vec(),
            want: vec![D, K, Z],
            advice: format!("load it as M2::<{inputs}, {classes}, {latent}>"),
        })
    }
}

impl<const D: usize, const K: usize, const Z: usize> Classifier for M2<D, K, Z> {
    fn name(&self) -> String {
        "M2".to_owned()
    }

    fn classes(&self) -> &Classes {
        &self.core.classes[0]
    }

    fn probabilities(&self, images: &dyn ImageSet) -> Result<Array2<f64>> {
        M2::probabilities(self, &images.pixels())
    }
}

/// The labels of rows, all of them.
fn known<const D: usize>(
    rows: &(impl Rows<D> + ?Sized),
    labels: &(impl ClassLabels + ?Sized),
) -> Result<Vec<u32>> {
    let RowLabels { values, .. } = labels.labels(&|name| rows.row_labels(name))?;
    check_one_each("label", values.len(), rows.rows()?.nrows())?;
    let missing = || Error::setting("labels", "none", "this needs the label of every row");
    values.into_iter().map(|value| value.ok_or_else(missing)).collect()
}

impl<const D: usize, const K: usize, const Z: usize> Watched<'_, M2<D, K, Z>> {
    /// Trains the model: see [`M2::fit`].
    ///
    /// # Errors
    /// Those of [`M2::fit`].
    pub fn fit(
        mut self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
        fit: Fit,
    ) -> Result<History> {
        let data = self.model.prepare(rows, labels)?;
        run(&mut self, data.view(), fit)
    }
}
