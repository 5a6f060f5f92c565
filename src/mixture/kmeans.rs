//! Where EM starts: k-means++ (Arthur and Vassilvitskii 2007), then Lloyd's algorithm.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rayon::prelude::*;

/// How much work is put into clusters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Centres are the best of a few draws, then Lloyd's algorithm until it stands: tight clusters,
    /// often the same ones.
    Thorough,
    /// Centres as drawn and two rounds of Lloyd's algorithm: clusters of more variety.
    Hasty,
}

impl Effort {
    /// Draws for each centre.
    fn trials(self, clusters: usize) -> usize {
        match self {
            Effort::Thorough => 2 + (clusters as f64).ln() as usize,
            Effort::Hasty => 1,
        }
    }

    /// The most rounds of Lloyd's algorithm.
    fn rounds(self) -> usize {
        match self {
            Effort::Thorough => 100,
            Effort::Hasty => 2,
        }
    }
}

/// The cluster of every row. There are at least as many rows as clusters.
pub(crate) fn kmeans(
    x: ArrayView2<f64>,
    clusters: usize,
    effort: Effort,
    rng: &mut ChaCha8Rng,
) -> Vec<usize> {
    let mut centres = seeding(x, clusters, effort.trials(clusters), rng);
    let mut labels = Vec::new();
    for _ in 0..effort.rounds() {
        let nearest = nearest(x, &centres);
        let moved = nearest.iter().map(|(label, _)| *label).collect::<Vec<_>>();
        if moved == labels {
            break;
        }
        labels = moved;
        fill_empty(&mut labels, &nearest, clusters);
        centres = means(x, &labels, clusters);
    }
    labels
}

/// Centres far apart: each is a row drawn with a probability proportional to its squared distance
/// from the nearest centre so far, the best of `trials` such draws.
fn seeding(
    x: ArrayView2<f64>,
    clusters: usize,
    trials: usize,
    rng: &mut ChaCha8Rng,
) -> Array2<f64> {
    let mut centres = Array2::zeros((clusters, x.ncols()));
    let first = rng.random_range(0..x.nrows());
    centres.row_mut(0).assign(&x.row(first));
    let mut distances = distances_to(x, x.row(first));
    for k in 1..clusters {
        let candidates = (0..trials).map(|_| {
            let row = draw(&distances, rng);
            let to = distances_to(x, x.row(row));
            let nearest: Array1<f64> = to.iter().zip(&distances).map(|(a, b)| a.min(*b)).collect();
            (row, nearest)
        });
        let best = candidates.min_by(|a, b| a.1.sum().total_cmp(&b.1.sum()));
        if let Some((row, nearest)) = best {
            centres.row_mut(k).assign(&x.row(row));
            distances = nearest;
        }
    }
    centres
}

/// A row with a probability proportional to its weight; any row when all weights are zero.
fn draw(weights: &Array1<f64>, rng: &mut ChaCha8Rng) -> usize {
    let total = weights.sum();
    if total <= 0.0 {
        return rng.random_range(0..weights.len());
    }
    let mut left = rng.random::<f64>() * total;
    for (row, weight) in weights.iter().enumerate() {
        left -= weight;
        if left < 0.0 {
            return row;
        }
    }
    weights.len() - 1
}

fn distances_to(x: ArrayView2<f64>, centre: ArrayView1<f64>) -> Array1<f64> {
    x.axis_iter(Axis(0)).map(|row| squared_distance(row, centre)).collect()
}

fn squared_distance(a: ArrayView1<f64>, b: ArrayView1<f64>) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum()
}

/// The nearest centre of every row and the squared distance to it.
fn nearest(x: ArrayView2<f64>, centres: &Array2<f64>) -> Vec<(usize, f64)> {
    let nearest = |row: usize| {
        let distances = centres.rows().into_iter().map(|c| squared_distance(x.row(row), c));
        distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((0, 0.0))
    };
    (0..x.nrows()).into_par_iter().map(nearest).collect()
}

/// A cluster without rows gets the row that is farthest from its centre, among clusters with more
/// than one row.
fn fill_empty(labels: &mut [usize], nearest: &[(usize, f64)], clusters: usize) {
    let mut counts = vec![0usize; clusters];
    labels.iter().for_each(|&label| counts[label] += 1);
    for cluster in 0..clusters {
        if counts[cluster] > 0 {
            continue;
        }
        let others = (0..labels.len()).filter(|&row| counts[labels[row]] > 1);
        let farthest = others.max_by(|&a, &b| nearest[a].1.total_cmp(&nearest[b].1));
        if let Some(row) = farthest {
            counts[labels[row]] -= 1;
            counts[cluster] += 1;
            labels[row] = cluster;
        }
    }
}

fn means(x: ArrayView2<f64>, labels: &[usize], clusters: usize) -> Array2<f64> {
    let mut means = Array2::zeros((clusters, x.ncols()));
    let mut counts = Array1::<f64>::zeros(clusters);
    for (row, &label) in x.rows().into_iter().zip(labels) {
        let mut mean = means.row_mut(label);
        mean += &row;
        counts[label] += 1.0;
    }
    means / counts.mapv(|count| count.max(1.0)).insert_axis(Axis(1))
}
