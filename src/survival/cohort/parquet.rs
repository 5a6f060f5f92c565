//! Parquet files as columns.

use std::{fs::File, path::Path};

use parquet::{
    file::{reader::FileReader, serialized_reader::SerializedFileReader},
    record::Field,
};

use super::column::{Column, Values, distinct};
use crate::error::{Error, Result};

/// The rows of a file: numbers and truth values as numbers, everything else as text, so that dates
/// are read as they are written. Values that are null are missing.
///
/// # Errors
/// [`Error::File`] for a file that is missing, damaged, or packed in a way that is not read.
pub(super) fn read(path: &Path) -> Result<Vec<Column>> {
    let advice = "a Parquet file, plain or packed by Snappy, Zstandard, LZ4 or gzip, is expected";
    let damaged = |error: &dyn std::fmt::Display| Error::file(path, error, advice);
    let file = File::open(path).map_err(|error| damaged(&error))?;
    let reader = SerializedFileReader::new(file).map_err(|error| damaged(&error))?;
    let schema = reader.metadata().file_metadata().schema();
    let names: Vec<String> =
        schema.get_fields().iter().map(|field| field.name().to_owned()).collect();
    let mut columns: Vec<Vec<Field>> = vec![Vec::new(); names.len()];
    for row in reader.get_row_iter(None).map_err(|error| damaged(&error))? {
        let row = row.map_err(|error| damaged(&error))?;
        for (column, (_, value)) in columns.iter_mut().zip(row.into_columns()) {
            column.push(value);
        }
    }
    let typed = names.into_iter().zip(&columns).map(|(name, values)| typed(name, values));
    distinct(path, typed.collect())
}

fn typed(name: String, values: &[Field]) -> Column {
    let numbers: Option<Vec<f64>> = values.iter().map(number).collect();
    let texts = || Values::Texts(values.iter().map(text).collect());
    Column { name, values: numbers.map_or_else(texts, Values::Numbers) }
}

/// `None` for what is no number, NaN where it is missing.
fn number(value: &Field) -> Option<f64> {
    Some(match value {
        Field::Null => f64::NAN,
        Field::Bool(value) => f64::from(u8::from(*value)),
        Field::Byte(value) => f64::from(*value),
        Field::Short(value) => f64::from(*value),
        Field::Int(value) => f64::from(*value),
        Field::Long(value) => *value as f64,
        Field::UByte(value) => f64::from(*value),
        Field::UShort(value) => f64::from(*value),
        Field::UInt(value) => f64::from(*value),
        Field::ULong(value) => *value as f64,
        Field::Float16(value) => value.to_f64(),
        Field::Float(value) => f64::from(*value),
        Field::Double(value) => *value,
        Field::Decimal(_) => value.to_string().parse().ok()?,
        _ => return None,
    })
}

/// As it is written; text without its quotes.
fn text(value: &Field) -> Option<String> {
    match value {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        value => Some(value.to_string()),
    }
}
