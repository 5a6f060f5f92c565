//! Who is fitted to and who is judged.

use std::collections::BTreeMap;

use super::mersenne::Mersenne;
use crate::{
    error::{Error, Result},
    survival::Cohort,
};

/// One fold of one repeat: patients to fit to and patients to judge with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The seed that the folds were drawn with, or the number of the given folds.
    pub repeat: u64,
    /// The fold that is judged, from 0.
    pub fold: usize,
    /// Patients to fit to, in increasing order.
    pub train: Vec<usize>,
    /// The others, in increasing order.
    pub test: Vec<usize>,
}

/// The folds of a cross-validation. In every repeat each patient is judged once.
///
/// ```
/// use elbo::survival::Splits;
///
/// let splits = Splits::seeded(10, 5, [0, 1, 2])?;
/// assert_eq!(splits.all().len(), 15);
/// // As `KFold(5, shuffle=True, random_state=0)` of scikit-learn has them.
/// assert_eq!(splits.all()[0].test, [2, 8]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Splits {
    all: Vec<Split>,
    patients: usize,
}

impl Splits {
    /// Random folds of equal size, drawn anew for every seed: those of scikit-learn's
    /// `KFold(folds, shuffle=True, random_state=seed)`, patient by patient.
    ///
    /// # Errors
    /// [`Error::Setting`] for fewer than two folds, or more than patients; without a seed, or for one
    /// of more than 32 bits.
    pub fn seeded(
        patients: usize,
        folds: usize,
        seeds: impl IntoIterator<Item = u64>,
    ) -> Result<Self> {
        let everybody: Vec<usize> = (0..patients).collect();
        Self::together(&everybody, folds, seeds)
    }

    /// The same for patients who belong together: those with the same number in `group` are in the
    /// same fold. Groups are drawn as patients are in [`Self::seeded`], and each goes to the fold with
    /// the fewest patients so far; when everybody is a group alone, the folds are those of `seeded`.
    ///
    /// # Errors
    /// Those of [`Self::seeded`], with groups in the place of patients.
    pub fn together(
        group: &[usize],
        folds: usize,
        seeds: impl IntoIterator<Item = u64>,
    ) -> Result<Self> {
        let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (patient, &group) in group.iter().enumerate() {
            members.entry(group).or_default().push(patient);
        }
        let members: Vec<Vec<usize>> = members.into_values().collect();
        if !(2..=members.len()).contains(&folds) {
            let requirement = format!(
                "it must be 2 to {}, the number of patients or groups that are kept together",
                members.len()
            );
            return Err(Error::setting("folds", folds, requirement));
        }
        let mut all = Vec::new();
        for seed in seeds {
            let seed32 = u32::try_from(seed)
                .map_err(|_| Error::setting("seeds", seed, "a seed of folds has 32 bits"))?;
            let fold_of = drawn(&members, group.len(), folds, seed32);
            all.extend(splits_of(&fold_of, folds, seed));
        }
        Self::checked(all, group.len())
    }

    /// Given folds: for every repeat the fold of each patient, counted from 0.
    ///
    /// # Errors
    /// [`Error::Shape`] for repeats of different lengths; [`Error::Setting`] when a fold has nobody,
    /// or there are fewer than two.
    pub fn given(repeats: &[Vec<usize>]) -> Result<Self> {
        let patients = repeats.first().map_or(0, Vec::len);
        let mut all = Vec::new();
        for (repeat, fold_of) in repeats.iter().enumerate() {
            if fold_of.len() != patients {
                return Err(Error::Shape {
                    what: format!("the folds of repeat {repeat}"),
                    got: vec![fold_of.len()],
                    want: vec![patients],
                    advice: "give one fold for each patient".to_owned(),
                });
            }
            let folds = fold_of.iter().max().map_or(0, |last| last + 1);
            let empty = (0..folds).find(|fold| !fold_of.contains(fold));
            if folds < 2 || empty.is_some() {
                let requirement = "every repeat needs two folds or more, each with somebody";
                return Err(Error::setting("folds", format!("{folds} folds"), requirement));
            }
            all.extend(splits_of(fold_of, folds, repeat as u64));
        }
        Self::checked(all, patients)
    }

    fn checked(all: Vec<Split>, patients: usize) -> Result<Self> {
        if all.is_empty() {
            return Err(Error::setting("seeds", "empty", "there must be at least one"));
        }
        Ok(Self { all, patients })
    }

    /// Every fold of every repeat.
    pub fn all(&self) -> &[Split] {
        &self.all
    }

    /// How many patients were split.
    pub fn patients(&self) -> usize {
        self.patients
    }
}

/// The fold of every patient.
fn drawn(members: &[Vec<usize>], patients: usize, folds: usize, seed: u32) -> Vec<usize> {
    let mut order: Vec<usize> = (0..members.len()).collect();
    Mersenne::new(seed).shuffle(&mut order);
    let mut fold_of = vec![0; patients];
    if members.len() == patients {
        // Consecutive parts of the shuffled patients; the first ones have one more.
        let (size, longer) = (patients / folds, patients % folds);
        for (place, &patient) in order.iter().enumerate() {
            let in_longer = longer * (size + 1);
            fold_of[patient] = match place.checked_sub(in_longer) {
                None => place / (size + 1),
                Some(behind) => longer + behind / size,
            };
        }
        return fold_of;
    }
    let mut sizes = vec![0; folds];
    for group in order {
        let smallest = (0..folds).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
        sizes[smallest] += members[group].len();
        members[group].iter().for_each(|&patient| fold_of[patient] = smallest);
    }
    fold_of
}

fn splits_of(fold_of: &[usize], folds: usize, repeat: u64) -> Vec<Split> {
    let split = |fold: usize| {
        let (test, train) = (0..fold_of.len()).partition(|&patient| fold_of[patient] == fold);
        Split { repeat, fold, train, test }
    };
    (0..folds).map(split).collect()
}

impl Cohort {
    /// For every patient the first one with the same follow-up and the same value in every column,
    /// who is the patient themself unless the row repeats an earlier one. A cohort with repeated rows
    /// is split by it, with [`Splits::together`]: otherwise a flexible model recognises in the test
    /// whom it was fitted to.
    pub fn repeats(&self) -> Vec<usize> {
        let mut first: BTreeMap<Vec<u64>, usize> = BTreeMap::new();
        let values = self.values();
        let treatments = self.treatment_matrix();
        let follow_up = self.follow_up();
        let row = |i: usize| -> Vec<u64> {
            let entry = follow_up.entries().map_or(0.0, |entries| entries[i]);
            let outcome =
                [follow_up.times()[i], entry, f64::from(u8::from(follow_up.observed()[i]))];
            let columns = values.row(i).to_vec().into_iter().chain(treatments.row(i).to_vec());
            // All missing cells are alike, whatever their bits.
            let bits = |value: f64| if value.is_nan() { u64::MAX } else { value.to_bits() };
            outcome.into_iter().chain(columns).map(bits).collect()
        };
        (0..self.len()).map(|i| *first.entry(row(i)).or_insert(i)).collect()
    }
}
