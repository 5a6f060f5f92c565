//! Everything a VAE does, with sizes known at run time. [`super::Vae`] adds the sizes to the type.

use std::sync::Mutex;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{
    configuration::{Configuration, Emission, Estimator},
    evidence::{Evidence, log_mean_exp},
    model::{Engine, Model},
};
use crate::{
    device::{Device, Kind, own_cpu},
    error::{Error, Result},
    train::Terms,
};

pub(super) struct Core {
    pub configuration: Configuration,
    pub engine: Box<dyn Engine>,
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
        Ok(Self { configuration, engine, device: device.clone(), samples: Mutex::new(samples) })
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
        let (range, advice) = match self.configuration.emission {
            Emission::Bernoulli => (
                0.0..=1.0,
                "a Bernoulli emission needs values in [0, 1]: rescale, or use Emission::Normal",
            ),
            _ => (f32::MIN..=f32::MAX, "remove or impute values that are not finite"),
        };
        match rows.indexed_iter().find(|(_, value)| !range.contains(*value)) {
            None => Ok(()),
            Some(((row, column), value)) => Err(Error::Value {
                what: "the data".to_owned(),
                row,
                column,
                value: f64::from(*value),
                advice: advice.to_owned(),
            }),
        }
    }

    pub fn sample_latent(&self, count: usize) -> Array2<f32> {
        // A panic while the lock was held leaves a generator that is as good as any.
        let mut rng = self.samples.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        Array2::from_shape_simple_fn((count, self.configuration.latent), || {
            StandardNormal.sample(&mut *rng)
        })
    }

    pub fn elbo(&self, rows: ArrayView2<f32>, estimator: Estimator, draws: usize) -> Result<Terms> {
        self.check(rows)?;
        positive("draws", draws)?;
        nonempty(rows)?;
        let rng = &mut ChaCha8Rng::seed_from_u64(EVALUATION_SEED);
        let mut parts = Vec::with_capacity(rows.nrows() * draws);
        for _ in 0..draws {
            let terms = self.engine.bound(rows, estimator, rng)?;
            parts.extend(terms.into_iter().map(|terms| (1, terms)));
        }
        Ok(Terms::mean(&parts))
    }

    pub fn evidence(&self, rows: ArrayView2<f32>, draws: usize) -> Result<Evidence> {
        self.check(rows)?;
        positive("draws", draws)?;
        nonempty(rows)?;
        let rng = &mut ChaCha8Rng::seed_from_u64(EVALUATION_SEED);
        let weights = self.engine.log_weights(rows, draws, rng)?;
        let log_prob: Array1<f64> =
            weights.axis_iter(Axis(0)).map(|row| log_mean_exp(row.iter().copied())).collect();
        Ok(Evidence { log_prob, draws })
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
