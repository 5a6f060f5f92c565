//! The common test of every operation: the fused and the composed form against the definition in
//! f64, and their gradients against its finite differences.

use dfdx::{
    shapes::{HasShape, Rank0, Shape},
    tensor::{Cpu, OwnedTape, PutTape, Tensor, TensorFromVec, ZerosTensor},
    tensor_ops::Backward,
};
use rand::{RngExt, SeedableRng, seq::index::sample};
use rand_chacha::ChaCha8Rng;

use super::{Matrix, OpResult, storage::values};

type Tape = OwnedTape<f32, Cpu>;
type Operation<'a, S> = &'a dyn Fn(&mut Tape, &[Matrix<Cpu>]) -> OpResult<Cpu, Tensor<S, f32, Cpu>>;

/// An operation with everything that it is held against.
pub(super) struct Case<'a, S: Shape> {
    pub inputs: Vec<Matrix<Cpu>>,
    /// The operation as its formula says, in f64, from the row-major inputs.
    pub definition: &'a dyn Fn(&[Vec<f64>]) -> Vec<f64>,
    pub fused: Operation<'a, S>,
    pub composed: Operation<'a, S>,
}

/// A matrix of seeded values in (−1, 1).
pub(super) fn matrix(rows: usize, columns: usize, seed: u64) -> Matrix<Cpu> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..rows * columns).map(|_| rng.random_range(-1.0..1.0f32)).collect();
    Cpu::default().tensor_from_vec(values, (rows, columns))
}

/// The objective Σᵢ wᵢ yᵢ with distinct weights, so that no two errors cancel.
pub(super) fn weighted<S: Shape>(
    y: &Tensor<S, f32, Cpu>,
    mut tape: Tape,
) -> Tensor<Rank0, f32, Cpu, Tape> {
    let y = y.clone();
    dfdx::tensor::Tape::add_backward_op(&mut tape, move |gradients: &mut _| {
        let gradients: &mut dfdx::tensor::Gradients<f32, Cpu> = gradients;
        let gradient = gradients.get_or_alloc_mut(&y)?;
        gradient.iter_mut().enumerate().for_each(|(i, value)| *value = weight(i) as f32);
        Ok(())
    });
    Cpu::default().zeros::<Rank0>().put_tape(tape)
}

fn weight(index: usize) -> f64 {
    f64::from(
        (0.3 + ((index * 7) % 5) as f32 * 0.35) * if index.is_multiple_of(3) { -1.0 } else { 1.0 },
    )
}

/// Written so that NaN fails.
fn assert_close(got: f64, want: f64, scale: f64, what: &str) {
    // f32 arithmetic: sums of up to some hundred terms, each rounded to 6e-8 of its size.
    let tolerance = 2e-5 * scale.max(1.0);
    assert!((got - want).abs() <= tolerance, "{what}: got {got}, want {want} ± {tolerance}");
}

fn to_f64(tensor: &Matrix<Cpu>) -> Vec<f64> {
    values(tensor).iter().map(|value| f64::from(*value)).collect()
}

/// Central difference of the weighted objective in one coordinate. In f64 with h = 1e-5 its own
/// error is about 1e-10.
fn finite_difference<S: Shape>(case: &Case<S>, input: usize, coordinate: usize) -> f64 {
    let h = 1e-5;
    let objective = |shift: f64| -> f64 {
        let mut inputs: Vec<_> = case.inputs.iter().map(to_f64).collect();
        inputs[input][coordinate] += shift;
        (case.definition)(&inputs).iter().enumerate().map(|(i, y)| weight(i) * y).sum()
    };
    (objective(h) - objective(-h)) / (2.0 * h)
}

/// Checks values and gradients of both forms.
pub(super) fn check<S: Shape>(case: Case<S>) {
    let inputs: Vec<_> = case.inputs.iter().map(to_f64).collect();
    let want = (case.definition)(&inputs);
    for (form, operation) in [("fused", case.fused), ("composed", case.composed)] {
        let mut tape = Tape::default();
        let y = operation(&mut tape, &case.inputs).unwrap();
        let got = values(&y);
        assert_eq!(got.len(), want.len(), "{form}: number of values");
        for (i, (got, want)) in got.iter().zip(&want).enumerate() {
            assert_close(f64::from(*got), *want, want.abs(), &format!("{form}, value {i}"));
        }
        let gradients = weighted(&y, tape).backward();
        for (index, input) in case.inputs.iter().enumerate() {
            let gradient = gradients.get(input);
            let gradient = values(&gradient);
            let scale = gradient.iter().fold(0.0f64, |scale, g| scale.max(f64::from(g.abs())));
            for coordinate in coordinates(input.shape().num_elements()) {
                assert_close(
                    f64::from(gradient[coordinate]),
                    finite_difference(&case, index, coordinate),
                    scale,
                    &format!("{form}, gradient of input {index} at {coordinate}"),
                );
            }
        }
    }
}

/// All coordinates of small inputs, some of large ones.
fn coordinates(count: usize) -> Vec<usize> {
    let mut rng = ChaCha8Rng::seed_from_u64(count as u64);
    sample(&mut rng, count, count.min(40)).into_vec()
}
