//! How the estimate of log p(x) rises with the number of importance samples.

use ndarray::{Array1, ArrayView2, Axis};

use super::Evidence;
use crate::{
    display::{MimeBundle, PointRange, RichDisplay, impl_evcxr_display},
    error::{Error, Result},
};

/// The estimate of log p(x) by the number k of importance samples; made by
/// [`super::Vae::evidence_curve`]. Shown as a drawing.
///
/// All come from the same draws: the estimate with k of them is the mean over as many batches of k
/// as there are draws for. In expectation it rises with k from the ELBO towards log p(x) (Burda,
/// Grosse and Salakhutdinov 2016, theorem 1).
#[derive(Clone, Debug, PartialEq)]
pub struct EvidenceCurve {
    /// In ascending order of k.
    pub points: Vec<EvidencePoint>,
    /// The number of rows.
    pub rows: usize,
}

/// The estimate with one number of importance samples.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvidencePoint {
    /// k, the number of importance samples.
    pub samples: usize,
    /// The mean over rows and batches, in nats a row.
    pub mean: f64,
    /// Its Monte Carlo standard error: from the spread of the batches, and where there is but one,
    /// by the delta method.
    pub monte_carlo_error: f64,
}

/// The sums behind a curve, to which rows are added a part at a time.
pub(super) struct Sums {
    rows: usize,
    points: Vec<Sum>,
}

/// Over rows: estimates with `samples` draws, and the variances of these estimates.
struct Sum {
    samples: usize,
    estimates: f64,
    variances: f64,
}

impl Sums {
    /// Without rows yet.
    pub fn new(samples: &[usize]) -> Self {
        let zero = |&samples: &usize| Sum { samples, estimates: 0.0, variances: 0.0 };
        Self { rows: 0, points: samples.iter().map(zero).collect() }
    }

    /// Adds rows by their log p(x, z) − log q(z|x) at the draws, (rows, draws).
    pub fn add(&mut self, log_weights: ArrayView2<f64>) {
        self.rows += log_weights.nrows();
        self.points.iter_mut().for_each(|sum| sum.add(log_weights));
    }

    /// The curve of the rows so far.
    pub fn curve(self) -> EvidenceCurve {
        let rows = self.rows as f64;
        let point = |Sum { samples, estimates, variances }| EvidencePoint {
            samples,
            mean: estimates / rows,
            monte_carlo_error: variances.sqrt() / rows,
        };
        EvidenceCurve { points: self.points.into_iter().map(point).collect(), rows: self.rows }
    }
}

impl Sum {
    fn add(&mut self, log_weights: ArrayView2<f64>) {
        let batches: Vec<Evidence> =
            log_weights.axis_chunks_iter(Axis(1), self.samples).map(Evidence::new).collect();
        // The last one is smaller where the draws cannot be divided evenly.
        let whole = log_weights.ncols() / self.samples;
        for row in 0..log_weights.nrows() {
            let estimates: Array1<f64> =
                batches[..whole].iter().map(|batch| batch.log_prob[row]).collect();
            self.estimates += estimates.mean().unwrap_or(f64::NAN);
            self.variances += match whole {
                1 => batches[0].log_prob_error[row].powi(2),
                _ => estimates.var(1.0) / whole as f64,
            };
        }
    }
}

/// The numbers in ascending order, each once.
///
/// # Errors
/// [`Error::Setting`] when there is none or one is zero.
pub(super) fn ascending(samples: &[usize]) -> Result<Vec<usize>> {
    let mut samples = samples.to_vec();
    samples.sort_unstable();
    samples.dedup();
    match samples.first() {
        Some(1..) => Ok(samples),
        _ => {
            let requirement = "there must be a number of samples, and each is at least 1";
            Err(Error::setting("samples", format!("{samples:?}"), requirement))
        }
    }
}

impl RichDisplay for EvidenceCurve {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let name = |point: &EvidencePoint| match point.samples {
            1 => "1, the ELBO".to_owned(),
            samples => samples.to_string(),
        };
        let points =
            self.points.iter().map(|point| (name(point), point.mean, point.monte_carlo_error));
        let chart = PointRange {
            title: format!("Evidence of {} rows", self.rows),
            x_label: "importance samples".to_owned(),
            y_label: "log p(x), nats a row".to_owned(),
            points: points.collect(),
        };
        chart.mime_bundle()
    }
}

impl_evcxr_display!(EvidenceCurve);

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn batches_are_averaged_and_their_spread_is_the_error() {
        let log = array![[1.0f64, 3.0, 5.0, 7.0, 100.0]].mapv(f64::ln);
        let mut sums = Sums::new(&[1, 2, 4]);
        sums.add(log.slice(ndarray::s![.., ..4]));
        let curve = sums.curve();
        let [one, two, four] = curve.points[..] else { panic!("{curve:?}") };
        let close = |got: f64, want: f64| assert!((got - want).abs() < 1e-12, "{got} {want}");
        close(one.mean, (1.0f64 * 3.0 * 5.0 * 7.0).ln() / 4.0);
        close(two.mean, (2f64.ln() + 6f64.ln()) / 2.0);
        close(four.mean, 4f64.ln());
        // Two values: their variance is half the squared difference, of which the mean has half.
        close(two.monte_carlo_error, (6f64.ln() - 2f64.ln()) / 2.0);
        // Delta method: the standard deviation of 1, 3, 5, 7 over mean and √4.
        close(four.monte_carlo_error, (20.0f64 / 3.0).sqrt() / 4.0 / 2.0);
        // A draw too many is left out.
        let mut sums = Sums::new(&[2]);
        sums.add(log.view());
        assert_eq!(sums.curve().points[0], two);
        assert!(two.mean > one.mean && four.mean > two.mean);
    }

    #[test]
    fn numbers_of_samples_are_sorted_and_checked() {
        assert_eq!(ascending(&[100, 1, 10, 1]).unwrap(), [1, 10, 100]);
        for wrong in [&[][..], &[3, 0]] {
            let error = ascending(wrong);
            assert!(matches!(error, Err(Error::Setting { setting: "samples", .. })));
        }
    }
}
