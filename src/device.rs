//! Where models compute.

use dfdx::tensor::{Cache, Cpu};

use crate::error::{Error, Result};

/// The processor or graphics card that a model computes on.
///
/// ```
/// use elbo::Device;
/// let device = Device::best();
/// println!("{device}");
/// ```
#[derive(Clone, Debug)]
pub struct Device(pub(crate) Kind);

/// The processor for one model, with a cache of freed memory of its own. dfdx 0.13 looks into the
/// cache and takes from it under two locks: two threads that share one can find it empty in
/// between, and panic.
pub(crate) fn own_cpu() -> Cpu {
    let cpu = Cpu::default();
    cpu.enable_cache();
    cpu
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Cpu,
    #[cfg(feature = "cuda")]
    Cuda(dfdx::tensor::Cuda, usize),
}

impl Device {
    /// The processor, with all its cores.
    pub fn cpu() -> Self {
        Self(Kind::Cpu)
    }

    /// The NVIDIA graphics card number `ordinal`, counted from 0.
    ///
    /// # Errors
    /// [`Error::Device`] when the crate was built without the feature `cuda`, or when there is no
    /// such card or no driver; the message says which.
    #[cfg(feature = "cuda")]
    pub fn cuda(ordinal: usize) -> Result<Self> {
        use dfdx::tensor::Cuda;
        // The driver's library is loaded on first use; where it is missing that panics.
        let built = std::panic::catch_unwind(|| Cuda::try_build(ordinal, 0));
        let advice = "check with `nvidia-smi` that the driver sees the card, or use Device::cpu()";
        match built {
            Ok(Ok(cuda)) => {
                cuda.enable_cache();
                Ok(Self(Kind::Cuda(cuda, ordinal)))
            }
            Ok(Err(error)) => Err(no_cuda(format!("graphics card {ordinal}: {error:?}; {advice}"))),
            Err(_) => Err(no_cuda(format!("the NVIDIA driver cannot be loaded; {advice}"))),
        }
    }

    /// The NVIDIA graphics card number `ordinal`: an error, this build has no CUDA.
    ///
    /// # Errors
    /// Always: the crate was built without the feature `cuda`.
    #[cfg(not(feature = "cuda"))]
    pub fn cuda(ordinal: usize) -> Result<Self> {
        Err(no_cuda(format!(
            "graphics card {ordinal} was asked for, but elbo was built without its feature \
             `cuda`; add features = [\"cuda\"] to the dependency, or use Device::cpu()"
        )))
    }

    /// The first graphics card where there is one and the feature `cuda` is on, else the processor.
    pub fn best() -> Self {
        Self::cuda(0).unwrap_or_else(|_| Self::cpu())
    }
}

impl Default for Device {
    fn default() -> Self {
        Self::best()
    }
}

impl std::fmt::Display for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Kind::Cpu => write!(f, "CPU ({} threads)", rayon::current_num_threads()),
            #[cfg(feature = "cuda")]
            Kind::Cuda(_, ordinal) => write!(f, "CUDA device {ordinal}"),
        }
    }
}

fn no_cuda(message: String) -> Error {
    Error::Device { op: "opening a CUDA device", message }
}

/// Turns a device's own error into the crate's.
pub(crate) fn device_error<E: std::fmt::Debug>(op: &'static str) -> impl FnOnce(E) -> Error {
    move |error| Error::Device { op, message: format!("{error:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_device_always_exists() {
        assert!(!Device::best().to_string().is_empty());
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn without_the_feature_cuda_says_so() {
        let error = Device::cuda(1).unwrap_err().to_string();
        assert!(error.contains("feature `cuda`") && error.contains("graphics card 1"), "{error}");
    }
}
