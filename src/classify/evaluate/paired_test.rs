//! Whether two methods differ, by their accuracies on the same partitions.

use statrs::function::beta::beta_reg;

use super::evaluation::{MethodScores, standard_deviation};
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
};

/// A statistic that has Student's t distribution if there is no difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TTest {
    /// The mean difference by its standard error.
    pub t: f64,
    /// Degrees of freedom: partitions − 1.
    pub degrees: f64,
    /// The probability of a t as far from zero, in either direction, if there is no difference.
    pub p_value: f64,
}

/// Two t tests of the differences dⱼ between two methods' accuracies on partitions j = 1, …, J.
///
/// The plain one takes them for independent, t = d̄ / √(s²/J). They are not: random partitions of the
/// same images have most images in common, so that it finds differences where there are none, and
/// the more the larger J is. The corrected one,
///
/// t = d̄ / √((1/J + n₂/n₁) s²),
///
/// accounts for that with the numbers n₁ of images to learn from and n₂ to test. Source: Nadeau and
/// Bengio 2003, "Inference for the generalization error", Machine Learning 52, the corrected
/// resampled t-test of section 3. It speaks of other images like these; where images of one person
/// are alike, a partition by individuals makes that other people.
#[derive(Clone, Debug, PartialEq)]
pub struct PairedTest {
    /// The method whose accuracy is the minuend.
    pub first: String,
    /// The method whose accuracy is taken from it.
    pub second: String,
    /// J.
    pub partitions: usize,
    /// n₂/n₁, the mean over partitions.
    pub test_by_train: f64,
    /// d̄: positive when the first method is better.
    pub mean_difference: f64,
    /// s, with J − 1.
    pub standard_deviation: f64,
    /// The test that takes partitions for independent.
    pub plain: TTest,
    /// The test that does not.
    pub corrected: TTest,
}

impl PairedTest {
    /// # Errors
    /// [`Error::Setting`] with fewer than two partitions.
    pub(super) fn new(
        first: &MethodScores,
        second: &MethodScores,
        sizes: &[(usize, usize)],
    ) -> Result<Self> {
        let partitions = sizes.len();
        if partitions < 2 {
            let requirement = "a test needs at least two: raise the repeats";
            return Err(Error::setting("the number of partitions", partitions, requirement));
        }
        let pairs = first.accuracies.iter().zip(&second.accuracies);
        let differences: Vec<f64> = pairs.map(|(first, second)| first - second).collect();
        let count = partitions as f64;
        let ratio = |&(train, test): &(usize, usize)| test as f64 / train as f64;
        let test_by_train = sizes.iter().map(ratio).sum::<f64>() / count;
        let mean_difference = differences.iter().sum::<f64>() / count;
        let standard_deviation = standard_deviation(&differences);
        let test = |factor: f64| {
            TTest::new(mean_difference, factor.sqrt() * standard_deviation, count - 1.0)
        };
        Ok(Self {
            first: first.name.clone(),
            second: second.name.clone(),
            partitions,
            test_by_train,
            mean_difference,
            standard_deviation,
            plain: test(1.0 / count),
            corrected: test(1.0 / count + test_by_train),
        })
    }
}

impl TTest {
    /// Without any difference t is 0, and with the same difference everywhere it is infinite.
    pub(super) fn new(mean: f64, standard_error: f64, degrees: f64) -> Self {
        let t = if mean == 0.0 { 0.0 } else { mean / standard_error };
        Self { t, degrees, p_value: two_sided(t, degrees) }
    }
}

/// P(|T| ≥ |t|) for Student's t distribution: I_x(ν/2, 1/2) with x = ν/(ν + t²).
fn two_sided(t: f64, degrees: f64) -> f64 {
    match t.is_infinite() {
        true => 0.0,
        false => beta_reg(0.5 * degrees, 0.5, degrees / (degrees + t * t)),
    }
}

impl RichDisplay for PairedTest {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!(
            "{} − {}: {:+.4} on average over {} partitions",
            self.first, self.second, self.mean_difference, self.partitions
        );
        let mut table = Table::new(title, ["test", "t", "degrees of freedom", "p"]);
        for (name, test) in [("paired", self.plain), ("corrected", self.corrected)] {
            table = table.row([
                name.into(),
                Cell::decimals(test.t, 2),
                Cell::decimals(test.degrees, 0),
                Cell::p_value(test.p_value),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(PairedTest);
