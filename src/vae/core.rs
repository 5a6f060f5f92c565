//! Everything a VAE does, with sizes known at run time. [`super::Vae`] adds the sizes to the type.

use std::sync::Mutex;

use ndarray::{Array2, ArrayView2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{
    bound::Bound,
    configuration::{Configuration, Estimator},
    evidence::Evidence,
    evidence_curve::{EvidenceCurve, Sums, ascending},
    model::{Engine, Model},
};
use crate::{
    device::{Device, Kind, own_cpu},
    error::{Error, Result},
    nn::CHUNK,
    train::{Terms, Training},
};

pub(super) struct Core {
    pub configuration: Configuration,
    pub engine: Box<dyn Engine>,
    /// How far it is trained.
    pub training: Option<Training>,
    device: Device,
    /// Each call of `sample` continues it, so that a notebook run twice shows the same.
    samples: Mutex<ChaCha8Rng>,
}

/// Draws of bounds start here on every call: two models are compared on the same noise.
const EVALUATION_SEED: u64 = 0x5eed;

impl Core {
    pub fn new(configuration: Configuration, device: &Device) -> Result<Self> {
        configuration.check()?;
        let engine: Box<dyn Engine> = match &device.0 {
            Kind::Cpu => Box::new(Model::new(own_cpu(), configuration.clone())?),
            #[cfg(feature = "cuda")]
            Kind::Cuda(cuda, _) => Box::new(Model::new(cuda.clone(), configuration.clone())?),
        };
        let mut samples = ChaCha8Rng::seed_from_u64(configuration.seed);
        // The first stream initialised the networks.
        samples.set_stream(1);
        let (device, samples) = (device.clone(), Mutex::new(samples));
        Ok(Self { configuration, engine, training: None, device, samples })
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Checks the rows of a training, and remembers whether they are images.
    pub fn prepare(&mut self, rows: ArrayView2<f32>, frame: Option<(usize, usize)>) -> Result<()> {
        self.check(rows)?;
        self.configuration.frame = frame.or(self.configuration.frame);
        Ok(())
    }

    /// # Errors
    /// [`Error::Value`] naming the first cell that the emission cannot have.
    pub fn check(&self, rows: ArrayView2<f32>) -> Result<()> {
        self.configuration.emission.check_rows(rows)
    }

    pub fn sample_latent(&self, count: usize) -> Array2<f32> {
        // A panic while the lock was held leaves a generator that is as good as any.
        let mut rng = self.samples.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        Array2::from_shape_simple_fn((count, self.configuration.latent), || {
            StandardNormal.sample(&mut *rng)
        })
    }

    pub fn bound(
        &self,
        rows: ArrayView2<f32>,
        estimator: Estimator,
        draws: usize,
    ) -> Result<Bound> {
        self.check(rows)?;
        positive("draws", draws)?;
        nonempty(rows)?;
        let rng = &mut ChaCha8Rng::seed_from_u64(EVALUATION_SEED);
        let drawn = (0..draws)
            .map(|_| self.engine.bound(rows, estimator, rng))
            .collect::<Result<Vec<_>>>()?;
        let mean = |row: usize| {
            let parts: Vec<_> = drawn.iter().map(|terms| (1, terms[row])).collect();
            Terms::mean(&parts)
        };
        Ok(Bound { rows: (0..rows.nrows()).map(mean).collect(), estimator, draws })
    }

    pub fn evidence(&self, rows: ArrayView2<f32>, draws: usize) -> Result<Evidence> {
        let mut parts = Vec::new();
        self.for_log_weights(rows, draws, |weights| parts.push(Evidence::new(weights)))?;
        Ok(Evidence::joined(&parts, draws))
    }

    pub fn evidence_curve(
        &self,
        rows: ArrayView2<f32>,
        samples: &[usize],
    ) -> Result<EvidenceCurve> {
        let samples = ascending(samples)?;
        let most = samples.last().copied().unwrap_or(1);
        let mut sums = Sums::new(&samples);
        self.for_log_weights(rows, most, |weights| sums.add(weights))?;
        Ok(sums.curve())
    }

    /// Calls `take` with log p(x, z) − log q(z|x) at `draws` draws of z of some rows at a time, so
    /// that not all are in memory at once.
    fn for_log_weights(
        &self,
        rows: ArrayView2<f32>,
        draws: usize,
        mut take: impl FnMut(ArrayView2<f64>),
    ) -> Result<()> {
        self.check(rows)?;
        positive("draws", draws)?;
        nonempty(rows)?;
        let rng = &mut ChaCha8Rng::seed_from_u64(EVALUATION_SEED);
        for part in rows.axis_chunks_iter(Axis(0), CHUNK) {
            take(self.engine.log_weights(part, draws, rng)?.view());
        }
        Ok(())
    }
}

fn positive(setting: &'static str, value: usize) -> Result<()> {
    if value > 0 {
        return Ok(());
    }
    let requirement = "it must be at least 1".to_owned();
    Err(Error::Setting { setting, value: "0".to_owned(), requirement })
}

fn nonempty(rows: ArrayView2<f32>) -> Result<()> {
    if rows.nrows() > 0 {
        return Ok(());
    }
    Err(Error::Shape {
        what: "the matrix of rows".to_owned(),
        got: rows.shape().to_vec(),
        want: vec![1, rows.ncols()],
        advice: "pass at least one row".to_owned(),
    })
}
