//! Which classes are taken for which.

use ndarray::Array2;

use super::{Classes, Classifier};
use crate::{
    data::{ImageSet, check_one_each},
    display::{Cell, MimeBundle, ModelCard, RichDisplay, Table, impl_evcxr_display},
    error::Result,
};

/// Up to so many classes the table shows all counts.
const WHOLE: usize = 12;
/// So many confusions are shown of more classes.
const MOST: usize = 10;

/// How often images of each class were predicted to be of each class.
///
/// ```
/// use elbo::classify::ConfusionMatrix;
///
/// let matrix = ConfusionMatrix::of("digit", &[4, 4, 4, 9], &[4, 9, 4, 9])?;
/// assert_eq!(matrix.counts(), ndarray::array![[2, 1], [0, 1]]);
/// assert_eq!(matrix.accuracy(), 0.75);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct ConfusionMatrix {
    classes: Classes,
    counts: Array2<usize>,
}

impl ConfusionMatrix {
    /// That of these predictions of the label called `label`, whose true values are `truth`. The
    /// classes are all values that come up.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] when there is not one prediction for each true value, or none.
    pub fn of(label: &str, truth: &[u32], predicted: &[u32]) -> Result<Self> {
        let classes = Classes::of(label, &[truth, predicted].concat())?;
        let mut matrix = Self::empty(classes);
        matrix.add(truth, predicted)?;
        Ok(matrix)
    }

    /// That of a classifier on `images`, which have its label.
    ///
    /// # Errors
    /// Those of [`Classifier::accuracy`].
    pub fn on(classifier: &dyn Classifier, images: &dyn ImageSet) -> Result<Self> {
        let label = classifier.classes().label();
        Self::of(label, images.label(label)?, &classifier.predict(images)?)
    }

    /// Without an image.
    pub(super) fn empty(classes: Classes) -> Self {
        let counts = Array2::zeros((classes.len(), classes.len()));
        Self { classes, counts }
    }

    /// Counts further images.
    ///
    /// # Errors
    /// [`crate::Error::Shape`] when there is not one prediction for each true value, or none;
    /// [`crate::Error::Setting`] for a value that is none of the classes.
    pub(super) fn add(&mut self, truth: &[u32], predicted: &[u32]) -> Result<()> {
        check_one_each("prediction", predicted.len(), truth.len())?;
        let (truth, predicted) = (self.classes.encode(truth)?, self.classes.encode(predicted)?);
        truth.into_iter().zip(predicted).for_each(|place| self.counts[place] += 1);
        Ok(())
    }

    /// The classes, which are those of rows and columns.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// Images by true class (rows) and predicted class (columns), (classes, classes).
    pub fn counts(&self) -> &Array2<usize> {
        &self.counts
    }

    /// The counts as shares of each row; zero in a row without images.
    pub fn shares(&self) -> Array2<f64> {
        let mut shares = self.counts.mapv(|count| count as f64);
        for mut row in shares.rows_mut() {
            let total = row.sum().max(1.0);
            row /= total;
        }
        shares
    }

    /// The share of images that were predicted right.
    pub fn accuracy(&self) -> f64 {
        self.counts.diag().sum() as f64 / self.counts.sum() as f64
    }

    /// Pairs of a true and another, predicted value with their number of images, the most frequent
    /// first, and then the lowest.
    pub fn confusions(&self) -> Vec<(u32, u32, usize)> {
        let values = self.classes.values();
        let wrong = self.counts.indexed_iter().filter(|((i, j), count)| i != j && **count > 0);
        let mut pairs: Vec<_> =
            wrong.map(|((i, j), &count)| (values[i], values[j], count)).collect();
        pairs.sort_by_key(|&(truth, predicted, count)| (usize::MAX - count, truth, predicted));
        pairs
    }

    fn title(&self) -> String {
        format!(
            "{:?}: {:.1} % of {} images right",
            self.classes.label(),
            100.0 * self.accuracy(),
            self.counts.sum()
        )
    }

    /// True classes from the top, predicted ones from the left.
    fn whole(&self) -> Table {
        let values = self.classes.values().iter().map(u32::to_string);
        let columns: Vec<String> =
            ["true \\ predicted".to_owned()].into_iter().chain(values.clone()).collect();
        let mut table = Table::new(self.title(), columns);
        for (value, counts) in values.zip(self.counts.rows()) {
            let counts = counts.into_iter().map(|&count| Cell::from(count));
            table = table.row([Cell::Text(value)].into_iter().chain(counts));
        }
        table
    }

    fn most_frequent(&self) -> Table {
        let mut table = Table::new(self.title(), ["true", "predicted", "images"]);
        for (truth, predicted, count) in self.confusions().into_iter().take(MOST) {
            let [truth, predicted] =
                [truth, predicted].map(|value| Cell::Number(value.to_string()));
            table = table.row([truth, predicted, count.into()]);
        }
        table
    }
}

impl RichDisplay for ConfusionMatrix {
    /// All counts of a few classes; of many the most frequent confusions, and the shares as a
    /// picture.
    fn mime_bundle(&self) -> Result<MimeBundle> {
        if self.classes.len() <= WHOLE {
            return self.whole().mime_bundle();
        }
        ModelCard::new(self.most_frequent()).picture("", self.shares().mime_bundle()).bundle()
    }
}

impl_evcxr_display!(ConfusionMatrix);

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn counts_shares_and_confusions_of_a_small_case() {
        let truth = [1, 1, 1, 1, 5, 5, 8];
        let predicted = [1, 5, 5, 8, 5, 1, 8];
        let matrix = ConfusionMatrix::of("digit", &truth, &predicted).unwrap();
        assert_eq!(*matrix.counts(), array![[1, 2, 1], [1, 1, 0], [0, 0, 1]]);
        assert_eq!(matrix.shares(), array![[0.25, 0.5, 0.25], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]);
        assert_eq!(matrix.accuracy(), 3.0 / 7.0);
        assert_eq!(matrix.confusions(), [(1, 5, 2), (1, 8, 1), (5, 1, 1)]);
        let text = matrix.mime_bundle().unwrap().text().to_owned();
        let want = "\"digit\": 42.9 % of 7 images right\n\
                    true \\ predicted  1  5  8\n\
                    ----------------  -  -  -\n\
                    1                 1  2  1\n\
                    5                 1  1  0\n\
                    8                 0  0  1";
        assert_eq!(text, want);
        assert!(ConfusionMatrix::of("digit", &truth, &predicted[1..]).is_err());
        assert!(ConfusionMatrix::of("digit", &[], &[]).is_err());
    }

    #[test]
    fn many_classes_are_shown_by_their_confusions_and_a_picture() {
        let truth: Vec<u32> = (0..97).collect();
        let predicted: Vec<u32> = (0..97).map(|writer| writer / 2).collect();
        let bundle =
            ConfusionMatrix::of("writer", &truth, &predicted).unwrap().mime_bundle().unwrap();
        assert_eq!(bundle.text().lines().count(), 3 + MOST);
        assert!(bundle.text().starts_with("\"writer\": 1.0 % of 97 images right"));
        assert!(
            bundle.html().unwrap().contains("<svg") || bundle.html().unwrap().contains("image/png")
        );
    }
}
