//! Concordance of predicted survival functions (Antolini, Boracchi and Biganzoli 2005).
//!
//! A pair is concordant when, at the time of the event, the patient who had it was predicted a lower
//! survival than the other. Predictions may cross, so nothing faster is known than looking at every
//! patient at risk at every event, O(events · n). Bootstrap resamples ride along as the columns of a
//! matrix product.

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::Concordance;
use crate::{
    error::Result,
    linalg::product,
    survival::{Cohort, SurvivalModel, risk_table::order},
};

/// Event times whose predictions are held at once.
const BLOCK: usize = 64;

/// Antolini's concordance of a model's survival functions. [`Concordance::strict_index`] is the index
/// as it was published; [`Concordance::index`] lets ties count half.
///
/// # Errors
/// Those of the model, and [`crate::Error::NoEvents`].
pub fn antolini(model: &(impl SurvivalModel + ?Sized), cohort: &Cohort) -> Result<Concordance> {
    let once = Array1::from(cohort.follow_up().frequencies()).insert_axis(Axis(1));
    Ok(antolini_of_resamples(model, cohort, once.view())?[0])
}

/// The same for each column of `frequencies`, (n, resamples): how often each patient counts.
pub(super) fn antolini_of_resamples(
    model: &(impl SurvivalModel + ?Sized),
    cohort: &Cohort,
    frequencies: ArrayView2<f64>,
) -> Result<Vec<Concordance>> {
    let follow_up = cohort.follow_up();
    follow_up.check_events()?;
    let (times, observed) = (follow_up.times(), follow_up.observed());
    // Sorted by time, and events before censorings at one time: whoever stands behind an event's
    // last peer can be compared with it.
    let mut rows = order(times);
    rows.sort_by(|&i, &j| times[i].total_cmp(&times[j]).then(observed[j].cmp(&observed[i])));
    let frequencies = frequencies.select(Axis(0), &rows);
    let entry = |i: usize| follow_up.entries().map_or(f64::NEG_INFINITY, |entries| entries[i]);
    let mut out = vec![Concordance::default(); frequencies.ncols()];
    for block in follow_up.event_times().chunks(BLOCK) {
        let survival = model.survival(cohort, block)?;
        for (time, column) in block.iter().zip(survival.columns()) {
            let first = rows.partition_point(|&i| times[i] < *time);
            let events = rows[first..].iter().take_while(|&&i| times[i] == *time && observed[i]);
            let behind = first + events.count();
            let own: Vec<f64> = rows[first..behind].iter().map(|&i| column[i]).collect();
            let at_risk: Vec<usize> =
                (behind..rows.len()).filter(|&place| entry(rows[place]) < *time).collect();
            let others: Vec<f64> = at_risk.iter().map(|&place| column[rows[place]]).collect();
            let weights = frequencies.slice(s![first..behind, ..]);
            count(&mut out, &own, weights, &others, frequencies.select(Axis(0), &at_risk).view());
        }
    }
    Ok(out)
}

/// Adds the pairs of the events of one time with the others at risk. Both have their predictions,
/// and their frequencies (patients, resamples).
fn count(
    out: &mut [Concordance],
    own: &[f64],
    weights: ArrayView2<f64>,
    others: &[f64],
    counted: ArrayView2<f64>,
) {
    let compare = |how: fn(f64, f64) -> bool| {
        Array2::from_shape_fn((own.len(), others.len()), |(i, j)| {
            f64::from(u8::from(how(others[j], own[i])))
        })
    };
    let above = product(compare(|other, own| other > own).view(), counted);
    let tied = product(compare(|other, own| other == own).view(), counted);
    let all: Array1<f64> = counted.sum_axis(Axis(0));
    for (event, weights) in weights.rows().into_iter().enumerate() {
        for (resample, (out, &weight)) in out.iter_mut().zip(weights).enumerate() {
            let (above, tied) = (above[[event, resample]], tied[[event, resample]]);
            out.concordant += weight * above;
            out.tied += weight * tied;
            out.discordant += weight * (all[resample] - above - tied);
        }
    }
}
