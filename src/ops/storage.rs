//! The only `unsafe` code of the crate: views of dfdx's CPU storage as slices, the matrix product, and
//! files as memory.
//!
//! dfdx keeps a tensor's storage private and offers copies. The hot paths need the storage itself,
//! so this module derives it from `&tensor[[0, 0]]`.
//!
//! Soundness:
//! - dfdx's `Index` returns a reference into the tensor's `Vec<f32>`. That the elements from there
//!   on lie densely, in row-major order, is checked by comparing the addresses of neighbours along
//!   each axis; strides are affine, so this fixes the position of every element.
//! - The view borrows the tensor, so the storage can be neither freed nor written to meanwhile.
//!   `IndexMut` first makes the storage unique (`Arc::make_mut`), so a mutable view aliases nothing.
//! - An address made from a reference to one element is used to reach its neighbours. That is
//!   defined under the Tree Borrows model and not under Stacked Borrows; rustc's code generation
//!   relies on neither for shared references to plain floats.
//! - [`MappedFile`] gives a file's bytes to read. Nobody may change them meanwhile; that cannot be
//!   checked, and the types that hold one say so. Every value is a valid byte.
//! - [`product`] passes pointers of slices whose lengths it has checked against the dimensions.

use std::{borrow::Cow, fs::File, io};

use dfdx::{
    shapes::{HasShape, Shape},
    tensor::{Cpu, Tensor},
};
use gemm::Parallelism;
use memmap2::Mmap;
use rayon::prelude::*;

/// The values of a tensor in row-major order; borrowed where they lie densely, else copied.
pub(crate) fn values<S: Shape>(tensor: &Tensor<S, f32, Cpu>) -> Cow<'_, [f32]> {
    if tensor.shape().num_elements() == 0 {
        return Cow::Borrowed(&[]);
    }
    if !is_dense(tensor) {
        return Cow::Owned(tensor.as_vec());
    }
    let first: *const f32 = &tensor[S::Concrete::default()];
    // SAFETY: dense (just checked), initialised floats, borrowed from `tensor` for as long as it is.
    #[allow(unsafe_code)]
    Cow::Borrowed(unsafe { std::slice::from_raw_parts(first, tensor.shape().num_elements()) })
}

/// The values of a dense tensor, to write to. Copies the storage first if a clone shares it.
///
/// # Panics
/// On a tensor that is not dense: callers only pass tensors they allocated.
pub(crate) fn values_mut<S: Shape>(tensor: &mut Tensor<S, f32, Cpu>) -> &mut [f32] {
    let count = tensor.shape().num_elements();
    if count == 0 {
        return &mut [];
    }
    assert!(is_dense(tensor), "only dense tensors are written to");
    let first: *mut f32 = &mut tensor[S::Concrete::default()];
    // SAFETY: dense and unique (`IndexMut` unshares), borrowed mutably for as long as `tensor` is.
    #[allow(unsafe_code)]
    unsafe {
        std::slice::from_raw_parts_mut(first, count)
    }
}

/// Whether every element stands where row-major order puts it.
fn is_dense<S: Shape>(tensor: &Tensor<S, f32, Cpu>) -> bool {
    let sizes: Vec<usize> = tensor.shape().concrete().into_iter().collect();
    let first: *const f32 = &tensor[S::Concrete::default()];
    let mut stride = 1;
    for axis in (0..sizes.len()).rev() {
        if sizes[axis] > 1 {
            let mut neighbour = S::Concrete::default();
            neighbour[axis] = 1;
            let address: *const f32 = &tensor[neighbour];
            if address.addr().wrapping_sub(first.addr()) != stride * size_of::<f32>() {
                return false;
            }
        }
        stride *= sizes[axis];
    }
    true
}

/// A row-major matrix to multiply, possibly read as its transpose.
#[derive(Clone, Copy)]
pub(crate) struct Factor<'a> {
    values: &'a [f32],
    /// Rows and columns of the product's factor, that is, after transposing.
    rows: usize,
    columns: usize,
    row_stride: isize,
    column_stride: isize,
}

impl<'a> Factor<'a> {
    /// `rows` × `columns` values in row-major order.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(values.len(), rows * columns, "a factor has rows × columns values");
        Self { values, rows, columns, row_stride: columns as isize, column_stride: 1 }
    }

    /// Some rows of a factor that was not transposed.
    fn between_rows(self, first: usize, last: usize) -> Self {
        assert!(self.column_stride == 1 && first <= last && last <= self.rows);
        let width = self.row_stride.unsigned_abs();
        let values = self.values.get(first * width..).unwrap_or_default();
        Self { values, rows: last - first, ..self }
    }

    /// Some columns of a factor that was not transposed.
    fn between_columns(self, first: usize, last: usize) -> Self {
        assert!(self.column_stride == 1 && first <= last && last <= self.columns);
        let values = self.values.get(first..).unwrap_or_default();
        Self { values, columns: last - first, ..self }
    }

    /// The same values read as the transpose.
    pub fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }
}

/// What to do with the values that the destination of a product holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    Overwrite,
    Add,
}

/// Below this many multiplications a product runs on the calling thread: waking another costs more.
const PARALLEL_FROM: usize = 1 << 16;

/// Rows of a tall product that a thread takes at once: each thread then packs its rows alone.
const TALL: usize = 512;

/// `destination (+)= left · right`, row-major.
pub(crate) fn product(target: &mut [f32], mode: Destination, left: Factor, right: Factor) {
    let (m, n, k) = (left.rows, right.columns, left.columns);
    assert_eq!(k, right.rows, "inner dimensions agree");
    assert_eq!(target.len(), m * n, "the destination has the product's size");
    if m * n * k < PARALLEL_FROM {
        return product_into(target, n, mode, (left, right), Parallelism::None);
    }
    if m < 2 * TALL || left.column_stride != 1 {
        return product_into(target, n, mode, (left, right), Parallelism::Rayon(0));
    }
    target.par_chunks_mut(TALL * n).enumerate().for_each(|(block, target)| {
        let rows = left.between_rows(block * TALL, m.min((block + 1) * TALL));
        product_into(target, n, mode, (rows, right), Parallelism::None);
    });
}

/// `destination = left · right` on the calling thread alone, for loops that are parallel themselves.
pub(crate) fn product_alone(target: &mut [f32], left: Factor, right: Factor) {
    assert_eq!(target.len(), left.rows * right.columns, "the destination has the product's size");
    let width = right.columns;
    product_into(target, width, Destination::Overwrite, (left, right), Parallelism::None);
}

/// At most so many rows of a Gram matrix are computed at once: few, so that little is computed
/// twice; so many that the products run at full speed.
const PANEL: usize = 120;

/// Adds the lower triangle of `xᵀx`, row-major, to the destination, for half the work of the whole.
/// Above the diagonal some entries are computed, others stay as they are.
pub(crate) fn add_lower_gram(target: &mut [f32], x: Factor) {
    let size = x.columns;
    assert_eq!(target.len(), size * size, "the destination has the product's size");
    let panels = size.div_ceil(PANEL);
    for panel in 0..panels {
        let (first, last) = (panel * size / panels, (panel + 1) * size / panels);
        let rows = &mut target[first * size..last * size];
        let (left, right) = (x.between_columns(first, last), x.between_columns(0, last));
        let factors = (left.transposed(), right);
        let parallelism = if x.rows * size * size < PARALLEL_FROM {
            Parallelism::None
        } else {
            Parallelism::Rayon(0)
        };
        product_into(rows, size, Destination::Add, factors, parallelism);
    }
}

/// Writes the product to the first columns of a destination with rows of `width` values.
fn product_into(
    target: &mut [f32],
    width: usize,
    mode: Destination,
    (left, right): (Factor, Factor),
    parallelism: Parallelism,
) {
    let (m, n, k) = (left.rows, right.columns, left.columns);
    assert_eq!(k, right.rows, "inner dimensions agree");
    assert!(n <= width && target.len() >= m * width, "the destination has the product's size");
    if m * n == 0 {
        return;
    }
    // SAFETY: `Factor`'s functions and the assertions above fix that each pointer is valid for the elements that its dimensions and strides reach; `target` is borrowed
    // mutably and so overlaps neither factor. In gemm's convention dst = alpha·dst + beta·lhs·rhs.
    #[allow(unsafe_code)]
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            target.as_mut_ptr(),
            1,
            width as isize,
            mode == Destination::Add,
            left.values.as_ptr(),
            left.column_stride,
            left.row_stride,
            right.values.as_ptr(),
            right.column_stride,
            right.row_stride,
            1.0,
            1.0,
            false,
            false,
            false,
            parallelism,
        );
    }
}

/// A file mapped into memory, to read: its bytes are fetched when they are looked at.
pub(crate) struct MappedFile(Mmap);

impl MappedFile {
    /// # Errors
    /// Those of the system.
    pub fn open(file: &File) -> io::Result<Self> {
        // SAFETY: the map is private and only read. Who holds it documents that the file must not
        // be changed meanwhile.
        #[allow(unsafe_code)]
        unsafe { Mmap::map(file) }.map(Self)
    }

    /// All bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

// These tests also run under valgrind's memcheck, see tests/memcheck.sh.
#[cfg(test)]
mod tests {
    use dfdx::{
        shapes::{Axes2, Axis},
        tensor::{Cache, TensorFrom, TensorFromVec, ZerosTensor},
        tensor_ops::{BroadcastTo, PermuteTo},
    };

    use super::*;

    fn counting(rows: usize, columns: usize) -> Tensor<(usize, usize), f32, Cpu> {
        let cpu = Cpu::default();
        cpu.enable_cache();
        cpu.tensor_from_vec((0..rows * columns).map(|i| i as f32).collect(), (rows, columns))
    }

    #[test]
    fn dense_tensors_are_borrowed() {
        for (rows, columns) in [(1, 1), (1, 7), (7, 1), (3, 5)] {
            let tensor = counting(rows, columns);
            let view = values(&tensor);
            assert!(matches!(view, Cow::Borrowed(_)), "{rows}×{columns}");
            assert_eq!(view.as_ref(), tensor.as_vec());
        }
    }

    #[test]
    fn views_of_other_layouts_are_copied_in_row_major_order() {
        let transposed = counting(2, 3).permute::<_, Axes2<1, 0>>();
        assert!(matches!(values(&transposed), Cow::Owned(_)));
        assert_eq!(values(&transposed).as_ref(), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);

        let cpu = Cpu::default();
        let row: Tensor<(usize,), f32, Cpu> = cpu.tensor_from_vec(vec![1.0, 2.0], (2,));
        let repeated: Tensor<(usize, usize), f32, Cpu> = row.broadcast_like::<_, Axis<0>>(&(3, 2));
        assert_eq!(values(&repeated).as_ref(), [1.0, 2.0, 1.0, 2.0, 1.0, 2.0]);
    }

    #[test]
    fn a_mapped_file_has_the_bytes_of_the_file() {
        let mut file = tempfile::tempfile().unwrap();
        std::io::Write::write_all(&mut file, &[3, 1, 4, 1, 5]).unwrap();
        assert_eq!(MappedFile::open(&file).unwrap().bytes(), [3, 1, 4, 1, 5]);
    }

    #[test]
    fn empty_and_scalar_tensors_are_read() {
        let cpu = Cpu::default();
        let scalar = cpu.tensor(4.0f32);
        assert_eq!(values(&scalar).as_ref(), [4.0]);
        let empty: Tensor<(usize, usize), f32, Cpu> = cpu.zeros_like(&(0, 3));
        assert!(values(&empty).is_empty());
    }

    #[test]
    fn writing_leaves_clones_untouched() {
        let mut tensor = counting(4, 3);
        let clone = tensor.clone();
        values_mut(&mut tensor)[11] = -1.0;
        assert_eq!(tensor[[3, 2]], -1.0);
        assert_eq!(clone[[3, 2]], 11.0);
        assert_eq!(values(&tensor).len(), 12);
    }

    #[test]
    fn products_agree_with_the_definition() {
        // 65 and 130 cross the block sizes of the kernels; 90·65·130 is above the parallel threshold,
        // 1030 rows are taken in blocks.
        for (m, n, k) in [(1, 1, 1), (3, 4, 5), (7, 65, 2), (90, 65, 130), (1030, 13, 7)] {
            let left: Vec<f32> = (0..m * k).map(|i| ((i * 7) % 11) as f32 - 5.0).collect();
            let right: Vec<f32> = (0..k * n).map(|i| ((i * 5) % 13) as f32 - 6.0).collect();
            let mut right_transposed = vec![0.0; k * n];
            let mut want = vec![1.0; m * n];
            for row in 0..m {
                for column in 0..n {
                    for inner in 0..k {
                        want[row * n + column] += left[row * k + inner] * right[inner * n + column];
                        right_transposed[column * k + inner] = right[inner * n + column];
                    }
                }
            }
            let factors =
                [Factor::new(&right, k, n), Factor::new(&right_transposed, n, k).transposed()];
            for factor in factors {
                let mut got = vec![1.0; m * n];
                product(&mut got, Destination::Add, Factor::new(&left, m, k), factor);
                // All values are small integers, which floats hold exactly.
                assert_eq!(got, want);
                product(&mut got, Destination::Overwrite, Factor::new(&left, m, k), factor);
                assert!(got.iter().zip(&want).all(|(got, want)| *got == want - 1.0));
            }
        }
    }

    #[test]
    fn the_lower_gram_matrix_is_a_product() {
        // One panel and several.
        for (rows, columns) in [(1, 1), (7, 601), (0, 300)] {
            let x: Vec<f32> = (0..rows * columns).map(|i| ((i * 7) % 11) as f32 - 5.0).collect();
            let x = Factor::new(&x, rows, columns);
            let (mut got, mut want) = (vec![0.0; columns * columns], vec![0.0; columns * columns]);
            add_lower_gram(&mut got, x);
            product(&mut want, Destination::Overwrite, x.transposed(), x);
            for i in 0..columns {
                assert_eq!(got[i * columns..][..=i], want[i * columns..][..=i]);
            }
        }
    }

    #[test]
    #[should_panic(expected = "inner dimensions agree")]
    fn a_product_of_unfitting_factors_is_refused() {
        let values = [0.0; 6];
        product(
            &mut [0.0; 4],
            Destination::Overwrite,
            Factor::new(&values, 2, 3),
            Factor::new(&values, 2, 3),
        );
    }

    #[test]
    fn gradients_of_dropped_tensors_do_not_outlive_their_storage() {
        let cpu = Cpu::default();
        cpu.enable_cache();
        for _ in 0..3 {
            let mut tensor: Tensor<(usize, usize), f32, Cpu> = cpu.zeros_like(&(5, 8));
            values_mut(&mut tensor).fill(2.0);
            assert_eq!(values(&tensor).iter().sum::<f32>(), 80.0);
        }
        cpu.empty_cache();
    }
}
