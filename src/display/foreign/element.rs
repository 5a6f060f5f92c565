//! The types of numbers that arrays and tensors may hold.

use ndarray::ArrayViewD;

use super::array;
use crate::{display::MimeBundle, error::Result};

/// A number, or a `bool`, of which arrays and tensors have a display. It cannot be implemented
/// elsewhere.
///
/// ```
/// use elbo::display::RichDisplay;
/// let weights = elbo::ndarray::array![[0.5_f32, 1.25], [2.0, f32::NAN]];
/// assert!(weights.mime_bundle()?.text().starts_with("Array of f32, shape [2, 2]"));
/// # Ok::<(), elbo::Error>(())
/// ```
pub trait Element: sealed::Sealed {
    /// The display of an array of these. `called` is what it is and where, as in `Tensor … on Cpu`.
    ///
    /// It is compiled here, once for each type, and not again in every cell.
    #[doc(hidden)]
    fn array_bundle(called: Called<'_>, array: ArrayViewD<'_, Self>) -> Result<MimeBundle>;
}

/// What an array is called.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Called<'a> {
    /// `Array`, or `Tensor`.
    pub noun: &'static str,
    /// The device that has the numbers; may be empty.
    pub device: &'a str,
}

/// One number of an array.
pub enum Number {
    /// One of `f32` or `f64`.
    Float(f64),
    /// A whole number, written out.
    Whole(String),
    /// A truth value.
    Truth(bool),
}

mod sealed {
    pub trait Sealed: Copy + std::fmt::Display + 'static {
        /// The name of the type.
        const NAME: &'static str;
        fn number(self) -> super::Number;
        fn to_f64(self) -> f64;
    }
}
pub(super) use sealed::Sealed;

macro_rules! element {
    ($type:ty, $value:ident => $number:expr, $float:expr) => {
        impl sealed::Sealed for $type {
            const NAME: &'static str = stringify!($type);

            fn number(self) -> Number {
                let $value = self;
                $number
            }

            fn to_f64(self) -> f64 {
                let $value = self;
                $float
            }
        }

        impl Element for $type {
            fn array_bundle(called: Called<'_>, array: ArrayViewD<'_, Self>) -> Result<MimeBundle> {
                array::bundle(called, &array)
            }
        }
    };
}

element!(f32, value => Number::Float(f64::from(value)), f64::from(value));
element!(f64, value => Number::Float(value), value);
element!(bool, value => Number::Truth(value), f64::from(u8::from(value)));

macro_rules! whole {
    ($($type:ty)+) => {
        $(element!($type, value => Number::Whole(value.to_string()), value as f64);)+
    };
}

whole!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
