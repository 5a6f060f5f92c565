//! Parts and variants of a set of images: selections, splits, batches.

use std::collections::{BTreeMap, BTreeSet};

use ndarray::Axis;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::images::{Images, Label};
use super::partition::{Partition, shuffled};
use crate::error::{Error, Result};

impl<const H: usize, const W: usize> Images<H, W> {
    /// The images at `indices` with their labels, in that order; an index may come repeatedly.
    ///
    /// # Errors
    /// When an index is not below [`len`](Self::len).
    pub fn select(&self, indices: &[usize]) -> Result<Self> {
        indices.iter().try_for_each(|&index| self.check_index(index))?;
        Ok(self.rows(indices))
    }

    /// The first `n` images, or all if there are fewer.
    pub fn take(&self, n: usize) -> Self {
        self.rows(&(0..n.min(self.len())).collect::<Vec<_>>())
    }

    /// The images whose label `name` is `value`, in their order. There may be none.
    ///
    /// # Errors
    /// When there is no such label.
    pub fn filter(&self, name: &str, value: u32) -> Result<Self> {
        let values = self.label(name)?;
        Ok(self.rows(&positions(values, |v| v == value)))
    }

    /// Two random parts: about `share` of the images, and the rest. Each image is in one of them,
    /// both have at least one, and the same `seed` gives the same parts.
    ///
    /// ```
    /// use elbo::data::handwriting;
    ///
    /// let images = handwriting().writers(4).repeats(1).images::<28>();
    /// let (train, test) = images.split(0.75, 1)?;
    /// assert_eq!((train.len(), test.len()), (30, 10));
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// When `share` is not between 0 and 1, or there are fewer than two images.
    pub fn split(&self, share: f64, seed: u64) -> Result<(Self, Self)> {
        Partition::at_random(share).split(self, seed)
    }

    /// Two parts that share no value of the label `name`: about `share` of its values, and the
    /// others. Split by writer, a model is tested on people it has never seen. Each part keeps
    /// the order of its images, and the same `seed` gives the same parts.
    ///
    /// # Errors
    /// When there is no such label, it has fewer than two distinct values, or `share` is not
    /// between 0 and 1.
    pub fn split_by(&self, name: &str, share: f64, seed: u64) -> Result<(Self, Self)> {
        Partition::between(name, share).split(self, seed)
    }

    /// All images of `count` randomly chosen values of the label `name`, of those that have at least
    /// `least` images, and all other images. So many writers to be told apart, with enough images
    /// each, and the other people, whose names are not asked for. Each part keeps the order of its
    /// images, and the same `seed` gives the same parts.
    ///
    /// ```
    /// use elbo::data::handwriting;
    ///
    /// let images = handwriting().writers(5).repeats(1).images::<28>();
    /// let (known, others) = images.choose_values("writer", 3, 10, 0)?;
    /// assert_eq!((known.len(), others.len()), (30, 20));
    /// assert!(images.choose_values("writer", 3, 11, 0).is_err());
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::UnknownLabel`] when there is no such label; [`Error::Setting`] when fewer than
    /// `count` of its values have so many images.
    pub fn choose_values(
        &self,
        name: &str,
        count: usize,
        least: usize,
        seed: u64,
    ) -> Result<(Self, Self)> {
        let values = self.label(name)?;
        let mut images: BTreeMap<u32, usize> = BTreeMap::new();
        values.iter().for_each(|&value| *images.entry(value).or_default() += 1);
        let frequent = images.into_iter().filter(|&(_, images)| images >= least);
        let order = shuffled(frequent.map(|(value, _)| value).collect(), seed);
        if order.len() < count {
            let requirement = format!(
                "{} values of the label {name:?} have at least {least} images; ask for fewer values \
                 or fewer images of each",
                order.len()
            );
            return Err(Error::setting("the number of values", count, requirement));
        }
        let chosen: BTreeSet<u32> = order[..count].iter().copied().collect();
        let (inside, outside): (Vec<usize>, Vec<usize>) =
            (0..values.len()).partition(|&index| chosen.contains(&values[index]));
        Ok((self.rows(&inside), self.rows(&outside)))
    }

    /// All images once, in random order, `size` at a time (at least one); the last batch has what
    /// is left. Use another `seed` for each epoch.
    pub fn batches(&self, size: usize, seed: u64) -> impl Iterator<Item = Self> {
        let order = shuffled((0..self.len()).collect(), seed);
        let size = size.max(1);
        let starts = (0..order.len()).step_by(size);
        starts.map(move |start| self.rows(&order[start..(start + size).min(order.len())]))
    }

    /// Black-and-white images: each pixel becomes 1 with the probability that its gray value
    /// states, else 0 (the usual preparation for a Bernoulli decoder). The same `seed` gives the
    /// same draws.
    pub fn binarised(&self, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        // The draw lies in [0, 1), so 1 always stays 1 and 0 stays 0.
        self.with_pixels(|value| if rng.random::<f32>() < value { 1.0 } else { 0.0 })
    }

    /// Ink and paper exchanged, for scans that are black on white.
    pub fn inverted(&self) -> Self {
        self.with_pixels(|value| 1.0 - value)
    }

    /// These images followed by `others`.
    ///
    /// # Errors
    /// When one of the two has a label that the other lacks.
    pub fn concat(&self, others: &Self) -> Result<Self> {
        others.label_names().try_for_each(|name| self.label(name).map(|_| ()))?;
        let join = |label: &Label| -> Result<Label> {
            let values = [label.values.as_slice(), others.label(&label.name)?].concat();
            Ok(Label { name: label.name.clone(), values })
        };
        let labels = self.labels.iter().map(join).collect::<Result<_>>()?;
        let mut pixels = self.pixels.clone();
        pixels.append(Axis(0), others.pixels.view()).map_err(|_| Error::Shape {
            what: "the images to append".into(),
            got: others.pixels.shape().to_vec(),
            want: vec![others.len(), H * W],
            advice: "append images of the same size".into(),
        })?;
        Ok(Self { pixels, labels })
    }

    /// The images at `indices`, which are known to be below the length.
    pub(super) fn rows(&self, indices: &[usize]) -> Self {
        Self {
            pixels: self.pixels.select(Axis(0), indices),
            labels: self.labels.iter().map(|label| label.pick(indices)).collect(),
        }
    }

    fn with_pixels(&self, change: impl FnMut(f32) -> f32) -> Self {
        let mut pixels = self.pixels.clone();
        pixels.mapv_inplace(change);
        Self { pixels, labels: self.labels.clone() }
    }
}

fn positions(values: &[u32], keep: impl Fn(u32) -> bool) -> Vec<usize> {
    values.iter().enumerate().filter(|&(_, &v)| keep(v)).map(|(index, _)| index).collect()
}
