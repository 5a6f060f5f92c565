//! A committee: networks that differ in their first parameters and in the order of their images,
//! and whose probabilities are averaged (Cireşan, Meier, Gambardella and Schmidhuber 2011).

use dfdx::tensor::Cpu;
use ndarray::{Array2, ArrayView2, Axis, s};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

use super::core::mean_of_own_class;
use crate::{
    error::Result,
    nn::{ClassNetwork, Learner, Trained, rows_right},
    ops::Backend,
    train::{
        Criterion, Learnable, Moments, NamedTensor, Objective, Snapshot, Terms, Trainable, stream,
    },
};

/// One network.
pub(super) type Member<B> = Trained<B, ClassNetwork<B>>;

/// A device as a place for a committee.
pub(super) trait SideBySide: Backend {
    /// Calls `step` for every member with its number.
    fn each(
        members: &mut [Member<Self>],
        step: impl Fn(usize, &mut Member<Self>) -> Result<Terms> + Sync,
    ) -> Result<Vec<Terms>> {
        members.iter_mut().enumerate().map(|(number, member)| step(number, member)).collect()
    }
}

impl SideBySide for Cpu {
    /// As many at once as there are cores.
    fn each(
        members: &mut [Member<Self>],
        step: impl Fn(usize, &mut Member<Self>) -> Result<Terms> + Sync,
    ) -> Result<Vec<Terms>> {
        members.par_iter_mut().enumerate().map(|(number, member)| step(number, member)).collect()
    }
}

#[cfg(feature = "cuda")]
impl SideBySide for dfdx::tensor::Cuda {}

/// At least one member.
pub(super) struct Committee<B: Backend> {
    members: Vec<Member<B>>,
    /// How many classes they tell apart.
    classes: usize,
    seed: u64,
    /// For each member, the row that it learns from where the loop says another.
    orders: Vec<Vec<usize>>,
}

/// Streams of the seed that give orders; those below give first parameters.
const ORDERS: u64 = 1 << 32;

impl<B: Backend> Committee<B> {
    pub fn new(members: Vec<Member<B>>, classes: usize, seed: u64) -> Self {
        Self { members, classes, seed, orders: Vec::new() }
    }

    /// Each member's part of tensors of all.
    fn shares<'a>(&self, snapshot: &'a Snapshot) -> impl Iterator<Item = Snapshot> + use<'a, B> {
        let share = snapshot.len() / self.members.len();
        snapshot.chunks(share.max(1)).map(<[_]>::to_vec)
    }
}

/// Rows in another order: where `rows` has a row, the row that stands for it.
fn order(of_all: usize, rows: &[usize], rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut shuffled = rows.to_vec();
    shuffled.shuffle(rng);
    let mut order: Vec<usize> = (0..of_all).collect();
    rows.iter().zip(shuffled).for_each(|(&row, stands_for_it)| order[row] = stands_for_it);
    order
}

impl<B: SideBySide> Learnable for Committee<B> {
    fn set_weight_decay(&mut self, decay: f64) {
        self.members.iter_mut().for_each(|member| member.set_weight_decay(decay));
    }

    fn tensors(&self) -> Result<Vec<NamedTensor>> {
        let mut all = Vec::new();
        for (number, member) in self.members.iter().enumerate() {
            let tensors = member.tensors()?.into_iter();
            all.extend(
                tensors.map(|(name, shape, values)| {
                    (format!("member.{number}.{name}"), shape, values)
                }),
            );
        }
        Ok(all)
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<()> {
        let shares = self.shares(snapshot);
        self.members.iter_mut().zip(shares).try_for_each(|(member, share)| member.restore(&share))
    }

    fn moments(&self) -> Result<Moments> {
        let mut all = Moments { steps: 0, first: Vec::new(), second: Vec::new() };
        for member in &self.members {
            let Moments { steps, first, second } = member.moments()?;
            all.steps = steps;
            all.first.extend(first);
            all.second.extend(second);
        }
        Ok(all)
    }

    fn set_moments(&mut self, moments: Option<&Moments>) -> Result<()> {
        let Some(Moments { steps, first, second }) = moments else {
            return self.members.iter_mut().try_for_each(|member| member.set_moments(None));
        };
        let shares = self.shares(first).zip(self.shares(second));
        for (member, (first, second)) in self.members.iter_mut().zip(shares) {
            member.set_moments(Some(&Moments { steps: *steps, first, second }))?;
        }
        Ok(())
    }
}

impl<B: SideBySide> Trainable for Committee<B> {
    fn criterion(&self) -> Criterion {
        Criterion::LogLikelihood
    }

    /// The first member takes the rows as they come.
    fn begin(
        &mut self,
        data: ArrayView2<f32>,
        rows: &[usize],
        objective: &Objective,
    ) -> Result<()> {
        objective.require_elbo()?;
        let as_they_come = (0..data.nrows()).collect();
        let others = (1..self.members.len() as u64)
            .map(|number| order(data.nrows(), rows, &mut stream(self.seed, ORDERS | number)));
        self.orders = std::iter::once(as_they_come).chain(others).collect();
        Ok(())
    }

    /// One step of each member; the mean of their terms.
    fn step(
        &mut self,
        data: ArrayView2<f32>,
        batch: &[usize],
        learning_rate: f64,
        _: &mut ChaCha8Rng,
    ) -> Result<Terms> {
        let orders = &self.orders;
        let step = |number: usize, member: &mut Member<B>| {
            let batch: Vec<usize> = batch.iter().map(|&row| orders[number][row]).collect();
            member.learn(data, &batch, learning_rate)
        };
        let terms = B::each(&mut self.members, step)?;
        Ok(Terms::mean(&terms.into_iter().map(|terms| (batch.len(), terms)).collect::<Vec<_>>()))
    }

    /// The log-likelihood of the averaged probabilities.
    fn validate(&self, data: ArrayView2<f32>, rows: &[usize], _: &mut ChaCha8Rng) -> Result<Terms> {
        let examples = data.select(Axis(0), rows);
        let inputs = examples.slice(s![.., ..examples.ncols() - 1]);
        let log_probabilities = self.output((), inputs, self.classes)?;
        let own: Vec<usize> =
            examples.column(examples.ncols() - 1).iter().map(|&class| class as usize).collect();
        let all: Vec<f32> = log_probabilities.iter().copied().collect();
        let accuracy = Some(rows_right(&all, &own) as f64 / rows.len() as f64);
        let likelihood = mean_of_own_class(&log_probabilities, examples.view());
        Ok(Terms { accuracy, ..Terms::new(likelihood, 0.0) })
    }
}

impl<B: SideBySide> Learner<()> for Committee<B> {
    /// The logarithm of the members' mean probabilities.
    fn output(&self, (): (), x: ArrayView2<f32>, width: usize) -> Result<Array2<f32>> {
        let mut sum = Array2::<f64>::zeros((x.nrows(), width));
        for member in &self.members {
            sum += &member.output((), x, width)?.mapv(|value| f64::from(value).exp());
        }
        let count = self.members.len() as f64;
        Ok(sum.mapv(|sum| (sum / count).ln() as f32))
    }

    /// Of the mean of the members' objectives.
    fn gradients(&self, data: ArrayView2<f32>) -> Result<Snapshot> {
        let count = self.members.len() as f32;
        let mut all = Vec::new();
        for member in &self.members {
            let scaled = |values: Vec<f32>| values.into_iter().map(|value| value / count).collect();
            all.extend(member.gradients(data)?.into_iter().map(scaled));
        }
        Ok(all)
    }
}
