//! Loops over rows: spread over the cores, each compiled for the widest vectors of the machine.
//!
//! A row is always computed by one thread in one order, so results do not depend on the number
//! of threads.

use pulp::Arch;
use rayon::prelude::*;

/// Below this many elements a loop runs on the calling thread.
const PARALLEL_FROM: usize = 1 << 14;

/// Calls `body(row, output_row)` for every row of `width` values of `output`.
pub(crate) fn for_each_row<F>(output: &mut [f32], width: usize, work_per_row: usize, body: F)
where
    F: Fn(usize, &mut [f32]) + Sync,
{
    if output.is_empty() || width == 0 {
        return;
    }
    let rows = output.len() / width;
    let run = |first: usize, block: &mut [f32]| {
        Arch::new().dispatch(
            #[inline(always)]
            || {
                for (offset, row) in block.chunks_exact_mut(width).enumerate() {
                    body(first + offset, row);
                }
            },
        );
    };
    let threads = rayon::current_num_threads();
    if threads == 1 || rows == 1 || rows * work_per_row < PARALLEL_FROM {
        return run(0, output);
    }
    let block = rows.div_ceil(threads);
    output
        .par_chunks_mut(block * width)
        .enumerate()
        .for_each(|(index, chunk)| run(index * block, chunk));
}

/// As [`for_each_row`], with two outputs of the same shape.
pub(crate) fn for_each_row_pair<F>(first: &mut [f32], second: &mut [f32], width: usize, body: F)
where
    F: Fn(usize, &mut [f32], &mut [f32]) + Sync,
{
    if first.is_empty() || width == 0 {
        return;
    }
    let rows = first.len() / width;
    let run = |start: usize, first: &mut [f32], second: &mut [f32]| {
        Arch::new().dispatch(
            #[inline(always)]
            || {
                let rows = first.chunks_exact_mut(width).zip(second.chunks_exact_mut(width));
                for (offset, (first, second)) in rows.enumerate() {
                    body(start + offset, first, second);
                }
            },
        );
    };
    let threads = rayon::current_num_threads();
    if threads == 1 || rows == 1 || first.len() < PARALLEL_FROM {
        return run(0, first, second);
    }
    let block = rows.div_ceil(threads);
    first
        .par_chunks_mut(block * width)
        .zip(second.par_chunks_mut(block * width))
        .enumerate()
        .for_each(|(index, (first, second))| run(index * block, first, second));
}

/// Adds every row of `matrix` to `sum`.
pub(crate) fn add_rows(sum: &mut [f32], matrix: &[f32]) {
    Arch::new().dispatch(|| {
        for row in matrix.chunks_exact(sum.len()) {
            for (sum, value) in sum.iter_mut().zip(row) {
                *sum += value;
            }
        }
    });
}

/// Number of partial sums: two vectors of the widest registers.
const LANES: usize = 32;

/// Σᵢ f(aᵢ, bᵢ), in a fixed order of partial sums.
#[inline(always)]
pub(crate) fn sum_of<F: Fn(f32, f32) -> f32>(a: &[f32], b: &[f32], f: F) -> f32 {
    let mut partial = [0.0f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail = a_chunks.remainder().iter().zip(b_chunks.remainder());
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            partial[lane] += f(a[lane], b[lane]);
        }
    }
    let tail: f32 = tail.map(|(a, b)| f(*a, *b)).sum();
    partial.iter().sum::<f32>() + tail
}

/// Σᵢ f(aᵢ, bᵢ, cᵢ), in a fixed order of partial sums.
#[inline(always)]
pub(crate) fn sum_of_three<F: Fn(f32, f32, f32) -> f32>(
    a: &[f32],
    b: &[f32],
    c: &[f32],
    f: F,
) -> f32 {
    let mut partial = [0.0f32; LANES];
    let (a_chunks, b_chunks, c_chunks) =
        (a.chunks_exact(LANES), b.chunks_exact(LANES), c.chunks_exact(LANES));
    let tail = a_chunks.remainder().iter().zip(b_chunks.remainder()).zip(c_chunks.remainder());
    for ((a, b), c) in a_chunks.zip(b_chunks).zip(c_chunks) {
        for lane in 0..LANES {
            partial[lane] += f(a[lane], b[lane], c[lane]);
        }
    }
    let tail: f32 = tail.map(|((a, b), c)| f(*a, *b, *c)).sum();
    partial.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_visited_once_with_its_number() {
        for rows in [1, 2, 3, 700] {
            let mut output = vec![0.0; rows * 50];
            for_each_row(&mut output, 50, 50, |row, values| {
                values.iter_mut().for_each(|value| *value += row as f32);
            });
            assert!(output.iter().enumerate().all(|(i, value)| *value == (i / 50) as f32));
            let mut second = vec![0.0; rows * 50];
            for_each_row_pair(&mut output, &mut second, 50, |row, first, second| {
                first.fill(0.0);
                second.fill(row as f32);
            });
            assert!(output.iter().all(|value| *value == 0.0));
            assert!(second.iter().enumerate().all(|(i, value)| *value == (i / 50) as f32));
        }
    }

    #[test]
    fn sums_include_the_tail() {
        for length in [0, 1, 31, 32, 33, 100] {
            let ones = vec![1.0; length];
            assert_eq!(sum_of(&ones, &ones, |a, b| a + b), 2.0 * length as f32);
            assert_eq!(sum_of_three(&ones, &ones, &ones, |a, b, c| a + b + c), 3.0 * length as f32);
        }
    }
}
