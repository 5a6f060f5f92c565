//! The latent health status of patients as a picture.

use ndarray::{Array2, ArrayView2, Axis};

use super::Savae;
use crate::{
    display::LatentMap,
    error::{Error, Result},
    survival::Cohort,
};

/// What the points of a latent map are coloured by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LatentOutcome {
    /// Whether the event was observed.
    Event,
    /// The predicted probability that the event comes after a time, under the patient's own
    /// treatments.
    SurvivalBeyond(f64),
    /// The predicted median time, under the patient's own treatments.
    Median,
}

impl<const Z: usize> Savae<Z> {
    /// The means of q(z|x, y) of patients, coloured by an outcome. Of more than two latent dimensions
    /// those two are drawn in which the means vary most, the widest across; the axes say which.
    ///
    /// # Errors
    /// Those of [`Self::encode`]; [`Error::Shape`] for a model of one latent dimension.
    pub fn latent_map(&self, cohort: &Cohort, outcome: LatentOutcome) -> Result<LatentMap> {
        let means = self.encode(cohort)?.mean;
        self.map_of(cohort, outcome, means.view(), widest(means.view())?)
    }

    /// The same in two dimensions of choice, the first across, the second up, by their numbers as
    /// they stand on the axes: from 1 to `Z`.
    ///
    /// ```
    /// use elbo::{Fit, Savae, data, display::RichDisplay, savae::LatentOutcome};
    ///
    /// let cohort = data::cohort(7).cohort.select(&(0..200).collect::<Vec<_>>())?;
    /// let (savae, _) = Savae::<4>::params().hidden(8).fit(&cohort, Fit::new().epochs(1))?;
    /// let map = savae.latent_map_of(&cohort, LatentOutcome::Event, [4, 2])?;
    /// assert!(map.mime_bundle()?.text().contains("z₄ from"));
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Self::encode`]; [`Error::Setting`] unless these are two different dimensions of
    /// the model.
    pub fn latent_map_of(
        &self,
        cohort: &Cohort,
        outcome: LatentOutcome,
        dimensions: [usize; 2],
    ) -> Result<LatentMap> {
        let [first, second] = dimensions;
        if first == second || dimensions.iter().any(|dimension| !(1..=Z).contains(dimension)) {
            let requirement = format!("name two different ones of the {Z}, counted from 1");
            return Err(Error::setting("dimensions", format!("{first} and {second}"), requirement));
        }
        let means = self.encode(cohort)?.mean;
        self.map_of(cohort, outcome, means.view(), [first - 1, second - 1])
    }

    /// Columns `of` the means, coloured.
    fn map_of(
        &self,
        cohort: &Cohort,
        outcome: LatentOutcome,
        means: ArrayView2<f32>,
        of: [usize; 2],
    ) -> Result<LatentMap> {
        let points = means.select(Axis(1), &of);
        let map = LatentMap::new(points.view())?
            .title("Health status of patients")
            .dimensions(of.map(|column| column + 1));
        match outcome {
            LatentOutcome::Event => {
                let events = cohort.follow_up().observed().iter().map(|&event| u8::from(event));
                let map = map.labels("event", &events.collect::<Vec<u8>>())?;
                Ok(map.label_names([(0, "censored"), (1, "event")]))
            }
            LatentOutcome::SurvivalBeyond(time) => {
                let survival: Array2<f64> = self.predict(cohort)?.survival(&[time])?;
                map.values(format!("P(T > {time})"), &survival.column(0).to_vec())
            }
            LatentOutcome::Median => {
                let medians = self.predict(cohort)?.median();
                let name = format!("median {}", cohort.follow_up().unit().axis());
                map.values(name, &medians.to_vec())
            }
        }
    }
}

/// The two columns that vary most, the widest first.
fn widest(means: ArrayView2<f32>) -> Result<[usize; 2]> {
    let spread = means.var_axis(Axis(0), 0.0);
    let mut order: Vec<usize> = (0..spread.len()).collect();
    order.sort_by(|&a, &b| spread[b].total_cmp(&spread[a]));
    match order[..] {
        [first, second, ..] => Ok([first, second]),
        _ => Err(Error::Shape {
            what: "the latent space".to_owned(),
            got: vec![means.ncols()],
            want: vec![2],
            advice: "a map needs two dimensions: fit a Savae::<2> or a larger one".to_owned(),
        }),
    }
}
