//! How much of the library is compiled.

/// polars takes longer to compile than everything else together, and a first picture does not need
/// it. So the library is compiled in two steps, and sessions make do with the first until the second
/// is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// The models and their displays.
    Models,
    /// Everything: also polars, and what reads and makes its data frames.
    Whole,
}

/// Names in code that only [`Extent::Whole`] has.
const POLARS: [&str; 4] = ["DataFrame", "LazyFrame", "polars", "to_frame"];
/// A method that it alone has. A name of its own it is not.
const METHOD: &str = ".parquet(";

impl Extent {
    /// What code needs, judged by the names in it. Too much costs time, too little an error that
    /// says what to do.
    pub fn needed_by(code: &str) -> Self {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let names_polars = code.split(|c| !is_part(c)).any(|word| POLARS.contains(&word));
        if names_polars || code.contains(METHOD) { Self::Whole } else { Self::Models }
    }

    /// The features of the model library.
    pub const fn features(self) -> &'static [&'static str] {
        match self {
            Self::Models => &["download", "notebook"],
            Self::Whole => &["download", "notebook", "notebook-polars", "parquet"],
        }
    }

    /// The optional dependencies of the model library that it has not.
    pub const fn left_out(self) -> &'static [&'static str] {
        match self {
            Self::Models => &["parquet", "polars"],
            Self::Whole => &[],
        }
    }

    /// About how many minutes of one core it takes to compile.
    pub const fn minutes(self) -> usize {
        match self {
            Self::Models => 6,
            Self::Whole => 24,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_names_polars_needs_it() {
        for code in [
            "use polars::prelude::*;",
            ":dep polars-ops = \"0.55\"",
            "fn f(x: &DataFrame) {}",
            "history.to_frame()?",
            "Cohort::params(\"time\", \"event\").parquet(path)?",
        ] {
            assert_eq!(Extent::needed_by(code), Extent::Whole, "{code}");
        }
        for code in ["live.frame(1)", "vae.sample(16)?", "// bipolars", "my_polars()"] {
            assert_eq!(Extent::needed_by(code), Extent::Models, "{code}");
        }
    }
}
