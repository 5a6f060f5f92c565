//! The kinds of networks that classify images.

use super::params::Settings;
use crate::{
    checkpoint::Kind as FileKind,
    nn::{Architecture, LeNet},
    ops::Activation,
    sizes::require,
};

/// The files of a kind.
pub(super) fn file<N: Kind>() -> FileKind {
    FileKind { entry: N::ENTRY, name: N::NAME }
}

mod sealed {
    use super::Settings;

    /// What a kind has of its own.
    pub trait Kind {
        /// The metadata entry of its configuration in files.
        const ENTRY: &'static str;
        /// Its type, as users write it.
        const NAME: &'static str;

        /// # Panics
        /// When compiled for images that such a network cannot take.
        fn check_frame<const H: usize, const W: usize>();

        /// The settings before any is changed.
        fn settings() -> Settings;
    }
}

pub(super) use sealed::Kind;

/// A kind of network: [`LeNet5`], [`FullyConnected`] or [`CommitteeOfLeNet5`].
pub trait NetworkKind: Kind {}

/// The kind of a [`super::LeNet`].
#[derive(Clone, Copy, Debug)]
pub enum LeNet5 {}

/// The kind of a [`super::DeepNetwork`].
#[derive(Clone, Copy, Debug)]
pub enum FullyConnected {}

/// The kind of a [`super::Committee`].
#[derive(Clone, Copy, Debug)]
pub enum CommitteeOfLeNet5 {}

impl NetworkKind for LeNet5 {}
impl NetworkKind for FullyConnected {}
impl NetworkKind for CommitteeOfLeNet5 {}

/// Members of a committee, as in the lecture.
const MEMBERS: usize = 25;

/// Layers of a deep network.
const HIDDEN: [usize; 3] = [512, 256, 128];

const fn check_lenet<const H: usize, const W: usize>() {
    let smallest = LeNet::<dfdx::tensor::Cpu>::SMALLEST;
    require(H >= smallest && W >= smallest, "a LeNet-5 needs images of at least 12×12 pixels");
}

impl Kind for LeNet5 {
    const ENTRY: &'static str = "elbo.lenet5";
    const NAME: &'static str = "LeNet";

    fn check_frame<const H: usize, const W: usize>() {
        const { check_lenet::<H, W>() };
    }

    fn settings() -> Settings {
        Settings::new(Architecture::LeNet5, None)
    }
}

impl Kind for FullyConnected {
    const ENTRY: &'static str = "elbo.deep_network";
    const NAME: &'static str = "DeepNetwork";

    fn check_frame<const H: usize, const W: usize>() {
        const { require(H > 0 && W > 0, "an image has at least one pixel") };
    }

    fn settings() -> Settings {
        let (hidden, activation) = (HIDDEN.to_vec(), Activation::Relu);
        Settings::new(Architecture::Dense { hidden, activation }, None)
    }
}

impl Kind for CommitteeOfLeNet5 {
    const ENTRY: &'static str = "elbo.committee";
    const NAME: &'static str = "Committee";

    fn check_frame<const H: usize, const W: usize>() {
        const { check_lenet::<H, W>() };
    }

    fn settings() -> Settings {
        Settings::new(Architecture::LeNet5, Some(MEMBERS))
    }
}
