//! Parts and variants of a set of images: selections, splits, batches.

use std::collections::BTreeSet;

use ndarray::Axis;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::images::{Images, Label};
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
        let order = shuffled((0..self.len()).collect(), seed);
        let first = first_part(order.len(), share, "images")?;
        Ok((self.rows(&order[..first]), self.rows(&order[first..])))
    }

    /// Two parts that share no value of the label `name`: about `share` of its values, and the
    /// others. Split by writer, a model is tested on people it has never seen. Each part keeps
    /// the order of its images, and the same `seed` gives the same parts.
    ///
    /// # Errors
    /// When there is no such label, it has fewer than two distinct values, or `share` is not
    /// between 0 and 1.
    pub fn split_by(&self, name: &str, share: f64, seed: u64) -> Result<(Self, Self)> {
        let values = self.label(name)?;
        let distinct: BTreeSet<u32> = values.iter().copied().collect();
        let order = shuffled(distinct.into_iter().collect(), seed);
        let first = first_part(order.len(), share, "distinct values of the label")?;
        let first: BTreeSet<u32> = order[..first].iter().copied().collect();
        let inside = positions(values, |v| first.contains(&v));
        let outside = positions(values, |v| !first.contains(&v));
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
    fn rows(&self, indices: &[usize]) -> Self {
        let pick = |label: &Label| Label {
            name: label.name.clone(),
            values: indices.iter().map(|&index| label.values[index]).collect(),
        };
        Self {
            pixels: self.pixels.select(Axis(0), indices),
            labels: self.labels.iter().map(pick).collect(),
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

fn shuffled<T>(mut items: Vec<T>, seed: u64) -> Vec<T> {
    items.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    items
}

/// How many of `n` things make up `share` of them, so that neither part is empty.
fn first_part(n: usize, share: f64, things: &str) -> Result<usize> {
    if !(share > 0.0 && share < 1.0) {
        return Err(Error::Setting {
            setting: "share",
            value: share.to_string(),
            requirement: "the share of the first part lies between 0 and 1, both excluded".into(),
        });
    }
    if n < 2 {
        return Err(Error::Setting {
            setting: "share",
            value: share.to_string(),
            requirement: format!("two parts need at least two {things}; there are {n}"),
        });
    }
    Ok(((n as f64 * share).round() as usize).clamp(1, n - 1))
}
