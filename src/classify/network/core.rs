//! What all networks that classify images have in common, compiled once for all sizes.

use std::path::Path;

use ndarray::{Array1, Array2, ArrayView2, s};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::committee::{Committee, Member, SideBySide};
use crate::{
    checkpoint::{Kind as FileKind, Saved, load_trained, save_trained},
    classify::{Classes, check_frame},
    data::ImageSet,
    device::{Device, Kind, device_error, own_cpu},
    error::{Error, Result},
    nn::{Architecture, ClassNetwork, Columns, Inputs, Learner, Trained},
    ops::OpResult,
    train::{Training, stream},
};

/// The network or the committee on its device.
pub(super) type Engine = Box<dyn Learner<()>>;

/// The settings of a network with what its images decide.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Configuration {
    /// Height and width of an image.
    pub frame: (usize, usize),
    pub architecture: Architecture,
    /// How many networks vote, if it is a committee.
    pub members: Option<usize>,
    pub target: Labelling,
    pub predictors: Vec<Labelling>,
    pub seed: u64,
}

/// A label and the values that it had in the images of the fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Labelling {
    pub label: String,
    pub values: Vec<u32>,
}

impl Labelling {
    /// # Errors
    /// [`Error::UnknownLabel`] when there is no such label, [`Error::Shape`] without images.
    pub fn of(images: &dyn ImageSet, label: &str) -> Result<Self> {
        let classes = Classes::of(label, images.label(label)?)?;
        Ok(Self { label: label.to_owned(), values: classes.values().to_vec() })
    }

    fn classes(&self) -> Result<Classes> {
        Classes::of(&self.label, &self.values)
    }
}

/// A network of images, or a committee of them, and its training.
pub(super) struct Core {
    pub configuration: Configuration,
    pub classes: Classes,
    predictors: Vec<Classes>,
    pub engine: Engine,
    pub device: Device,
    pub training: Option<Training>,
}

impl Core {
    /// Fresh parameters.
    ///
    /// # Errors
    /// [`Error::Device`] when the device has no room.
    pub fn new(configuration: Configuration, device: Device) -> Result<Self> {
        let classes = configuration.target.classes()?;
        let predictors = configuration.predictors.iter().map(Labelling::classes);
        let predictors: Vec<Classes> = predictors.collect::<Result<_>>()?;
        let engine = match &device.0 {
            Kind::Cpu => engine_on(own_cpu, &configuration)?,
            #[cfg(feature = "cuda")]
            Kind::Cuda(cuda, _) => engine_on(|| cuda.clone(), &configuration)?,
        };
        Ok(Self { configuration, classes, predictors, engine, device, training: None })
    }

    /// The pixels and the classes of the predictors, a row an image: what the network sees.
    fn inputs(&self, images: &dyn ImageSet, more: usize) -> Result<Array2<f32>> {
        check_frame(images, self.configuration.frame)?;
        let pixels = images.pixels();
        let (n, inputs) = pixels.dim();
        let mut rows = Array2::zeros((n, inputs + self.predictors.len() + more));
        rows.slice_mut(s![.., ..inputs]).assign(&pixels);
        for (number, predictor) in self.predictors.iter().enumerate() {
            rows.column_mut(inputs + number).assign(&numbers(predictor, images)?);
        }
        Ok(rows)
    }

    /// The same with the class to be predicted as the last column: what the network learns from.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when the images lack a label, [`Error::Setting`] for a value that is
    /// none of the classes, [`Error::Shape`] for images of another size.
    pub fn examples(&self, images: &dyn ImageSet) -> Result<Array2<f32>> {
        let mut rows = self.inputs(images, 1)?;
        let last = rows.ncols() - 1;
        rows.column_mut(last).assign(&numbers(&self.classes, images)?);
        Ok(rows)
    }

    /// log p(class|image), (n, classes).
    pub fn log_probabilities(&self, images: &dyn ImageSet) -> Result<Array2<f64>> {
        let rows = self.inputs(images, 0)?;
        let values = self.engine.output((), rows.view(), self.classes.len())?;
        Ok(values.mapv(f64::from))
    }

    pub fn save(&self, kind: FileKind, path: &Path) -> Result<()> {
        save_trained(path, kind, &self.configuration, &*self.engine, self.training.as_ref())
    }

    pub fn load(
        kind: FileKind,
        frame: (usize, usize),
        path: &Path,
        device: &Device,
    ) -> Result<Self> {
        let saved = Saved::read(path, kind)?;
        let configuration: Configuration = saved.configuration()?;
        let (height, width) = configuration.frame;
        if (height, width) != frame {
            return Err(Error::Shape {
                what: format!("the images of the model in {}", path.display()),
                got: vec![height, width],
                want: vec![frame.0, frame.1],
                advice: format!("load it as {}::<{height}, {width}>", kind.name),
            });
        }
        let mut core = Self::new(configuration, device.clone())
            .map_err(|error| saved.damaged(format!("its configuration is unusable: {error}")))?;
        core.training = load_trained(&saved, &mut *core.engine)?;
        Ok(core)
    }
}

/// The classes of the images, counted from zero.
fn numbers(classes: &Classes, images: &dyn ImageSet) -> Result<Array1<f32>> {
    let numbers = classes.encode(images.label(classes.label())?)?;
    Ok(numbers.into_iter().map(|number| number as f32).collect())
}

/// The network, or as many as are members.
fn engine_on<B: SideBySide>(
    device: impl Fn() -> B,
    configuration: &Configuration,
) -> Result<Engine> {
    let error = device_error("building the network");
    let Some(members) = configuration.members else {
        let rng = &mut stream(configuration.seed, 0);
        return Ok(Box::new(member(device(), configuration, rng).map_err(error)?));
    };
    let members = (0..members as u64)
        .map(|number| member(device(), configuration, &mut stream(configuration.seed, number)));
    let members = members.collect::<OpResult<B, Vec<_>>>().map_err(error)?;
    Ok(Box::new(Committee::new(members, configuration.target.values.len(), configuration.seed)))
}

fn member<B: SideBySide>(
    device: B,
    configuration: &Configuration,
    rng: &mut ChaCha8Rng,
) -> OpResult<B, Member<B>> {
    let Configuration { frame, architecture, target, predictors, .. } = configuration;
    let classes = target.values.len();
    let given: Vec<usize> = predictors.iter().map(|predictor| predictor.values.len()).collect();
    let beside = Inputs { widths: &[], classes: &given };
    let network = ClassNetwork::new(&device, architecture, *frame, beside, classes, rng)?;
    let inputs = frame.0 * frame.1;
    let columns = Columns { inputs, labels: predictors.len(), classes: Some(classes) };
    Trained::new(device, network, columns)
}

/// The mean over the images of the log-probability of their class, the last column of `examples`.
pub(super) fn mean_of_own_class(log_probabilities: &Array2<f32>, examples: ArrayView2<f32>) -> f64 {
    let own = log_probabilities.rows().into_iter().zip(examples.rows());
    let own = own.map(|(row, example)| f64::from(row[example[example.len() - 1] as usize]));
    own.sum::<f64>() / examples.nrows() as f64
}
