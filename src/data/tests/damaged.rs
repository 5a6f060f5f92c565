//! Whatever is in a file, reading it gives images or an error.

use std::path::Path;

use proptest::prelude::*;

use super::support::{gzip, idx_images, idx_labels, noise};
use crate::data::idx::Idx;
use crate::data::packed::Content;

fn images(bytes: &[u8]) -> crate::Result<ndarray::Array2<f32>> {
    Content::new(Path::new("file"), bytes).map(Idx).and_then(Idx::images::<3, 2>)
}

fn labels(bytes: &[u8]) -> crate::Result<Vec<u32>> {
    Content::new(Path::new("file"), bytes).map(Idx).and_then(Idx::labels)
}

/// The three kinds of file: images, packed images, labels.
fn files() -> [Vec<u8>; 3] {
    let plain = idx_images(&noise::<3, 2>(4, 0));
    [plain.clone(), gzip(&plain), idx_labels(&[1, 2, 3])]
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        // A random header is that of a correct file with probability 2^-64 or less.
        prop_assert!(images(&bytes).is_err());
        prop_assert!(labels(&bytes).is_err());
    }

    #[test]
    fn any_change(place in any::<prop::sample::Index>(), value in any::<u8>(), which in 0usize..3) {
        let mut bytes = files()[which].clone();
        let place = place.index(bytes.len());
        bytes[place] = value;
        // In the pixels a changed byte is another gray level, so only the result's form is known.
        if let Ok(pixels) = images(&bytes) {
            prop_assert_eq!(pixels.dim(), (4, 6));
        }
        if let Ok(labels) = labels(&bytes) {
            prop_assert_eq!(labels.len(), 3);
        }
    }

    #[test]
    fn any_cut(place in any::<prop::sample::Index>(), which in 0usize..3) {
        let bytes = &files()[which];
        let cut = &bytes[..place.index(bytes.len())];
        prop_assert!(images(cut).is_err());
        prop_assert!(labels(cut).is_err());
    }

    #[test]
    fn any_addition(more in prop::collection::vec(any::<u8>(), 1..20)) {
        let [plain, _, labelled] = files();
        prop_assert!(images(&[plain, more.clone()].concat()).is_err());
        prop_assert!(labels(&[labelled, more].concat()).is_err());
    }
}
