//! Networks without latent draws, trained by the loop of all models.

use dfdx::{
    shapes::{Axis, Rank0},
    tensor::{NoneTape, OwnedTape, PutTape, Tape},
    tensor_ops::{Backward, MeanTo},
};
use ndarray::{Array2, ArrayView2, s};
use rand_chacha::ChaCha8Rng;

use super::{
    Adam, Given, Optimised, Parameters,
    rows::{CHUNK, chunks, gather, one_hot},
};
use crate::{
    device::device_error,
    error::Result,
    ops::{Backend, Matrix, OpResult, Vector, compose},
    train::{Criterion, Snapshot, Terms, Trainable},
};

/// A network and what it maximises.
pub(crate) trait Learn<B: Backend>: Parameters<B> {
    /// Which of its outputs is asked for.
    type Part: Copy;

    /// What [`Self::objective`] is.
    const CRITERION: Criterion;

    /// The objective of every row.
    fn objective<T: Tape<f32, B>>(&self, tape: &mut T, batch: &Batch<B>) -> OpResult<B, Vector<B>>;

    /// How many rows have their class as the most probable one, if the network tells classes.
    fn right(&self, _: &Batch<B>) -> OpResult<B, Option<usize>> {
        Ok(None)
    }

    /// An output of every row, from its inputs and the classes given beside them.
    fn output(&self, part: Self::Part, x: &Matrix<B>, given: &Given) -> OpResult<B, Matrix<B>>;
}

/// Rows to learn from.
pub(crate) struct Batch<B: Backend> {
    /// The inputs, (n, inputs).
    pub x: Matrix<B>,
    /// The classes of the labels that are given beside the inputs.
    pub given: Given,
    /// The responses, (n, responses): the columns after those, or the one-hot classes of the last.
    pub y: Matrix<B>,
}

/// What the columns of a network's data are: inputs, labels that are given, responses.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Columns {
    /// Columns of inputs.
    pub inputs: usize,
    /// Columns of labels given beside them, each with the numbers of classes.
    pub labels: usize,
    /// How many classes the response has, if it is one: a column with the numbers of classes.
    pub classes: Option<usize>,
}

impl Columns {
    /// So many columns of inputs; the others are responses, numbers to be learned as they are.
    pub fn inputs(inputs: usize) -> Self {
        Self { inputs, labels: 0, classes: None }
    }
}

/// What is asked of a learning network, whatever the device.
pub(crate) trait Learner<Part>: Trainable {
    /// An output of every row: (n, inputs of the part and labels) → (n, `width`).
    fn output(&self, part: Part, x: ArrayView2<f32>, width: usize) -> Result<Array2<f32>>;

    /// The derivatives of the mean objective of all rows of `data`, by back-propagation, in the
    /// order of the parameters.
    fn gradients(&self, data: ArrayView2<f32>) -> Result<Snapshot>;
}

/// A network, its optimiser and its device.
pub(crate) struct Trained<B: Backend, N> {
    device: B,
    network: N,
    adam: Adam<B>,
    columns: Columns,
}

impl<B: Backend, N: Learn<B>> Trained<B, N> {
    /// A network that has not learned yet, and what the columns of its data are.
    pub fn new(device: B, network: N, columns: Columns) -> OpResult<B, Self> {
        let adam = Adam::new(&device, &network)?;
        Ok(Self { device, network, adam, columns })
    }

    /// One step on the rows of `data` numbered `batch`: see [`Trainable::step`].
    pub fn learn(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
    ) -> Result<Terms> {
        self.batch(data, batch)
            .and_then(|batch| self.try_step(&batch, learning_rate))
            .map_err(device_error("a training step"))
    }

    fn batch(&self, data: ArrayView2<f32>, rows: &[usize]) -> OpResult<B, Batch<B>> {
        let Columns { inputs, labels, classes } = self.columns;
        let responses = data.slice(s![.., inputs + labels..]);
        Ok(Batch {
            x: gather(&self.device, data.slice(s![.., ..inputs]), rows)?,
            given: given(data.slice(s![.., inputs..inputs + labels]), rows),
            y: match classes {
                Some(classes) => one_hot(&self.device, responses, classes, rows)?,
                None => gather(&self.device, responses, rows)?,
            },
        })
    }

    /// The mean objective of a batch, and unless it is not finite its gradients.
    fn try_gradients(
        &self,
        batch: &Batch<B>,
    ) -> OpResult<B, (Terms, Option<dfdx::tensor::Gradients<f32, B>>)> {
        let mut tape = OwnedTape::default();
        let rows = self.network.objective(&mut tape, batch)?;
        let terms = mean(&rows.as_vec());
        if !terms.elbo.is_finite() {
            return Ok((terms, None));
        }
        let loss =
            compose(&mut tape, &rows, |rows| rows.try_mean::<Rank0, Axis<0>>()?.try_negate())?;
        Ok((terms, Some(loss.put_tape(tape).try_backward()?)))
    }

    fn try_step(&mut self, batch: &Batch<B>, learning_rate: f64) -> OpResult<B, Terms> {
        let (terms, gradients) = self.try_gradients(batch)?;
        if let Some(mut gradients) = gradients {
            self.adam.update(learning_rate, &mut self.network, &mut gradients)?;
        }
        Ok(terms)
    }
}

/// The classes of the labels of some rows.
fn given(labels: ArrayView2<f32>, rows: &[usize]) -> Given {
    let of = |column: usize| rows.iter().map(|&row| labels[[row, column]] as u32).collect();
    Given { rows: rows.len(), classes: (0..labels.ncols()).map(of).collect() }
}

/// The mean of an objective as terms without a divergence.
fn mean(values: &[f32]) -> Terms {
    let sum: f64 = values.iter().copied().map(f64::from).sum();
    Terms::new(sum / values.len() as f64, 0.0)
}

impl<B: Backend, N: Learn<B>> Learner<N::Part> for Trained<B, N> {
    fn output(&self, part: N::Part, x: ArrayView2<f32>, width: usize) -> Result<Array2<f32>> {
        let inputs = x.ncols() - self.columns.labels;
        let (x, labels) = (x.slice(s![.., ..inputs]), x.slice(s![.., inputs..]));
        let mut joined = Vec::with_capacity(x.nrows() * width);
        for chunk in chunks(x.nrows()) {
            let output = gather(&self.device, x, &chunk)
                .and_then(|x| self.network.output(part, &x, &given(labels, &chunk)));
            joined.extend(output.map_err(device_error("a network"))?.as_vec());
        }
        Array2::from_shape_vec((x.nrows(), width), joined).map_err(device_error("a network"))
    }

    fn gradients(&self, data: ArrayView2<f32>) -> Result<Snapshot> {
        let compute = || {
            let all: Vec<usize> = (0..data.nrows()).collect();
            let (_, gradients) = self.try_gradients(&self.batch(data, &all)?)?;
            let Some(mut gradients) = gradients else { return Ok(Vec::new()) };
            let of = |(_, value): (String, &Matrix<B>)| {
                gradients.get_or_alloc_mut(value)?;
                // The loss is the negative objective.
                Ok(gradients.get(value).as_vec().into_iter().map(|value| -value).collect())
            };
            self.network.parameters().into_iter().map(of).collect::<OpResult<B, _>>()
        };
        compute().map_err(device_error("back-propagation"))
    }
}

impl<B: Backend, N: Learn<B>> Optimised for Trained<B, N> {
    type Device = B;
    type Network = N;

    fn optimised(&self) -> (&N, &Adam<B>) {
        (&self.network, &self.adam)
    }

    fn optimised_mut(&mut self) -> (&mut N, &mut Adam<B>) {
        (&mut self.network, &mut self.adam)
    }
}

impl<B: Backend, N: Learn<B>> Trainable for Trained<B, N> {
    fn criterion(&self) -> Criterion {
        N::CRITERION
    }

    fn step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        _: &mut ChaCha8Rng,
    ) -> Result<Terms> {
        self.learn(data, batch, learning_rate)
    }

    fn validate(&self, data: ArrayView2<f32>, rows: &[usize], _: &mut ChaCha8Rng) -> Result<Terms> {
        let (mut values, mut right) = (Vec::with_capacity(rows.len()), None);
        let mut chunk = |rows: &[usize]| -> OpResult<B, ()> {
            let batch = self.batch(data, rows)?;
            values.extend(self.network.objective(&mut NoneTape, &batch)?.as_vec());
            if let Some(more) = self.network.right(&batch)? {
                *right.get_or_insert(0) += more;
            }
            Ok(())
        };
        rows.chunks(CHUNK).try_for_each(&mut chunk).map_err(device_error("validation"))?;
        let accuracy = right.map(|right| right as f64 / rows.len() as f64);
        Ok(Terms { accuracy, ..mean(&values) })
    }
}
