//! Everything a SAVAE does, with sizes known at run time. [`super::Savae`] adds the latent
//! dimensions to the type.

use std::sync::Arc;

use ndarray::{Array2, ArrayView2, Axis, s};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    bound::{Bound, BoundTerms},
    columns::Columns,
    configuration::{Configuration, Settings},
    model::{Engine, Model, Outcomes},
    prediction::{
        Draws, Given, Mixtures, Prediction, Predictions, Proposal, block, encoder_log_weights,
    },
};
use crate::{
    device::{Device, Kind, own_cpu},
    error::{Error, Result},
    survival::Cohort,
    train::Training,
    vae::Evidence,
};

pub(super) struct Core {
    pub configuration: Configuration,
    pub engine: Box<dyn Engine>,
    /// How far it is trained.
    pub training: Option<Training>,
    /// How predictions are made unless they are asked for otherwise.
    pub prediction: Prediction,
    pub device: Device,
}

/// Draws of bounds start here on every call: two models are compared on the same noise.
const EVALUATION_SEED: u64 = 0x5eed;

impl Core {
    pub fn new(configuration: Configuration, device: &Device) -> Result<Self> {
        configuration.settings.check()?;
        let engine: Box<dyn Engine> = match &device.0 {
            Kind::Cpu => Box::new(Model::new(own_cpu(), configuration.clone())?),
            #[cfg(feature = "cuda")]
            Kind::Cuda(cuda, _) => Box::new(Model::new(cuda.clone(), configuration.clone())?),
        };
        let (device, prediction) = (device.clone(), Prediction::new());
        Ok(Self { configuration, engine, training: None, prediction, device })
    }

    pub fn build(settings: Settings, cohort: &Cohort, device: &Device) -> Result<Self> {
        settings.check()?;
        Self::new(Configuration { settings, columns: Columns::of(cohort)? }, device)
    }

    /// The rows of a training.
    pub fn training_rows(&self, cohort: &Cohort) -> Result<Array2<f32>> {
        cohort.follow_up().check_events()?;
        self.rows(cohort)
    }

    pub fn rows(&self, cohort: &Cohort) -> Result<Array2<f32>> {
        self.configuration.columns.rows(cohort)
    }

    pub fn bound(&self, cohort: &Cohort, outcomes: Outcomes, draws: usize) -> Result<Bound> {
        positive_draws(draws)?;
        let rows = self.rows(cohort)?;
        let rng = &mut ChaCha8Rng::seed_from_u64(EVALUATION_SEED);
        let drawn = (0..draws)
            .map(|_| self.engine.bound(rows.view(), outcomes, rng))
            .collect::<Result<Vec<_>>>()?;
        let mean = |patient: usize| {
            let of: Vec<BoundTerms> = drawn.iter().map(|terms| terms[patient]).collect();
            BoundTerms::mean(of.iter())
        };
        Ok(Bound { patients: (0..rows.nrows()).map(mean).collect(), draws })
    }

    pub fn evidence(&self, cohort: &Cohort, draws: usize) -> Result<Evidence> {
        let rows = self.rows(cohort)?;
        let settings = Prediction::new().draws(draws);
        let mut parts = Vec::new();
        self.for_blocks(rows.view(), &settings, |part| {
            let mut weights =
                encoder_log_weights(&*self.engine, part, &self.configuration, &settings)?;
            let beside = self.log_prob_beside(part)?;
            weights.rows_mut().into_iter().zip(beside).for_each(|(mut row, beside)| row += beside);
            parts.push(Evidence::new(weights.view()));
            Ok(())
        })?;
        Ok(Evidence::joined(&parts, draws))
    }

    /// log p(t|x) and the constants that belong to the log-likelihood, of every row.
    fn log_prob_beside(&self, rows: ArrayView2<f32>) -> Result<Vec<f64>> {
        let blocks = self.configuration.columns.blocks();
        let logits = self.engine.treatment_logits(rows)?;
        let given = rows.slice(s![.., blocks.treatments]);
        let of = |patient: usize| {
            let cells = logits.row(patient).to_vec().into_iter().zip(given.row(patient).to_vec());
            let log_prob: f64 = cells
                .map(|(logit, given)| {
                    let signed = f64::from(if given == 1.0 { logit } else { -logit });
                    -(-signed).exp().ln_1p()
                })
                .sum();
            log_prob + f64::from(rows[[patient, blocks.constant]])
        };
        Ok((0..rows.nrows()).map(of).collect())
    }

    /// Calls `take` with so many rows at a time that their draws fit into memory.
    fn for_blocks(
        &self,
        rows: ArrayView2<f32>,
        settings: &Prediction,
        mut take: impl FnMut(ArrayView2<f32>) -> Result<()>,
    ) -> Result<()> {
        settings.check()?;
        rows.axis_chunks_iter(Axis(0), block(settings)).try_for_each(&mut take)
    }

    /// p(y|t, x) of every patient under each of `combinations` of treatments, or under the
    /// patient's own where there are none.
    pub fn predict(
        &self,
        cohort: &Cohort,
        settings: &Prediction,
        combinations: &[Option<Vec<bool>>],
    ) -> Result<Vec<Predictions>> {
        let rows = self.rows(cohort)?;
        let mut parts: Vec<Vec<Mixtures>> = combinations.iter().map(|_| Vec::new()).collect();
        self.for_blocks(rows.view(), settings, |rows| {
            let draws =
                Draws::new(&*self.engine, &self.configuration, rows, settings, Given::Covariates)?;
            let weights = Arc::new(draws.weights());
            for (part, combination) in parts.iter_mut().zip(combinations) {
                let treatments = self.treatments(rows, combination.as_deref())?;
                part.push(self.mixtures(&draws, &weights, treatments)?);
            }
            Ok(())
        })?;
        let unit = &cohort.follow_up().unit();
        let joined = |(part, combination): (Vec<Mixtures>, &Option<Vec<bool>>)| {
            let what = self.described(combination.as_deref());
            match Mixtures::joined(part) {
                Some(mixtures) => Ok(Predictions { mixtures, unit: (*unit).clone(), what }),
                None => Err(Error::setting("patients", 0, "there must be at least one")),
            }
        };
        parts.into_iter().zip(combinations).map(joined).collect()
    }

    /// The treatments of every row.
    fn treatments(
        &self,
        rows: ArrayView2<f32>,
        combination: Option<&[bool]>,
    ) -> Result<Array2<f32>> {
        let block = self.configuration.columns.blocks().treatments;
        let own = rows.slice(s![.., block]).to_owned();
        let Some(given) = combination else { return Ok(own) };
        if given.len() != own.ncols() {
            return Err(Error::Shape {
                what: "the treatments".to_owned(),
                got: vec![given.len()],
                want: vec![own.ncols()],
                advice: "say of each treatment of the model whether it is given".to_owned(),
            });
        }
        Ok(Array2::from_shape_fn(own.dim(), |(_, i)| f32::from(u8::from(given[i]))))
    }

    fn mixtures(
        &self,
        draws: &Draws,
        weights: &Arc<Array2<f64>>,
        treatments: Array2<f32>,
    ) -> Result<Mixtures> {
        let count = weights.ncols();
        // Patients with shared draws and the same treatments share their components.
        let (blocks, block) = match draws.shared {
            false => (treatments.clone(), (0..treatments.nrows()).collect()),
            true => distinct_rows(treatments.view()),
        };
        let each = Array2::from_shape_fn((blocks.nrows() * count, blocks.ncols()), |(i, j)| {
            blocks[[i / count, j]]
        });
        let z = match draws.shared && blocks.nrows() > 1 {
            false => draws.z.clone(),
            true => {
                let views: Vec<_> = (0..blocks.nrows()).map(|_| draws.z.view()).collect();
                // Views of one array always fit together.
                ndarray::concatenate(Axis(0), &views).unwrap_or_default()
            }
        };
        let parameters = self.engine.time_parameters(z.view(), each.view())?;
        let (layout, scale) = (self.configuration.time_layout(), self.configuration.columns.time);
        Ok(Mixtures::new(layout, scale, parameters.view(), block, weights.clone()))
    }

    /// The combination of treatments in words.
    pub fn described(&self, combination: Option<&[bool]>) -> String {
        let Some(given) = combination else { return "under their own treatments".to_owned() };
        let columns = &self.configuration.columns.treatments;
        let names: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        format!("under {}", super::recommendation::name_of(&names, given))
    }

    /// Every combination of treatments, none first.
    pub fn combinations(&self) -> Vec<Vec<bool>> {
        let treatments = self.configuration.columns.treatments.len();
        let given = |number: usize| (0..treatments).map(|i| number >> i & 1 == 1).collect();
        (0..1usize << treatments).map(given).collect()
    }

    /// p(y|t, z) at given z and treatments, one for each: (n, Z) and (n, treatments).
    pub fn conditional_times(&self, z: &Array2<f32>, treatments: &Array2<f32>) -> Result<Mixtures> {
        let parameters = self.engine.time_parameters(z.view(), treatments.view())?;
        let (layout, scale) = (self.configuration.time_layout(), self.configuration.columns.time);
        let certain = Arc::new(Array2::ones((z.nrows(), 1)));
        let block = (0..z.nrows()).collect();
        Ok(Mixtures::new(layout, scale, parameters.view(), block, certain))
    }

    /// Draws from the encoder's q(z|x, y), or from q(z|x) without the outcomes.
    pub fn posterior_draws(
        &self,
        rows: ArrayView2<f32>,
        settings: &Prediction,
        given: Given,
    ) -> Result<Draws> {
        let settings = settings.proposal(Proposal::Encoder);
        Draws::new(&*self.engine, &self.configuration, rows, &settings, given)
    }
}

pub(super) fn positive_draws(draws: usize) -> Result<()> {
    match draws {
        0 => Err(Error::setting("draws", 0, "it must be at least 1")),
        _ => Ok(()),
    }
}

/// The different rows, and which of them each row is.
fn distinct_rows(rows: ArrayView2<f32>) -> (Array2<f32>, Vec<usize>) {
    let mut distinct: Vec<Vec<f32>> = Vec::new();
    let mut which = Vec::with_capacity(rows.nrows());
    for row in rows.rows() {
        let found = distinct.iter().position(|other| other.iter().eq(row.iter()));
        which.push(found.unwrap_or(distinct.len()));
        if found.is_none() {
            distinct.push(row.to_vec());
        }
    }
    let shape = (distinct.len(), rows.ncols());
    let flat = distinct.into_iter().flatten().collect();
    (Array2::from_shape_vec(shape, flat).unwrap_or_default(), which)
}
