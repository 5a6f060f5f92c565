use ndarray::{Array2, array};

use super::*;
use crate::error::Error;

const PEAR: Kind = Kind { entry: "elbo.pear", name: "Pear" };
const PLUM: Kind = Kind { entry: "elbo.plum", name: "Plum" };

#[test]
fn what_was_written_comes_back_bit_for_bit_and_under_its_own_kind_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deeper/pear.safetensors");
    let mut contents = Contents::new(PEAR, &("green", 3)).unwrap();
    let matrix = array![[0.1, -0.0, 1e-310], [f64::MAX, f64::MIN_POSITIVE, 3.0]];
    // Stored column by column in memory: the file is in the order of rows all the same.
    contents.array("matrix", &matrix.t().as_standard_layout().reversed_axes());
    contents.tensor("single", &[2], [1.5f32, -2.5]);
    contents.save(&path).unwrap();
    let saved = Saved::read(&path, PEAR).unwrap();
    assert_eq!(saved.configuration::<(String, i32)>().unwrap(), ("green".to_owned(), 3));
    let bits = |matrix: &Array2<f64>| matrix.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&saved.matrix("matrix", (2, 3)).unwrap()), bits(&matrix));
    assert_eq!(saved.values::<f32>("single", &[2]).unwrap(), [1.5, -2.5]);

    let wrong = |error: Error| {
        assert!(matches!(error, Error::File { .. }), "{error}");
        assert!(error.to_string().contains("pear.safetensors"), "{error}");
        error.to_string()
    };
    let other = wrong(Saved::read(&path, PLUM).err().unwrap());
    assert!(other.contains("\"pear\"") && other.contains("Plum"), "{other}");
    assert!(wrong(saved.matrix("matrix", (3, 2)).unwrap_err()).contains("[2, 3]"));
    wrong(saved.values::<f64>("single", &[2]).unwrap_err());
    wrong(saved.vector("missing", 1).unwrap_err());
    wrong(saved.configuration::<f64>().unwrap_err());
}
