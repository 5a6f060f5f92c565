//! The cumulative hazard (Nelson 1969, Aalen 1978).

use super::{
    FollowUp, RiskTable, Steps, TimeUnit,
    statistics::{check_confidence, half_width},
};
use crate::{
    display::{
        Cell, LineChart, LineSeries, MimeBundle, RichDisplay, Table, impl_evcxr_display,
        round_times,
    },
    error::Result,
};

/// H(t) = Σ dᵢ / nᵢ over the event times tᵢ ≤ t, with the variance Σ dᵢ / nᵢ² of Aalen.
///
/// ```
/// use elbo::survival::{Durations, Events, FollowUp, NelsonAalen};
///
/// let follow_up = FollowUp::new(Durations::days([1.0, 2.0]), Events::observed([true, true]))?;
/// let hazard = NelsonAalen::fit(&follow_up, 0.95)?;
/// assert_eq!(hazard.cumulative_hazard_at(2.0), 1.5);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct NelsonAalen {
    /// H as a step function.
    pub cumulative_hazard: Steps,
    /// Its standard error at every step.
    pub standard_errors: Vec<f64>,
    /// Its pointwise band at every step, symmetric on the scale of log H; 0 before the first event.
    pub bands: Vec<(f64, f64)>,
    /// The probability that the bands contain H at a given time.
    pub confidence: f64,
    /// What times are counted in.
    pub unit: TimeUnit,
}

impl NelsonAalen {
    /// The cumulative hazard with bands of this confidence.
    ///
    /// # Errors
    /// [`crate::Error::Setting`] unless 0 < confidence < 1.
    pub fn fit(follow_up: &FollowUp, confidence: f64) -> Result<Self> {
        check_confidence(confidence)?;
        let table = RiskTable::new(follow_up);
        let z = half_width(confidence);
        let (mut hazard, mut variance) = (0.0, 0.0);
        let (mut values, mut standard_errors, mut bands) = (Vec::new(), Vec::new(), Vec::new());
        for (&at_risk, &events) in table.at_risk.iter().zip(&table.events) {
            if events > 0.0 {
                hazard += events / at_risk;
                variance += events / (at_risk * at_risk);
            }
            values.push(hazard);
            standard_errors.push(variance.sqrt());
            bands.push(match hazard > 0.0 {
                true => {
                    let width = (z * f64::sqrt(variance) / hazard).exp();
                    (hazard / width, hazard * width)
                }
                false => (0.0, 0.0),
            });
        }
        let cumulative_hazard = Steps { times: table.times, values, start: 0.0 };
        let unit = follow_up.unit().clone();
        Ok(Self { cumulative_hazard, standard_errors, bands, confidence, unit })
    }

    /// H(t)
    pub fn cumulative_hazard_at(&self, time: f64) -> f64 {
        self.cumulative_hazard.at(time)
    }

    /// The cumulative hazard with its band.
    pub fn picture(&self) -> LineChart {
        let band = format!("{} % band", 100.0 * self.confidence);
        let times = &self.cumulative_hazard.times;
        let ends = |end: fn(&(f64, f64)) -> f64| {
            corners(times, &self.bands.iter().map(end).collect::<Vec<_>>())
        };
        // Both ends are one series with a gap between them, so that they look alike.
        let both = [ends(|ends| ends.0), vec![(f64::NAN, f64::NAN)], ends(|ends| ends.1)].concat();
        let hazard = corners(times, &self.cumulative_hazard.values);
        let series = [("cumulative hazard", hazard), (&band, both)];
        let series = series.into_iter().map(|(name, points)| LineSeries {
            name: name.to_owned(),
            points,
            ..LineSeries::default()
        });
        LineChart {
            title: format!("Nelson-Aalen, {band}"),
            x_label: self.unit.axis(),
            y_label: "cumulative hazard".to_owned(),
            series: series.collect(),
            ..LineChart::default()
        }
    }

    /// H with its standard error and band at round times.
    fn table(&self) -> Table {
        let times = &self.cumulative_hazard.times;
        let heads = [&*self.unit.axis(), "cumulative hazard", "standard error", "from", "to"];
        let mut table = Table::new("Nelson-Aalen", heads);
        for time in round_times(times.last().copied().unwrap_or(1.0)) {
            let place = times.partition_point(|&at| at <= time).checked_sub(1);
            let (error, ends) = place.map_or((0.0, (0.0, 0.0)), |place| {
                (self.standard_errors[place], self.bands[place])
            });
            let hazard = self.cumulative_hazard_at(time);
            let cells = [hazard, error, ends.0, ends.1].map(|value| Cell::decimals(value, 4));
            table = table.row(std::iter::once(Cell::from(time)).chain(cells));
        }
        table
    }
}

/// The corners of a step function that starts at 0.
fn corners(times: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    let (mut out, mut last) = (vec![(0.0, 0.0)], 0.0);
    for (&time, &value) in times.iter().zip(values) {
        if value != last {
            out.extend([(time, last), (time, value)]);
            last = value;
        }
    }
    out.extend(times.last().map(|&end| (end, last)));
    out
}

impl RichDisplay for NelsonAalen {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.table().to_text();
        let drawing = self.picture().mime_bundle()?;
        let out = MimeBundle::new(text);
        Ok(match drawing.svg() {
            Some(svg) => out.with_svg(svg.to_owned()),
            None => out,
        })
    }
}

impl_evcxr_display!(NelsonAalen);
