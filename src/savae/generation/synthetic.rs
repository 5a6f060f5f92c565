//! Patients that nobody has seen: ancestral sampling.

use ndarray::Array2;
use rand::RngExt;
use rand_distr::{Distribution, StandardNormal};

use super::draw::{conditionals, covariate};
use crate::{
    error::{Error, Result},
    savae::{Savae, core::Core},
    survival::{Cohort, Durations, Events, FollowUp, Treatment},
    train::stream,
};

/// Apart from other draws with the same seed.
const SYNTHETIC_STREAM: u64 = 6 << 32;

impl<const Z: usize> Savae<Z> {
    /// A cohort of `count` synthetic patients: z ~ p(z), x ~ p(x|z), t ~ p(t|x), y ~ p(y|t, z).
    /// Nobody is lost, and times are censored at the last time of the cohort that the model was
    /// built for. The same seed gives the same patients.
    ///
    /// ```
    /// use elbo::{Fit, Savae, data};
    ///
    /// let cohort = data::cohort(7).cohort;
    /// let (savae, _) = Savae::<2>::params().hidden(8).fit(&cohort, Fit::new().epochs(1))?;
    /// let patients = savae.synthetic(100, 1)?;
    /// assert_eq!(patients.len(), 100);
    /// assert_eq!(patients.treatments().len(), 2);
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] for no patients.
    pub fn synthetic(&self, count: usize, seed: u64) -> Result<Cohort> {
        self.core.synthetic(count, seed).map(|(cohort, _)| cohort)
    }

    /// The same patients together with their z, (count, Z), which no real cohort shows.
    ///
    /// # Errors
    /// Those of [`Self::synthetic`].
    pub fn synthetic_with_latent(&self, count: usize, seed: u64) -> Result<(Cohort, Array2<f32>)> {
        self.core.synthetic(count, seed)
    }
}

impl Core {
    fn synthetic(&self, count: usize, seed: u64) -> Result<(Cohort, Array2<f32>)> {
        if count == 0 {
            return Err(Error::setting("count", 0, "it must be at least 1"));
        }
        let rng = &mut stream(seed, SYNTHETIC_STREAM);
        let columns = &self.configuration.columns;
        let z = Array2::from_shape_simple_fn((count, self.configuration.settings.latent), || {
            StandardNormal.sample(rng)
        });
        let parameters = self.engine.covariate_parameters(z.view())?;
        let layout = self.configuration.layout();
        let mut values = vec![Vec::with_capacity(count); columns.covariates.len()];
        for row in parameters.rows() {
            let all = conditionals(columns, &layout, row);
            for ((conditional, column), values) in
                all.iter().zip(columns.in_order()).zip(&mut values)
            {
                values.push(conditional.draw(column, rng));
            }
        }
        let covariates = columns.in_order().zip(values);
        let covariates = covariates.map(|(column, values)| covariate(column, values)).collect();
        // Only to ask p(t|x).
        let nobody = FollowUp::new(
            Durations::new(vec![columns.time.last; count], columns.unit.clone()),
            Events::observed(vec![false; count]),
        )?;
        let cohort = Cohort::new(nobody, covariates)?.with_treatments(
            columns
                .treatments
                .iter()
                .map(|column| Treatment::new(column.name.clone(), vec![false; count]))
                .collect(),
        )?;
        let logits = self.engine.treatment_logits(self.rows(&cohort)?.view())?;
        let given =
            logits.mapv(|logit| rng.random::<f64>() < 1.0 / (1.0 + (-f64::from(logit)).exp()));
        let treatments = columns.treatments.iter().zip(given.columns());
        let treatments = treatments
            .map(|(column, given)| Treatment::new(column.name.clone(), given.to_vec()))
            .collect();
        let numbers = given.mapv(|given| f32::from(u8::from(given)));
        let (times, observed) = self.draw_times(&z, &numbers, rng)?;
        let follow_up =
            FollowUp::new(Durations::new(times, columns.unit.clone()), Events::observed(observed))?;
        let covariates = cohort.covariates().to_vec();
        Ok((Cohort::new(follow_up, covariates)?.with_treatments(treatments)?, z))
    }

    /// y ~ p(y|t, z), censored at the last time.
    fn draw_times(
        &self,
        z: &Array2<f32>,
        treatments: &Array2<f32>,
        rng: &mut rand_chacha::ChaCha8Rng,
    ) -> Result<(Vec<f64>, Vec<bool>)> {
        let patients = self.conditional_times(z, treatments)?;
        let last = self.configuration.columns.time.last;
        let draw = |patient: usize| {
            let time = patients.distribution(patient).quantile(rng.random::<f64>());
            (time.min(last), time <= last)
        };
        Ok((0..patients.len()).map(draw).unzip())
    }
}
