//! The squared error of predicted probabilities (Graf et al. 1999).

use ndarray::{Array1, Array2, ArrayView2};

use super::Censoring;
use crate::{
    display::{LineChart, LineSeries},
    error::{Error, Result},
    survival::{Cohort, FollowUp, SurvivalModel, TimeUnit, model::sorted_times},
};

/// The Brier score at several times: the mean of (1{T > t} − S(t))², in which censored patients are
/// made up for by those like them. 0 is perfect, ¼ is what S = ½ for everybody gets.
///
/// ```
/// use elbo::{data, survival::{KaplanMeier, scores::{Brier, Censoring}}};
///
/// let (train, test) = data::cohort(7).cohort.split(0.8, 1)?;
/// let model = KaplanMeier::fit(train.follow_up())?;
/// let censoring = Censoring::of(train.follow_up());
/// let brier = Brier::of(&model, &censoring, &test, &[12.0, 24.0, 48.0])?;
/// assert!(brier.integrated()? < 0.25);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Brier {
    /// In increasing order.
    pub times: Vec<f64>,
    /// One for each time.
    pub scores: Vec<f64>,
    /// What times are counted in.
    pub unit: TimeUnit,
}

impl Brier {
    /// The score of a model on a cohort that it was not fitted to. `times` are sorted.
    ///
    /// # Errors
    /// Those of the model; [`Error::Setting`] for times outside their range.
    pub fn of(
        model: &(impl SurvivalModel + ?Sized),
        censoring: &Censoring,
        cohort: &Cohort,
        times: &[f64],
    ) -> Result<Self> {
        let times = sorted_times(times)?;
        let survival = model.survival(cohort, &times)?;
        Self::of_predictions(survival.view(), censoring, cohort.follow_up(), &times)
    }

    /// The score of predictions S(t), (n, times).
    ///
    /// # Errors
    /// [`Error::Shape`] for predictions of another size; [`Error::Setting`] when patients came under
    /// observation late.
    pub fn of_predictions(
        survival: ArrayView2<f64>,
        censoring: &Censoring,
        follow_up: &FollowUp,
        times: &[f64],
    ) -> Result<Self> {
        let losses = losses(survival, censoring, follow_up, times)?;
        let weights = Array1::from(follow_up.frequencies());
        let scores = weights.dot(&losses) / weights.sum();
        Ok(Self { times: times.to_vec(), scores: scores.to_vec(), unit: follow_up.unit().clone() })
    }

    /// The mean of the score over time, by the trapezoidal rule.
    ///
    /// # Errors
    /// [`Error::Setting`] with fewer than two times.
    pub fn integrated(&self) -> Result<f64> {
        if self.times.len() < 2 {
            let requirement = "an integral over time needs at least two";
            return Err(Error::setting("times", self.times.len(), requirement));
        }
        Ok(mean_over_time(&self.times, &self.scores))
    }

    /// The score over time of several models.
    pub fn chart<'a>(models: impl IntoIterator<Item = (&'a str, &'a Brier)>) -> LineChart {
        let models: Vec<(&str, &Brier)> = models.into_iter().collect();
        let unit = models.first().map(|(_, brier)| brier.unit.axis());
        let series = models.iter().map(|(name, brier)| LineSeries {
            name: (*name).to_owned(),
            points: brier.times.iter().copied().zip(brier.scores.iter().copied()).collect(),
            ..LineSeries::default()
        });
        LineChart {
            title: "Brier score".to_owned(),
            x_label: unit.unwrap_or_else(|| "time".to_owned()),
            y_label: "Brier score (lower is better)".to_owned(),
            series: series.collect(),
            ..LineChart::default()
        }
    }
}

/// ∫ values / (last − first), by the trapezoidal rule.
pub(super) fn mean_over_time(times: &[f64], values: &[f64]) -> f64 {
    let steps = times.windows(2).zip(values.windows(2));
    let area: f64 = steps.map(|(t, v)| (t[1] - t[0]) * (v[0] + v[1]) / 2.0).sum();
    area / (times[times.len() - 1] - times[0])
}

/// What each patient adds to the score at each time, (n, times).
pub(super) fn losses(
    survival: ArrayView2<f64>,
    censoring: &Censoring,
    follow_up: &FollowUp,
    times: &[f64],
) -> Result<Array2<f64>> {
    if survival.dim() != (follow_up.len(), times.len()) {
        return Err(Error::Shape {
            what: "the predicted survival".to_owned(),
            got: survival.shape().to_vec(),
            want: vec![follow_up.len(), times.len()],
            advice: "give one row for each patient and one column for each time".to_owned(),
        });
    }
    follow_up.check_from_the_start("the Brier score")?;
    let events = censoring.event_weights(follow_up);
    let inverse =
        |time: &f64| Some(censoring.at(*time)).filter(|g| *g > 0.0).map_or(0.0, f64::recip);
    let still: Vec<f64> = times.iter().map(inverse).collect();
    Ok(Array2::from_shape_fn(survival.dim(), |(i, j)| {
        let predicted = survival[[i, j]];
        if follow_up.times()[i] > times[j] {
            (1.0 - predicted).powi(2) * still[j]
        } else {
            predicted.powi(2) * events[i]
        }
    }))
}
