//! All scores of a model in one call.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::{
    Censoring, DCalibration, Score, TimeAuc,
    antolini::antolini_of_resamples,
    auc::ByRisk,
    bootstrap::frequencies,
    brier::{losses, mean_over_time},
    calibration::bin_shares,
    concordance::{Ranked, uno_weights},
};
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    linalg::product,
    survival::{
        Cohort, SurvivalModel, display,
        model::check_times,
        statistics::{check_confidence, quantile},
    },
};

/// Times of the default grid.
const GRID: usize = 100;

/// The settings of [`Scores`]; made by [`Scores::params`].
#[derive(Clone, Debug)]
pub struct ScoreParams {
    times: Option<Vec<f64>>,
    resamples: usize,
    confidence: f64,
    seed: u64,
}

/// All scores of a model on a cohort that it was not fitted to, each with a bootstrap interval.
///
/// ```
/// use elbo::{data, survival::{Cox, MissingCells, scores::Scores}};
///
/// let (train, test) = data::cohort(3).cohort.split(0.7, 1)?;
/// let cox = Cox::params().missing(MissingCells::Mean).fit(&train)?;
/// let scores = Scores::params().resamples(20).of(&cox, &train, &test)?;
/// assert!(scores.harrell.value > 0.5);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// The model.
    pub model: String,
    /// Harrell's concordance. Higher is better.
    pub harrell: Score,
    /// Uno's concordance up to the last of the times. Higher is better.
    pub uno: Score,
    /// Antolini's concordance, ties counting half. Higher is better.
    pub antolini: Score,
    /// The mean area under the curve over the times. Higher is better.
    pub auc: Score,
    /// The Brier score, averaged over the times. Lower is better.
    pub integrated_brier: Score,
    /// χ² of distributional calibration, of which 16.9 is the 5 % point. Lower is better.
    pub d_calibration: Score,
    /// The p-value of distributional calibration.
    pub d_calibration_p: f64,
    /// The times of the Brier score and of the area under the curve.
    pub times: Vec<f64>,
    /// The confidence of the intervals.
    pub confidence: f64,
}

impl Scores {
    /// The settings.
    pub fn params() -> ScoreParams {
        ScoreParams { times: None, resamples: 200, confidence: 0.95, seed: 0 }
    }

    /// All scores with the usual settings.
    ///
    /// # Errors
    /// Those of [`ScoreParams::of`].
    pub fn of(
        model: &(impl SurvivalModel + ?Sized),
        train: &Cohort,
        test: &Cohort,
    ) -> Result<Self> {
        Self::params().of(model, train, test)
    }

    /// Several models side by side.
    pub fn table<'a>(scores: impl IntoIterator<Item = &'a Scores>) -> Table {
        let columns = [
            "model",
            "Harrell's C",
            "Uno's C",
            "Antolini's C",
            "mean AUC",
            "integrated Brier",
            "D-calibration χ²",
            "p",
        ];
        let mut table = Table::new("Scores", columns);
        for scores in scores {
            let cells = [
                &scores.harrell,
                &scores.uno,
                &scores.antolini,
                &scores.auc,
                &scores.integrated_brier,
                &scores.d_calibration,
            ]
            .map(|score| Cell::Number(display::estimate(score.value, score.interval)));
            let name = Cell::from(scores.model.as_str());
            let p = Cell::p_value(scores.d_calibration_p);
            table = table.row(std::iter::once(name).chain(cells).chain([p]));
        }
        table
    }
}

impl ScoreParams {
    /// The times of the Brier score and of the area under the curve. Unless set, 100 equal steps
    /// between the first and the last decile of the event times of the test cohort.
    pub fn times(mut self, times: impl IntoIterator<Item = f64>) -> Self {
        self.times = Some(times.into_iter().collect());
        self
    }

    /// Bootstrap resamples of the patients; 200 unless set. None leaves intervals out.
    pub fn resamples(mut self, resamples: usize) -> Self {
        self.resamples = resamples;
        self
    }

    /// The confidence of the intervals; 0.95 unless set.
    pub fn confidence(mut self, confidence: f64) -> Self {
        self.confidence = confidence;
        self
    }

    /// Decides the resamples.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// All scores of `model`, fitted to `train`, on `test`. The model stays as it is in all
    /// resamples: the intervals are about the patients who are judged.
    ///
    /// # Errors
    /// Those of the model; [`crate::Error::NoEvents`]; [`crate::Error::Setting`] for settings
    /// outside their range, or when patients came under observation late.
    pub fn of(
        self,
        model: &(impl SurvivalModel + ?Sized),
        train: &Cohort,
        test: &Cohort,
    ) -> Result<Scores> {
        check_confidence(self.confidence)?;
        test.follow_up().check_events()?;
        test.follow_up().check_from_the_start("a score among them")?;
        let mut times = self.times.unwrap_or_else(|| default_times(test));
        check_times(&times)?;
        times.sort_by(f64::total_cmp);
        let judged = Judged {
            test,
            censoring: Censoring::of(train.follow_up()),
            survival: model.survival(test, &times)?,
            frequencies: frequencies(test.follow_up(), self.resamples, self.seed),
            times,
            confidence: self.confidence,
        };
        let ranked = Ranked::new(test.follow_up(), &model.risk(test)?.to_vec())?;
        let antolini = antolini_of_resamples(model, test, judged.frequencies.view())?;
        let (d_calibration, d_calibration_p) = judged.d_calibration(bin_shares(model, test)?);
        let ones = vec![1.0; test.len()];
        let horizon = judged.times.last().copied();
        let weights = uno_weights(&judged.censoring, test.follow_up(), horizon);
        Ok(Scores {
            model: model.name(),
            harrell: judged.each(|frequencies| ranked.count(&ones, frequencies).index()),
            uno: judged.each(|frequencies| ranked.count(&weights, frequencies).index()),
            antolini: judged.score(antolini.iter().map(|pairs| pairs.index())),
            auc: judged.auc(),
            integrated_brier: judged.integrated_brier()?,
            d_calibration,
            d_calibration_p,
            times: judged.times,
            confidence: self.confidence,
        })
    }
}

/// Equal steps between the first and the last decile of the event times.
fn default_times(cohort: &Cohort) -> Vec<f64> {
    let follow_up = cohort.follow_up();
    let events = follow_up.times().iter().zip(follow_up.observed()).filter(|(_, o)| **o);
    let mut events: Vec<f64> = events.map(|(time, _)| *time).collect();
    events.sort_by(f64::total_cmp);
    let (first, last) = (quantile(&events, 0.1), quantile(&events, 0.9));
    if first == last {
        return vec![first];
    }
    (0..GRID).map(|i| first + (last - first) * i as f64 / (GRID - 1) as f64).collect()
}

/// What is judged: predictions, and the resamples of the patients.
struct Judged<'a> {
    test: &'a Cohort,
    censoring: Censoring,
    times: Vec<f64>,
    /// (n, times)
    survival: Array2<f64>,
    /// (n, resamples + 1)
    frequencies: Array2<f64>,
    confidence: f64,
}

impl Judged<'_> {
    fn score(&self, values: impl IntoIterator<Item = f64>) -> Score {
        Score::of(&values.into_iter().collect::<Vec<_>>(), self.confidence)
    }

    /// A score of every resample on its own.
    fn each(&self, score: impl Fn(&[f64]) -> f64 + Sync) -> Score {
        let columns: Vec<Vec<f64>> =
            self.frequencies.columns().into_iter().map(|column| column.to_vec()).collect();
        let values: Vec<f64> = columns.par_iter().map(|column| score(column)).collect();
        self.score(values)
    }

    /// Σ frequency · value over the patients, (resamples + 1, columns).
    fn sums(&self, values: ArrayView2<f64>) -> Array2<f64> {
        product(self.frequencies.t(), values)
    }

    fn auc(&self) -> Score {
        let follow_up = self.test.follow_up();
        let columns = self.times.iter().zip(self.survival.columns());
        let columns: Vec<ByRisk> = columns.map(|(t, s)| ByRisk::new(*t, s)).collect();
        let weights = self.censoring.event_weights(follow_up);
        self.each(|frequencies| {
            TimeAuc::of_columns(&columns, follow_up, &weights, frequencies).mean
        })
    }

    fn integrated_brier(&self) -> Result<Score> {
        let follow_up = self.test.follow_up();
        let losses = losses(self.survival.view(), &self.censoring, follow_up, &self.times)?;
        let counts = self.frequencies.sum_axis(Axis(0)).insert_axis(Axis(1));
        let scores = self.sums(losses.view()) / counts;
        let integrated = scores.rows().into_iter().map(|row| match row.len() {
            1 => row[0],
            _ => mean_over_time(&self.times, &row.to_vec()),
        });
        Ok(self.score(integrated))
    }

    fn d_calibration(&self, shares: Array2<f64>) -> (Score, f64) {
        let counts = self.sums(shares.view());
        let tests = counts.rows().into_iter().map(|row| DCalibration::of_counts(row.to_vec()));
        let tests: Vec<DCalibration> = tests.collect();
        let p_value = tests.first().map_or(f64::NAN, |test| test.p_value);
        (self.score(tests.iter().map(|test| test.statistic)), p_value)
    }
}

impl RichDisplay for Scores {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let percent = 100.0 * self.confidence;
        let title = format!("Scores of {}", self.model);
        let mut table = Table::new(
            title,
            ["score".to_owned(), "value".to_owned(), format!("{percent} % from"), "to".to_owned()],
        );
        let rows = [
            ("Harrell's concordance", &self.harrell),
            ("Uno's concordance", &self.uno),
            ("Antolini's concordance", &self.antolini),
            ("mean area under the curve", &self.auc),
            ("integrated Brier score", &self.integrated_brier),
            ("D-calibration χ²", &self.d_calibration),
        ];
        for (name, score) in rows {
            let decimals = |value| Cell::decimals(value, 4);
            let (low, high) = score.interval;
            table = table.row([name.into(), decimals(score.value), decimals(low), decimals(high)]);
        }
        let name = Cell::from("D-calibration p");
        let p = Cell::p_value(self.d_calibration_p);
        let nothing = || Cell::Number(String::new());
        table.row([name, p, nothing(), nothing()]).mime_bundle()
    }
}

impl_evcxr_display!(Scores);
