//! Everything a semi-supervised model does, with sizes known at run time.

use std::{
    path::Path,
    sync::{Arc, Mutex},
};

use ndarray::{Array2, ArrayView2, Axis, concatenate, s};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{
    configuration::Configuration,
    engine::Engine,
    labels::{LabelSpace, RowLabels},
    model::Model,
    part::UNKNOWN,
};
use crate::{
    checkpoint::{Kind as FileKind, Saved, load_trained, save_trained},
    classify::Classes,
    data::check_one_each,
    device::{Device, Kind, device_error, own_cpu},
    error::{Error, Result},
    train::{Terms, Training, stream},
    vae::{Bound, Decoded, Estimator, Observations},
};

pub(crate) struct Core {
    pub configuration: Configuration,
    /// Of each label.
    pub classes: Vec<Classes>,
    engine: Box<dyn Engine>,
    /// How far it is trained.
    pub training: Option<Training>,
    device: Device,
    /// Rows without labels, (m, inputs and a column a label).
    unlabelled: Option<Arc<Array2<f32>>>,
    /// Each call that draws continues it, so that a notebook run twice shows the same.
    samples: Mutex<ChaCha8Rng>,
}

/// The stream of the model's seed that samples come from; the first one initialised the networks.
const SAMPLES: u64 = 1;
/// That of styles which are the same on every call.
const STYLES: u64 = 2;

/// Draws of bounds start here on every call.
const EVALUATION_SEED: u64 = 0x5eed;

impl Core {
    pub fn new(configuration: Configuration, device: &Device) -> Result<Self> {
        configuration.check()?;
        let engine: Box<dyn Engine> = match &device.0 {
            Kind::Cpu => Box::new(Model::new(own_cpu(), configuration.clone())?),
            #[cfg(feature = "cuda")]
            Kind::Cuda(cuda, _) => Box::new(Model::new(cuda.clone(), configuration.clone())?),
        };
        let samples = Mutex::new(stream(configuration.seed, SAMPLES));
        let device = device.clone();
        let classes = classes_of(&configuration)?;
        Ok(Self {
            configuration,
            classes,
            engine,
            training: None,
            device,
            unlabelled: None,
            samples,
        })
    }

    pub fn device(&self) -> &Device {
        &self.device
    }

    /// The engine and its training, to go on with.
    pub fn trainable(&mut self) -> (&mut dyn crate::train::Trainable, &mut Option<Training>) {
        (&mut *self.engine, &mut self.training)
    }

    /// The number of parameters.
    pub fn parameters(&self) -> Result<usize> {
        Ok(self.engine.tensors()?.iter().map(|(_, _, values)| values.len()).sum())
    }

    /// How many rows without labels there are to learn from.
    pub fn unlabelled_rows(&self) -> usize {
        self.unlabelled.as_ref().map_or(0, |rows| rows.nrows())
    }

    /// Rows for the training to take its unlabelled batches from, with what is known of their labels.
    pub fn set_unlabelled(
        &mut self,
        rows: ArrayView2<f32>,
        labels: &[Option<RowLabels>],
    ) -> Result<()> {
        self.configuration.emission.check_rows(rows)?;
        let unknown = vec![None; rows.nrows()];
        let values = (0..self.configuration.labels.len()).map(|label| {
            labels.get(label).and_then(Option::as_ref).map_or(&unknown, |labels| &labels.values)
        });
        let data = self.beside(rows, &values.map(Vec::as_slice).collect::<Vec<_>>())?;
        self.unlabelled = Some(Arc::new(data));
        Ok(())
    }

    /// The rows of a training beside their classes. Those that lack a label join the unlabelled ones.
    pub fn prepare(
        &mut self,
        rows: ArrayView2<f32>,
        frame: Option<(usize, usize)>,
        labels: &[RowLabels],
    ) -> Result<Array2<f32>> {
        self.configuration.emission.check_rows(rows)?;
        for labels in labels {
            check_one_each("label", labels.values.len(), rows.nrows())?;
        }
        if self.training.is_none() {
            for (space, labels) in self.configuration.labels.iter_mut().zip(labels) {
                let values: Vec<u32> = labels.values.iter().copied().flatten().collect();
                space.learn(&labels.name, &values)?;
            }
            self.classes = classes_of(&self.configuration)?;
        }
        let values: Vec<_> = labels.iter().map(|labels| labels.values.as_slice()).collect();
        let data = self.beside(rows, &values)?;
        let inputs = self.configuration.inputs;
        let lacks = |row: &usize| data.slice(s![*row, inputs..]).iter().any(|&c| c == UNKNOWN);
        let (lacking, whole): (Vec<_>, Vec<_>) = (0..data.nrows()).partition(lacks);
        if whole.is_empty() {
            return Err(Error::setting(
                "labels",
                "none",
                "a training needs at least one row with all its labels",
            ));
        }
        self.configuration.frame = frame.or(self.configuration.frame);
        self.give_unlabelled(data.view(), &lacking)?;
        Ok(if lacking.is_empty() { data } else { data.select(Axis(0), &whole) })
    }

    /// Gives the engine the unlabelled rows and those of `data` that lack a label.
    fn give_unlabelled(&mut self, data: ArrayView2<f32>, lacking: &[usize]) -> Result<()> {
        let all = match (&self.unlabelled, lacking.is_empty()) {
            (unlabelled, true) => unlabelled.clone(),
            (None, false) => Some(Arc::new(data.select(Axis(0), lacking))),
            (Some(unlabelled), false) => {
                let lacking = data.select(Axis(0), lacking);
                let joined = concatenate(Axis(0), &[unlabelled.view(), lacking.view()]);
                Some(Arc::new(joined.map_err(device_error("joining rows"))?))
            }
        };
        self.engine.set_unlabelled(all);
        Ok(())
    }

    /// Rows with a column for each label: its class, or that it is unknown.
    fn beside(&self, rows: ArrayView2<f32>, labels: &[&[Option<u32>]]) -> Result<Array2<f32>> {
        let inputs = self.configuration.inputs;
        let mut data = Array2::zeros((rows.nrows(), inputs + labels.len()));
        data.slice_mut(s![.., ..inputs]).assign(&rows);
        for (label, values) in labels.iter().enumerate() {
            check_one_each("label", values.len(), rows.nrows())?;
            let space = &self.configuration.labels[label];
            let known: Vec<u32> = values.iter().copied().flatten().collect();
            let mut classes = space.encode(&known)?.into_iter();
            for (row, value) in values.iter().enumerate() {
                let class = value.and_then(|_| classes.next());
                data[[row, inputs + label]] = class.map_or(UNKNOWN, |class| class as f32);
            }
        }
        Ok(data)
    }

    /// The classes of values, one list a label.
    fn encoded(&self, values: &[Vec<u32>]) -> Result<Vec<Vec<u32>>> {
        let labels = &self.configuration.labels;
        if values.len() != labels.len() {
            let names: Vec<&str> = labels.iter().map(|label| label.name.as_str()).collect();
            let requirement = format!("the model has the labels {names:?}: give a value for each");
            return Err(Error::setting("number of label values", values.len(), requirement));
        }
        labels.iter().zip(values).map(|(label, values)| label.encode(values)).collect()
    }

    /// q(y|x) for a label: (n, classes), rows sum to 1.
    pub fn probabilities(&self, label: usize, rows: ArrayView2<f32>) -> Result<Array2<f64>> {
        self.configuration.emission.check_rows(rows)?;
        Ok(self.engine.log_class_probs(label, rows)?.mapv(|log| f64::from(log).exp()))
    }

    /// The most probable value of a label, for every row.
    pub fn predict(&self, label: usize, rows: ArrayView2<f32>) -> Result<Vec<u32>> {
        let values = &self.configuration.labels[label].values;
        Ok(crate::latent::most_probable(self.probabilities(label, rows)?.view(), values))
    }

    /// Means and standard deviations of q(z|x, y).
    pub fn encode(
        &self,
        rows: ArrayView2<f32>,
        values: &[Vec<u32>],
    ) -> Result<(Array2<f32>, Array2<f32>)> {
        self.configuration.emission.check_rows(rows)?;
        for values in values {
            check_one_each("label", values.len(), rows.nrows())?;
        }
        self.engine.encode(rows, &self.encoded(values)?)
    }

    /// p(x|z, y), with an auxiliary variable at its mean.
    pub fn decode<const D: usize>(
        &self,
        z: ArrayView2<f32>,
        values: &[Vec<u32>],
    ) -> Result<Decoded<D>> {
        for values in values {
            check_one_each("label", values.len(), z.nrows())?;
        }
        let pair = self.engine.decode(z, &self.encoded(values)?, None)?;
        Ok(self.decoded(pair))
    }

    fn decoded<const D: usize>(&self, (mean, std): (Array2<f32>, Array2<f32>)) -> Decoded<D> {
        let Configuration { frame, emission, .. } = self.configuration;
        let rows = |values| Observations::new(values, frame);
        Decoded::new(rows(mean), rows(std), emission)
    }

    /// p(x|z, y) at `styles` draws of z, each with each of the lists of label values: all of one style
    /// in turn. Each call continues the random numbers of the model's seed.
    pub fn generate<const D: usize>(
        &self,
        styles: usize,
        values: &[Vec<u32>],
    ) -> Result<Decoded<D>> {
        // A panic while the lock was held leaves a generator that is as good as any.
        let mut rng = self.samples.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.generate_from(&mut rng, styles, values)
    }

    /// As [`Self::generate`], in the same styles on every call: to be seen again while a model trains.
    pub fn generate_again<const D: usize>(
        &self,
        styles: usize,
        values: &[Vec<u32>],
    ) -> Result<Decoded<D>> {
        self.generate_from(&mut stream(self.configuration.seed, STYLES), styles, values)
    }

    fn generate_from<const D: usize>(
        &self,
        rng: &mut ChaCha8Rng,
        styles: usize,
        values: &[Vec<u32>],
    ) -> Result<Decoded<D>> {
        let shape = (styles, self.configuration.latent);
        let z = Array2::from_shape_simple_fn(shape, || StandardNormal.sample(rng));
        let (z, values) = every(z.view(), values);
        let pair = self.engine.decode(z.view(), &self.encoded(&values)?, Some(rng))?;
        Ok(self.decoded(pair))
    }

    /// Height and width of the images that the model was trained on.
    pub fn frame(&self) -> Result<(usize, usize)> {
        let untrained = || {
            let requirement = "only images can be drawn: train on images first";
            Error::setting("grid", "a model of rows", requirement)
        };
        self.configuration.frame.ok_or_else(untrained)
    }

    /// p(x|z, y) with the styles z of rows, each with each of the lists of label values.
    pub fn restyle<const D: usize>(
        &self,
        rows: ArrayView2<f32>,
        own: &[Vec<u32>],
        values: &[Vec<u32>],
    ) -> Result<Decoded<D>> {
        let (z, _) = self.encode(rows, own)?;
        let (z, values) = every(z.view(), values);
        self.decode(z.view(), &values)
    }

    /// The bound of every row, with its labels where these are given.
    pub fn bound(
        &self,
        rows: ArrayView2<f32>,
        labels: &[Vec<Option<u32>>],
        draws: usize,
    ) -> Result<Bound> {
        self.configuration.emission.check_rows(rows)?;
        if draws == 0 {
            return Err(Error::setting("draws", draws, "it must be at least 1"));
        }
        let labels: Vec<_> = labels.iter().map(Vec::as_slice).collect();
        let data = self.beside(rows, &labels)?;
        let rng = &mut stream(EVALUATION_SEED, 0);
        let drawn = (0..draws)
            .map(|_| self.engine.bound(data.view(), rng))
            .collect::<Result<Vec<Vec<Terms>>>>()?;
        let mean = |row: usize| {
            Terms::mean(&drawn.iter().map(|terms| (1, terms[row])).collect::<Vec<_>>())
        };
        let rows = (0..rows.nrows()).map(mean).collect();
        Ok(Bound { rows, estimator: Estimator::AnalyticKl, draws })
    }

    pub fn save(&self, path: &Path, kind: FileKind) -> Result<()> {
        save_trained(path, kind, &self.configuration, &*self.engine, self.training.as_ref())
    }

    /// Reads a model whose configuration `fits`.
    pub fn load(
        path: &Path,
        kind: FileKind,
        device: &Device,
        fits: impl Fn(&Configuration) -> Result<()>,
    ) -> Result<Self> {
        let saved = Saved::read(path, kind)?;
        let configuration: Configuration = saved.configuration()?;
        fits(&configuration)?;
        let mut core = Core::new(configuration, device)
            .map_err(|error| saved.damaged(format!("its configuration is unusable: {error}")))?;
        core.training = load_trained(&saved, &mut *core.engine)?;
        Ok(core)
    }
}

fn classes_of(configuration: &Configuration) -> Result<Vec<Classes>> {
    configuration.labels.iter().map(LabelSpace::classes).collect()
}

/// Each row of z with each combination of label values, those of one z in turn. `values` has a list
/// a label, all of the same length.
fn every(z: ArrayView2<f32>, values: &[Vec<u32>]) -> (Array2<f32>, Vec<Vec<u32>>) {
    let combinations = values.first().map_or(0, Vec::len);
    let rows: Vec<usize> = (0..z.nrows() * combinations).map(|row| row / combinations).collect();
    let repeated = values.iter().map(|list| list.repeat(z.nrows())).collect();
    (z.select(Axis(0), &rows), repeated)
}
