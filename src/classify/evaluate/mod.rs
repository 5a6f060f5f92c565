//! Classifiers side by side on repeated random partitions.

mod accuracy_table;
mod evaluation;
mod paired_test;
#[cfg(test)]
mod tests;

pub use accuracy_table::AccuracyTable;
pub use evaluation::{Evaluation, MethodScores};
pub use paired_test::{PairedTest, TTest};

use super::{Classes, Classifier, ConfusionMatrix};
use crate::{
    data::{Images, Partition},
    error::{Error, Result},
    latent::share_right,
    train::{Interrupt, Quiet, Rounds},
};

/// Fits a classifier to the images to learn from; the number is a seed.
type Recipe<'a, const H: usize, const W: usize> =
    Box<dyn FnMut(&Images<H, W>, u64) -> Result<Box<dyn Classifier>> + 'a>;

/// What is compared, and how; made by [`evaluate`].
pub struct Trials<'a, const H: usize, const W: usize> {
    label: String,
    partition: Partition,
    repeats: usize,
    seed: u64,
    methods: Vec<(String, Recipe<'a, H, W>)>,
}

/// Starts a comparison of classifiers of the label called `label`: unless set otherwise, on five
/// partitions by digits, ten images of fourteen to learn from.
///
/// ```
/// use elbo::{
///     classify::{MajorityVote, NearestNeighbours, evaluate},
///     data::{Partition, handwriting},
/// };
///
/// let images = handwriting().writers(8).repeats(3).images::<28>();
/// let evaluation = evaluate("digit")
///     .partition(Partition::by_individuals(0.75))
///     .repeats(3)
///     .method("majority", |train, _| MajorityVote::fit(train, "digit"))
///     .method("1-NN", |train, _| NearestNeighbours::params(1).fit(train, "digit"))
///     .run(&images)?;
/// let nearest = evaluation.of("1-NN")?;
/// assert!(nearest.mean() > evaluation.of("majority")?.mean());
/// let test = evaluation.paired("1-NN", "majority")?;
/// assert!(test.corrected.p_value < 0.05);
/// # Ok::<(), elbo::Error>(())
/// ```
pub fn evaluate<'a, const H: usize, const W: usize>(label: impl Into<String>) -> Trials<'a, H, W> {
    let partition = Partition::by_digits(10.0 / 14.0);
    Trials { label: label.into(), partition, repeats: 5, seed: 0, methods: Vec::new() }
}

impl<'a, const H: usize, const W: usize> Trials<'a, H, W> {
    /// How images are divided into those to learn from and those to test.
    pub fn partition(self, partition: Partition) -> Self {
        Self { partition, ..self }
    }

    /// How often they are.
    pub fn repeats(self, repeats: usize) -> Self {
        Self { repeats, ..self }
    }

    /// Partition number r, counted from 0, has the seed `seed` + r.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// A classifier to compare: how it is fitted to the images to learn from. The second argument is
    /// the seed of the partition, for fits that need one. Methods run in the order in which they
    /// are given, all on the same partitions.
    pub fn method<C: Classifier + 'static>(
        mut self,
        name: impl Into<String>,
        mut fit: impl FnMut(&Images<H, W>, u64) -> Result<C> + 'a,
    ) -> Self {
        let recipe: Recipe<'a, H, W> =
            Box::new(move |train, seed| Ok(Box::new(fit(train, seed)?) as Box<dyn Classifier>));
        self.methods.push((name.into(), recipe));
        self
    }

    /// Fits and tests every method on every partition of `images`. While it runs, a notebook shows
    /// how many fits are done; an interrupt keeps the partitions on which all of them are.
    ///
    /// # Errors
    /// Those of [`Partition::split`], of the fits and of [`Classifier::predict`]; [`Error::Setting`]
    /// without a method or a repeat, or when two methods have the same name.
    pub fn run(mut self, images: &Images<H, W>) -> Result<Evaluation> {
        self.check()?;
        let classes = Classes::of(&self.label, images.label(&self.label)?)?;
        let scores = |(name, _): &(String, _)| MethodScores {
            name: name.clone(),
            accuracies: Vec::new(),
            confusion: ConfusionMatrix::empty(classes.clone()),
        };
        let mut evaluation = Evaluation {
            label: self.label.clone(),
            partition: self.partition.clone(),
            sizes: Vec::new(),
            methods: self.methods.iter().map(scores).collect(),
        };
        let mut rounds = Rounds::new(self.repeats * self.methods.len(), "fits");
        // For all partitions: between two of them an interrupt must not end the process.
        let (interrupt, _quiet) = (Interrupt::listen(), Quiet::begin());
        for repeat in 0..self.repeats {
            let seed = self.seed.wrapping_add(repeat as u64);
            let (train, test) = self.partition.split(images, seed)?;
            let predicted = self.predict((&train, &test), seed, &interrupt, &mut rounds)?;
            let Some(predicted) = predicted else { break };
            let truth = test.label(&self.label)?;
            evaluation.sizes.push((train.len(), test.len()));
            for (scores, predicted) in evaluation.methods.iter_mut().zip(predicted) {
                scores.confusion.add(truth, &predicted)?;
                scores.accuracies.push(share_right(&predicted, truth));
            }
        }
        Ok(evaluation)
    }

    /// What each method predicts on one partition; `None` after an interrupt.
    fn predict(
        &mut self,
        (train, test): (&Images<H, W>, &Images<H, W>),
        seed: u64,
        interrupt: &Interrupt,
        rounds: &mut Rounds,
    ) -> Result<Option<Vec<Vec<u32>>>> {
        let mut all = Vec::with_capacity(self.methods.len());
        for (name, fit) in &mut self.methods {
            let model = fit(train, seed)?;
            // The model of an interrupted training is not the one that was asked for.
            if interrupt.is_raised() {
                return Ok(None);
            }
            all.push(model.predict(test)?);
            rounds.one_is_done(name);
        }
        Ok(Some(all))
    }

    fn check(&self) -> Result<()> {
        if self.repeats == 0 {
            return Err(Error::setting("repeats", 0, "at least one partition is needed"));
        }
        let names: Vec<&String> = self.methods.iter().map(|(name, _)| name).collect();
        let twice = (0..names.len()).any(|i| names[..i].contains(&names[i]));
        if names.is_empty() || twice {
            let requirement = "there is at least one, and each has a name of its own";
            return Err(Error::setting("the list of methods", format!("{names:?}"), requirement));
        }
        Ok(())
    }
}
