//! Classes from z.

use std::collections::BTreeSet;

use ndarray::{Array1, Array2, ArrayView2};

use super::{
    check_latent, latent_means,
    logistic::{Logistic, maximise},
};
use crate::{
    data::{Dataset, check_one_each},
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    latent::{LatentModel, most_probable, share_right},
    mixture::{
        Covariance, GaussianMixture, Ridge, check_ridge, estimate, responsibilities_from_labels,
    },
};

/// How classes are predicted from z.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum ClassifierMethod {
    /// p(c) and p(z|c) = N(μ_c, Σ_c) by maximum likelihood, then Bayes' rule: discriminant analysis,
    /// linear with one covariance for all classes ([`Covariance::Tied`]), quadratic with one each
    /// ([`Covariance::Full`]).
    Normals(Covariance),
    /// p(c|z) ∝ exp(b_c + w_cᵀz) by maximum likelihood with the penalty ½·ridge·‖w‖²: multinomial
    /// logistic regression.
    Logistic {
        /// The weight of the penalty. A little keeps the weights finite where a plane separates
        /// the classes.
        ridge: f64,
    },
}

impl Default for ClassifierMethod {
    fn default() -> Self {
        ClassifierMethod::Logistic { ridge: 1.0 }
    }
}

impl ClassifierMethod {
    fn name(self) -> String {
        match self {
            ClassifierMethod::Normals(covariance) => {
                format!("class-conditional normals, {} covariance", covariance.name())
            }
            ClassifierMethod::Logistic { ridge } => {
                format!("multinomial logistic regression, ridge {ridge}")
            }
        }
    }
}

/// A classifier on the latent posterior of a model that was fitted without classes.
///
/// ```
/// use elbo::{LatentModel, ProbabilisticPca, latent::LatentClassifier};
///
/// let rows = [[0.0, 0.1, 0.0], [0.2, 0.1, 0.1], [0.1, 0.4, 0.2], [5.0, 5.1, 4.9], [5.2, 5.0, 5.1], [4.9, 5.3, 5.0]];
/// let pca = ProbabilisticPca::params(1).fit(&rows)?;
/// let classifier = LatentClassifier::params().fit(&pca, &rows, &[0, 0, 0, 1, 1, 1])?;
/// assert_eq!(classifier.predict(&pca, &[[0.0, 0.2, 0.1], [5.0, 5.0, 5.0]])?, [0, 1]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LatentClassifier {
    /// The classes in ascending order.
    pub classes: Vec<u32>,
    /// How they are predicted.
    pub method: ClassifierMethod,
    /// The share of the rows of the fit whose most probable class is theirs.
    pub train_accuracy: f64,
    head: Head,
}

/// p(c|z).
#[derive(Clone, Debug, PartialEq)]
enum Head {
    /// A component for each class.
    Normals(GaussianMixture),
    Logistic(Logistic),
}

/// The settings of a [`LatentClassifier`]; made by [`LatentClassifier::params`].
#[derive(Clone, Copy, Debug, Default)]
pub struct LatentClassifierParams {
    method: ClassifierMethod,
}

impl LatentClassifierParams {
    /// How classes are predicted from z; logistic regression with ridge 1 unless set.
    pub fn method(self, method: ClassifierMethod) -> Self {
        Self { method }
    }

    /// Learns the classes of `rows` from the model's posterior means.
    ///
    /// # Errors
    /// Those of [`LatentModel::posterior`]; [`crate::Error::Shape`] when there is not one class a row;
    /// [`crate::Error::Setting`] for a ridge that is negative; [`crate::Error::Singular`] when a
    /// class has too few rows for its covariance.
    pub fn fit(
        self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
        classes: &[u32],
    ) -> Result<LatentClassifier> {
        let z = latent_means(model, rows)?;
        check_one_each("class", classes.len(), z.nrows())?;
        let known: Vec<u32> =
            classes.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        // Every class is among the known ones, which are all that there are.
        let place = |class: &u32| known.binary_search(class).unwrap_or(0);
        let labels: Vec<usize> = classes.iter().map(place).collect();
        let targets = responsibilities_from_labels(&labels, known.len());
        let head = match self.method {
            ClassifierMethod::Normals(covariance) => {
                Head::Normals(normals(z.view(), targets.view(), covariance)?)
            }
            ClassifierMethod::Logistic { ridge } => {
                check_ridge(ridge)?;
                Head::Logistic(maximise(z.view(), targets.view(), ridge)?)
            }
        };
        let mut classifier =
            LatentClassifier { classes: known, method: self.method, train_accuracy: 0.0, head };
        let predicted =
            most_probable(classifier.head.probabilities(&z)?.view(), &classifier.classes);
        classifier.train_accuracy = share_right(&predicted, classes);
        Ok(classifier)
    }
}

/// Maximum likelihood; the ridge of 10⁻⁶ of the mean variance matters only where z has dimensions
/// that never vary or sum to one.
fn normals(
    z: ArrayView2<f64>,
    targets: ArrayView2<f64>,
    covariance: Covariance,
) -> Result<GaussianMixture> {
    let (normals, counts) = estimate(z, targets, covariance, Ridge::relative(RIDGE, z))?;
    GaussianMixture::from_parts(&counts / counts.sum(), normals)
}

const RIDGE: f64 = 1e-6;

impl Head {
    fn probabilities(&self, z: &Array2<f64>) -> Result<Array2<f64>> {
        match self {
            Head::Normals(mixture) => mixture.responsibilities(z),
            Head::Logistic(logistic) => Ok(logistic.probabilities(z.view())),
        }
    }

    fn latent_dimensions(&self) -> usize {
        match self {
            Head::Normals(mixture) => mixture.components().dimensions(),
            Head::Logistic(logistic) => logistic.weights.nrows(),
        }
    }
}

impl LatentClassifier {
    /// The settings.
    pub fn params() -> LatentClassifierParams {
        LatentClassifierParams::default()
    }

    /// p(c|x) of every row, (n, classes), in the order of [`Self::classes`]. `model` is that of the
    /// fit.
    ///
    /// # Errors
    /// Those of [`LatentModel::posterior`], and [`crate::Error::Shape`] for a model with another
    /// number of latent dimensions.
    pub fn probabilities(
        &self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
    ) -> Result<Array2<f64>> {
        let z = latent_means(model, rows)?;
        check_latent(&z, self.head.latent_dimensions())?;
        self.head.probabilities(&z)
    }

    /// The most probable class of every row.
    ///
    /// # Errors
    /// Those of [`Self::probabilities`].
    pub fn predict(
        &self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
    ) -> Result<Vec<u32>> {
        Ok(most_probable(self.probabilities(model, rows)?.view(), &self.classes))
    }

    /// The share of rows whose most probable class is theirs.
    ///
    /// # Errors
    /// Those of [`Self::predict`], and [`crate::Error::Shape`] when there is not one class a row.
    pub fn accuracy(
        &self,
        model: &dyn LatentModel,
        rows: &(impl Dataset + ?Sized),
        classes: &[u32],
    ) -> Result<f64> {
        let predicted = self.predict(model, rows)?;
        check_one_each("class", classes.len(), predicted.len())?;
        Ok(share_right(&predicted, classes))
    }

    /// The weights w (M, classes) and the intercepts b (classes) of a logistic regression. They are
    /// unique up to a shift that is the same for all classes; here intercepts sum to zero.
    pub fn coefficients(&self) -> Option<(ArrayView2<'_, f64>, &Array1<f64>)> {
        match &self.head {
            Head::Logistic(logistic) => Some((logistic.weights.view(), &logistic.intercepts)),
            Head::Normals(_) => None,
        }
    }
}

impl RichDisplay for LatentClassifier {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let classes: Vec<String> = self.classes.iter().map(u32::to_string).collect();
        Table::new("Classifier on the latent posterior", ["", "value"])
            .row(["method".into(), self.method.name().into()])
            .row(["classes".into(), classes.join(", ").into()])
            .row(["latent dimensions".into(), self.head.latent_dimensions().to_string().into()])
            .row([
                "accuracy on the rows of the fit".into(),
                Cell::Text(format!("{:.1} %", 100.0 * self.train_accuracy)),
            ])
            .mime_bundle()
    }
}

impl_evcxr_display!(LatentClassifier);
