//! The data's side of the gap: computed once, used in every step.

use std::{ops::Range, sync::OnceLock};

use ndarray::{Array1, Array2, ArrayView2, Axis, s};

use super::super::{Backend, Matrix, OpResult};
use crate::linalg::{ordered_sum, scatter};

/// x̄ and the sample covariance S of n rows, so that DE = S + x̄x̄ᵀ (lecture, eq. 26).
#[derive(Debug)]
pub(crate) struct ObservedMoments {
    /// n
    pub rows: usize,
    /// x̄ in single precision, which is the centre c of everything else, (D).
    pub mean: Vec<f32>,
    /// x̄ − c, what the rounding took, (D).
    pub rounding: Vec<f32>,
    /// x − x̄, (n, D). Kept where it is smaller than S.
    pub centred: Option<Array2<f32>>,
    pub(super) covariance: OnceLock<Vec<f32>>,
}

impl ObservedMoments {
    /// Of the rows of `data` numbered `rows`, at least two.
    pub fn new(data: ArrayView2<f32>, rows: &[usize]) -> Self {
        let (count, width) = (rows.len(), data.ncols());
        let sums = ordered_sum(count, (1, width), |range| {
            let block = data.select(Axis(0), &rows[range]).mapv(f64::from);
            block.sum_axis(Axis(0)).insert_axis(Axis(0))
        });
        let exact: Vec<f64> = sums.iter().map(|sum| sum / count as f64).collect();
        let mean: Array1<f32> = exact.iter().map(|value| *value as f32).collect();
        let rounding = exact.iter().zip(&mean).map(|(x, c)| (x - f64::from(*c)) as f32).collect();
        let mut observed = Self {
            rows: count,
            mean: mean.to_vec(),
            rounding,
            centred: None,
            covariance: OnceLock::new(),
        };
        if count < width {
            observed.centred = Some(data.select(Axis(0), rows) - &mean);
        } else {
            let centre = mean.mapv(f64::from);
            let covariance =
                scatter_of((count, width), centre, |range| data.select(Axis(0), &rows[range]));
            observed.covariance = OnceLock::from(covariance);
        }
        observed
    }

    /// D
    pub fn width(&self) -> usize {
        self.mean.len()
    }

    /// S, row-major (D, D).
    pub fn covariance(&self) -> &[f32] {
        self.covariance.get_or_init(|| {
            let centred = self.centred.as_ref();
            scatter_of((self.rows, self.width()), Array1::zeros(self.width()), |range| {
                centred.map(|rows| rows.slice(s![range, ..]).to_owned()).unwrap_or_default()
            })
        })
    }

    /// The same on a device.
    pub fn upload<B: Backend>(&self, device: &B) -> OpResult<B, DeviceMoments<B>> {
        let width = self.width();
        let matrix = |shape, values: &[f32]| {
            device.upload(shape, |target: &mut [f32]| target.copy_from_slice(values))
        };
        let mut identity = vec![0.0; width * width];
        identity.iter_mut().step_by(width + 1).for_each(|value| *value = 1.0);
        Ok(DeviceMoments {
            mean: matrix((1, width), &self.mean)?,
            covariance: matrix((width, width), self.covariance())?,
            identity: matrix((width, width), &identity)?,
        })
    }
}

/// Σ (x − c)(x − c)ᵀ/(n − 1), row-major, of n rows of D values that come in blocks; summed in double
/// precision.
fn scatter_of(
    (rows, width): (usize, usize),
    centre: Array1<f64>,
    block: impl Fn(Range<usize>) -> Array2<f32> + Sync,
) -> Vec<f32> {
    let sum = ordered_sum(rows, (width, width), |range| {
        scatter(block(range).mapv(f64::from).view(), centre.view(), None)
    });
    let scale = 1.0 / (rows as f64 - 1.0);
    sum.iter().map(|value| (value * scale) as f32).collect()
}

/// [`ObservedMoments`] as tensors.
pub(crate) struct DeviceMoments<B: Backend> {
    /// (1, D)
    pub mean: Matrix<B>,
    /// (D, D)
    pub covariance: Matrix<B>,
    /// (D, D)
    pub identity: Matrix<B>,
}
