//! How images are divided into a part to learn from and a part to test.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::image_set::Labelled;
use super::images::Images;
use crate::error::{Error, Result};
use crate::train::stream;

/// A rule that divides images into two parts at random, the first to learn from and the second to
/// test. No image is in both, and none is lost; the same seed gives the same parts.
///
/// ```
/// use elbo::data::{Partition, handwriting};
///
/// let images = handwriting().writers(10).repeats(14).images::<28>();
/// // Ten of the fourteen images of each digit by each writer, and the other four.
/// let (train, test) = Partition::by_digits(10.0 / 14.0).split(&images, 0)?;
/// assert_eq!((train.len(), test.len()), (1000, 400));
/// // All images of seven writers, and those of the other three.
/// let (train, test) = Partition::by_individuals(0.7).split(&images, 0)?;
/// assert_eq!((train.len(), test.len()), (980, 420));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Partition {
    rule: Rule,
    share: f64,
}

#[derive(Clone, Debug, PartialEq)]
enum Rule {
    AtRandom,
    Within(Vec<String>),
    Between(String),
}

impl Partition {
    /// About `share` of the images, whatever their labels, and the rest.
    pub fn at_random(share: f64) -> Self {
        Self { rule: Rule::AtRandom, share }
    }

    /// About `share` of the images of every combination of these labels' values, and the rest. A
    /// combination with one image has it in the first part.
    pub fn within<L: Into<String>>(labels: impl IntoIterator<Item = L>, share: f64) -> Self {
        Self { rule: Rule::Within(labels.into_iter().map(Into::into).collect()), share }
    }

    /// All images of about `share` of the values of `label`, and those of the others: the two parts
    /// have no value in common.
    pub fn between(label: impl Into<String>, share: f64) -> Self {
        Self { rule: Rule::Between(label.into()), share }
    }

    /// [`Self::within`] each pair of "writer" and "digit": known people write known digits again.
    pub fn by_digits(share: f64) -> Self {
        Self::within(["writer", "digit"], share)
    }

    /// [`Self::between`] the values of "writer": the test is on people never seen before.
    pub fn by_individuals(share: f64) -> Self {
        Self::between("writer", share)
    }

    /// The two parts as places of the images.
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when a label is missing; [`Error::Setting`] when the share is not
    /// between 0 and 1, both excluded, or a part would be empty.
    pub fn indices(&self, images: &dyn Labelled, seed: u64) -> Result<(Vec<usize>, Vec<usize>)> {
        check_share(self.share)?;
        match &self.rule {
            Rule::AtRandom => at_random(images.len(), self.share, seed),
            Rule::Within(labels) => within(images, labels, self.share, seed),
            Rule::Between(label) => between(images.label(label)?, self.share, seed),
        }
    }

    /// The two parts.
    ///
    /// # Errors
    /// Those of [`Self::indices`].
    pub fn split<const H: usize, const W: usize>(
        &self,
        images: &Images<H, W>,
        seed: u64,
    ) -> Result<(Images<H, W>, Images<H, W>)> {
        let (first, second) = self.indices(images, seed)?;
        Ok((images.rows(&first), images.rows(&second)))
    }
}

/// What is done, in words.
impl std::fmt::Display for Partition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let share = format!("{:.0} %", 100.0 * self.share);
        match &self.rule {
            Rule::AtRandom => write!(f, "{share} of the images"),
            Rule::Within(labels) => {
                write!(f, "{share} of the images of each {}", labels.join(", "))
            }
            Rule::Between(label) => write!(f, "all images of {share} of the {label}s"),
        }
    }
}

fn at_random(n: usize, share: f64, seed: u64) -> Result<(Vec<usize>, Vec<usize>)> {
    let mut first = shuffled((0..n).collect(), seed);
    let second = first.split_off(first_part(n, share, "images")?);
    Ok((first, second))
}

/// Each part keeps the order of its images.
fn between(values: &[u32], share: f64, seed: u64) -> Result<(Vec<usize>, Vec<usize>)> {
    let distinct: BTreeSet<u32> = values.iter().copied().collect();
    let order = shuffled(distinct.into_iter().collect(), seed);
    let first = first_part(order.len(), share, "distinct values of the label")?;
    let first: BTreeSet<u32> = order[..first].iter().copied().collect();
    Ok((0..values.len()).partition(|&index| first.contains(&values[index])))
}

/// Each part keeps the order of its images.
fn within(
    images: &dyn Labelled,
    labels: &[String],
    share: f64,
    seed: u64,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let columns: Vec<&[u32]> =
        labels.iter().map(|label| images.label(label)).collect::<Result<_>>()?;
    let mut groups: BTreeMap<Vec<u32>, Vec<usize>> = BTreeMap::new();
    for index in 0..images.len() {
        let key = columns.iter().map(|column| column[index]).collect();
        groups.entry(key).or_default().push(index);
    }
    let mut is_first = vec![false; images.len()];
    for (number, group) in groups.into_values().enumerate() {
        // Each combination has its own stream, so that none shifts the others.
        let order = mixed(group, &mut stream(seed, number as u64));
        let count = first_of(order.len(), share);
        order[..count].iter().for_each(|&index| is_first[index] = true);
    }
    if is_first.iter().all(|&first| first) {
        let requirement = format!(
            "two parts need a combination of the labels {labels:?} with at least two images; of {} \
             images none has one",
            images.len()
        );
        return Err(Error::setting("share", share, requirement));
    }
    Ok((0..is_first.len()).partition(|&index| is_first[index]))
}

pub(super) fn shuffled<T>(items: Vec<T>, seed: u64) -> Vec<T> {
    mixed(items, &mut ChaCha8Rng::seed_from_u64(seed))
}

fn mixed<T>(mut items: Vec<T>, rng: &mut impl Rng) -> Vec<T> {
    items.shuffle(rng);
    items
}

fn check_share(share: f64) -> Result<()> {
    if share > 0.0 && share < 1.0 {
        return Ok(());
    }
    let requirement = "the share of the first part lies between 0 and 1, both excluded";
    Err(Error::setting("share", share, requirement))
}

/// How many of `n` `things` make up `share` of them, so that neither part is empty.
fn first_part(n: usize, share: f64, things: &str) -> Result<usize> {
    if n < 2 {
        let requirement = format!("two parts need at least two {things}; there are {n}");
        return Err(Error::setting("share", share, requirement));
    }
    Ok(first_of(n, share))
}

/// About `share` of `n`: at least one, and not all of two or more.
fn first_of(n: usize, share: f64) -> usize {
    ((n as f64 * share).round() as usize).clamp(1, n.saturating_sub(1).max(1))
}
