//! dfdx's tensors, shown as arrays are.

use dfdx::{
    shapes::{HasShape, Shape},
    tensor::{Storage, Tensor},
};
use ndarray::{ArrayViewD, IxDyn};

use super::element::{Called, Element};
use crate::{
    display::{MimeBundle, RichDisplay},
    error::{Error, Result},
};

/// As an array of the same shape, with its device. The numbers are copied to the host.
impl<S: Shape, E: Element, D: Storage<E>, T> RichDisplay for Tensor<S, E, D, T> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let shape: Vec<usize> = self.shape().concrete().into();
        bundle(std::any::type_name::<D>(), &shape, &self.as_vec())
    }
}

fn bundle<E: Element>(device: &str, shape: &[usize], values: &[E]) -> Result<MimeBundle> {
    // `dfdx::tensor::cpu::device::Cpu` is called `Cpu`.
    let device = device.rsplit("::").next().unwrap_or(device);
    let array = ArrayViewD::from_shape(IxDyn(shape), values).map_err(Error::drawing)?;
    E::array_bundle(Called { noun: "Tensor", device }, array)
}

#[cfg(test)]
mod tests {
    use dfdx::{
        shapes::{Rank0, Rank2},
        tensor::{Cpu, TensorFrom, TensorFromVec, Trace, ZerosTensor},
        tensor_ops::BroadcastTo,
    };

    use super::*;

    #[test]
    fn a_tensor_is_a_table_with_its_device() {
        let device = Cpu::default();
        let bundle = device.tensor([[1.5_f32, 2.0], [3.0, 4.25]]).mime_bundle().unwrap();
        let want = "Tensor of f32 on Cpu, shape [2, 2]\n[[1.5, 2],\n [3, 4.25]]";
        assert_eq!(bundle.text(), want);
        let html = bundle.html().unwrap();
        assert!(html.contains("<td style=\"text-align:right\">4.25</td>"), "{html}");
        assert!(html.contains("<td style=\"text-align:right\">2.00</td>"), "{html}");
    }

    #[test]
    fn shapes_known_at_run_time_tapes_and_single_numbers_are_shown() {
        let device = Cpu::default();
        let traced = device.tensor_from_vec(vec![1_usize, 2, 3], (3,));
        assert_eq!(
            traced.mime_bundle().unwrap().text(),
            "Tensor of usize on Cpu, shape [3]\n[1, 2, 3]"
        );
        let number = Trace::<f64, Cpu>::leaky_traced(device.tensor(7.5_f64));
        assert_eq!(number.mime_bundle().unwrap().text(), "Tensor of f64 on Cpu, shape []\n7.5");
        let number: Tensor<Rank0, f32, Cpu> = device.zeros();
        assert_eq!(number.mime_bundle().unwrap().text(), "Tensor of f32 on Cpu, shape []\n0");
    }

    #[test]
    fn a_broadcast_tensor_repeats_its_numbers() {
        let device = Cpu::default();
        let wide: Tensor<Rank2<2, 3>, f32, Cpu> = device.tensor([1.0, 2.0, 3.0]).broadcast();
        let bundle = wide.mime_bundle().unwrap();
        assert!(bundle.text().ends_with("[[1, 2, 3],\n [1, 2, 3]]"), "{}", bundle.text());
    }
}
