//! Whether groups differ in their survival: the log-rank test and its weighted relatives.

use ndarray::{Array1, Array2, Axis};

use super::{Cohort, FollowUp, Grouping, cox::Strata, statistics::chi_squared_tail};
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::{Error, Result},
    linalg::Cholesky,
};

/// How much an event at time t counts, with n at risk and S the survival of all groups together.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Weighting {
    /// All the same: the log-rank test, best when hazards are proportional (Mantel 1966).
    #[default]
    LogRank,
    /// n: Gehan's generalised Wilcoxon test, which looks at early differences.
    Wilcoxon,
    /// √n (Tarone and Ware 1977).
    TaroneWare,
    /// The modified survival Π (1 − d / (n + 1)) (Peto and Peto 1972).
    Peto,
    /// S(t−)ᵖ (1 − S(t−))^q (Harrington and Fleming 1982).
    FlemingHarrington {
        /// Weight of early differences; not negative.
        p: f64,
        /// Weight of late differences; not negative.
        q: f64,
    },
}

impl Weighting {
    /// The name of the test.
    pub fn name(self) -> String {
        match self {
            Weighting::LogRank => "log-rank test".to_owned(),
            Weighting::Wilcoxon => "generalised Wilcoxon test".to_owned(),
            Weighting::TaroneWare => "Tarone-Ware test".to_owned(),
            Weighting::Peto => "Peto-Peto test".to_owned(),
            Weighting::FlemingHarrington { p, q } => format!("Fleming-Harrington test ({p}, {q})"),
        }
    }
}

/// The result of a test of k groups: χ² with k − 1 degrees of freedom when they do not differ.
///
/// ```
/// use elbo::survival::{Cohort, Durations, Events, FollowUp, Grouping, LogRank, Weighting};
///
/// let times = Durations::weeks([1.0, 2.0, 3.0, 7.0, 8.0, 9.0]);
/// let follow_up = FollowUp::new(times, Events::observed([true; 6]))?;
/// let arm = ["a", "a", "a", "b", "b", "b"].map(|arm| Some(arm.to_owned()));
/// let cohort = Cohort::new(follow_up, vec![])?.with_grouping(Grouping::new("arm", arm.to_vec()))?;
/// let test = LogRank::of(&cohort, "arm", Weighting::LogRank)?;
/// assert!(test.p_value < 0.05);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LogRank {
    /// Which test it is.
    pub weighting: Weighting,
    /// The columns within whose levels groups were compared; empty without strata.
    pub strata: Vec<String>,
    /// Groups, of which those without patients are left out.
    pub groups: Vec<LogRankGroup>,
    /// χ²
    pub statistic: f64,
    /// k − 1
    pub degrees_of_freedom: usize,
    /// The probability of a statistic this large when the groups do not differ.
    pub p_value: f64,
}

/// What happened in a group.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRankGroup {
    /// Its name.
    pub name: String,
    /// Patients, whatever their weights.
    pub count: usize,
    /// Events.
    pub observed: f64,
    /// Events expected if the groups did not differ.
    pub expected: f64,
}

impl LogRank {
    /// Compares the groups of a grouping, a treatment, or a covariate with levels. Patients whose
    /// group is unknown are left out.
    ///
    /// # Errors
    /// [`Error::Column`] when the cohort has no such column or it makes fewer than two groups;
    /// [`Error::NoEvents`]; [`Error::Setting`] for a negative p or q; [`Error::Singular`] when no
    /// event happened while two groups were at risk.
    pub fn of(cohort: &Cohort, column: &str, weighting: Weighting) -> Result<Self> {
        Self::stratified::<&str>(cohort, column, weighting, &[])
    }

    /// The same, comparing patients only with those in the same stratum: excesses of events and
    /// their covariances are summed over the combinations of levels of `strata` (Mantel 1966). For
    /// groups that differ in what the strata say, such as centres of a trial.
    ///
    /// ```
    /// use elbo::{data, survival::{LogRank, Weighting}};
    ///
    /// let cohort = data::cohort(7).cohort;
    /// let test = LogRank::stratified(&cohort, "radiotherapy", Weighting::LogRank, &["stage"])?;
    /// assert_eq!(test.strata, ["stage"]);
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Self::of`], and [`Error::Cell`] for a patient whose stratum is unknown.
    pub fn stratified<S: AsRef<str>>(
        cohort: &Cohort,
        column: &str,
        weighting: Weighting,
        strata: &[S],
    ) -> Result<Self> {
        let strata: Vec<String> = strata.iter().map(|name| name.as_ref().to_owned()).collect();
        if let Weighting::FlemingHarrington { p, q } = weighting
            && !(p >= 0.0 && q >= 0.0)
        {
            return Err(Error::setting("p, q", format!("{p}, {q}"), "they are not negative"));
        }
        let grouping = cohort.grouping(column)?;
        let groups: Vec<usize> = (0..grouping.levels().len())
            .filter(|&group| grouping.groups().contains(&Some(group)))
            .collect();
        if groups.len() < 2 {
            return Err(Error::Column {
                column: column.to_owned(),
                problem: format!("has {} group with patients", groups.len()),
                advice: "a comparison needs two".to_owned(),
            });
        }
        let known: Vec<usize> =
            (0..cohort.len()).filter(|&i| grouping.groups()[i].is_some()).collect();
        let follow_up = cohort.follow_up().rows(&known);
        follow_up.check_events()?;
        let of = |i: &usize| groups.iter().position(|&g| grouping.groups()[*i] == Some(g));
        let group_of: Vec<usize> = known.iter().filter_map(of).collect();
        let among = cohort.select(&known)?;
        let names = Strata::of(&among, &strata)?;
        let stratum_of = names.indices(&among)?;
        let mut sums = Sums::none(groups.len());
        for stratum in 0..names.len() {
            let members: Vec<usize> =
                (0..known.len()).filter(|&i| stratum_of[i] == stratum).collect();
            let group_of: Vec<usize> = members.iter().map(|&i| group_of[i]).collect();
            sums.add_times(&follow_up.rows(&members), &group_of, weighting);
        }
        sums.test(&grouping, &groups, weighting, strata)
    }
}

/// Sums over the event times.
struct Sums {
    count: Vec<usize>,
    observed: Array1<f64>,
    expected: Array1<f64>,
    /// Σ w (observed − expected)
    excess: Array1<f64>,
    /// Its covariance.
    covariance: Array2<f64>,
}

impl Sums {
    fn none(groups: usize) -> Self {
        Self {
            count: vec![0; groups],
            observed: Array1::zeros(groups),
            expected: Array1::zeros(groups),
            excess: Array1::zeros(groups),
            covariance: Array2::zeros((groups, groups)),
        }
    }

    /// Adds the event times of one stratum.
    fn add_times(&mut self, follow_up: &FollowUp, group_of: &[usize], weighting: Weighting) {
        group_of.iter().for_each(|&group| self.count[group] += 1);
        let groups = self.count.len();
        let (mut survival, mut modified) = (1.0, 1.0);
        for (at_risk, events) in counts(follow_up, group_of, groups) {
            let (n, d) = (at_risk.sum(), events.sum());
            let weight = match weighting {
                Weighting::LogRank => 1.0,
                Weighting::Wilcoxon => n,
                Weighting::TaroneWare => n.sqrt(),
                Weighting::Peto => {
                    modified *= 1.0 - d / (n + 1.0);
                    modified
                }
                Weighting::FlemingHarrington { p, q } => {
                    f64::powf(survival, p) * f64::powf(1.0 - survival, q)
                }
            };
            survival *= 1.0 - d / n;
            self.add(&at_risk, &events, weight);
        }
    }

    /// The hypergeometric mean and covariance of the events of the groups at one time.
    fn add(&mut self, at_risk: &Array1<f64>, events: &Array1<f64>, weight: f64) {
        let (n, d) = (at_risk.sum(), events.sum());
        let share = at_risk / n;
        let expected = &share * d;
        self.excess.scaled_add(weight, &(events - &expected));
        self.observed += events;
        self.expected += &expected;
        if n > 1.0 {
            let scale = weight * weight * d * (n - d) / (n - 1.0);
            let column = share.view().insert_axis(Axis(1));
            let outer = &column * &share.view().insert_axis(Axis(0));
            self.covariance.scaled_add(scale, &(Array2::from_diag(&share) - outer));
        }
    }

    /// The excesses sum to 0, so the last group says nothing new.
    fn test(
        self,
        grouping: &Grouping,
        groups: &[usize],
        weighting: Weighting,
        strata: Vec<String>,
    ) -> Result<LogRank> {
        let free = groups.len() - 1;
        let covariance = self.covariance.slice(ndarray::s![..free, ..free]);
        let factor = Cholesky::new(covariance).map_err(|error| Error::Singular {
            what: "the covariance of the log-rank statistic".to_owned(),
            pivot: error.pivot,
            advice: "a group has no event while others are at risk: join it to another".to_owned(),
        })?;
        let excess = self.excess.slice(ndarray::s![..free]);
        let solved = factor.solve(excess.insert_axis(Axis(1)));
        let statistic = excess.dot(&solved.column(0));
        let group = |(place, &group): (usize, &usize)| LogRankGroup {
            name: grouping.levels()[group].clone(),
            count: self.count[place],
            observed: self.observed[place],
            expected: self.expected[place],
        };
        Ok(LogRank {
            weighting,
            strata,
            groups: groups.iter().enumerate().map(group).collect(),
            statistic,
            degrees_of_freedom: free,
            p_value: chi_squared_tail(statistic, free),
        })
    }
}

/// At risk and events in every group at each time of an event, from the first to the last.
fn counts(
    follow_up: &FollowUp,
    group_of: &[usize],
    groups: usize,
) -> Vec<(Array1<f64>, Array1<f64>)> {
    let frequencies = follow_up.frequencies();
    let members = |group| -> Vec<usize> {
        let of = group_of.iter().enumerate();
        of.filter(|(_, of)| **of == group).map(|(i, _)| i).collect()
    };
    let weights = |group: usize| -> Vec<f64> {
        let mut weights = vec![0.0; group_of.len()];
        members(group).into_iter().for_each(|i| weights[i] = frequencies[i]);
        weights
    };
    let tables: Vec<super::RiskTable> =
        (0..groups).map(|g| super::RiskTable::counting(follow_up, &weights(g))).collect();
    let at = |place: usize| {
        let column = |values: fn(&super::RiskTable) -> &Vec<f64>| -> Array1<f64> {
            tables.iter().map(|table| values(table)[place]).collect()
        };
        (column(|table| &table.at_risk), column(|table| &table.events))
    };
    let places = 0..tables.first().map_or(0, |table| table.times.len());
    places.map(at).filter(|(_, events)| events.sum() > 0.0).collect()
}

impl RichDisplay for LogRank {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!(
            "{}{}: χ² = {:.3}, {} degree{} of freedom, {}",
            self.weighting.name(),
            match self.strata.as_slice() {
                [] => String::new(),
                strata => format!(", strata {}", strata.join(", ")),
            },
            self.statistic,
            self.degrees_of_freedom,
            if self.degrees_of_freedom == 1 { "" } else { "s" },
            super::display::p_equation(self.p_value),
        );
        let mut table = Table::new(title, ["group", "patients", "events", "expected"]);
        for group in &self.groups {
            table = table.row([
                group.name.as_str().into(),
                group.count.into(),
                Cell::decimals(group.observed, 0),
                Cell::decimals(group.expected, 2),
            ]);
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(LogRank);
