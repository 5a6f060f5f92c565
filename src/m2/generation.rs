//! Controlled generation: the class is set, the style is drawn or kept.

use ndarray::Array2;

use super::{M2, known};
use crate::{
    data::Rows,
    display::ImageGrid,
    error::{Error, Result},
    semi_supervised::ClassLabels,
    vae::Decoded,
};

impl<const D: usize, const K: usize, const Z: usize> M2<D, K, Z> {
    /// p(x|z, y) at every row of `latent` with its label value.
    ///
    /// # Errors
    /// [`Error::Shape`] when there is not one value a row, [`Error::Setting`] for a value that is
    /// none of the classes.
    pub fn decode(&self, latent: &(impl Rows<Z> + ?Sized), values: &[u32]) -> Result<Decoded<D>> {
        self.core.decode(latent.rows()?.view(), &[values.to_vec()])
    }

    /// Rows of the class with this label value in `count` styles z ~ p(z).
    ///
    /// Each call continues the random numbers of the model's seed.
    ///
    /// # Errors
    /// [`Error::Setting`] for a value that is none of the classes.
    pub fn generate(&self, value: u32, count: usize) -> Result<Decoded<D>> {
        self.core.generate(count, &[vec![value]])
    }

    /// Rows of every class in `styles` styles z ~ p(z): K rows of one style in turn, in the order of
    /// [`Self::classes`].
    ///
    /// # Errors
    /// [`Error::Device`] when the device fails.
    pub fn generate_all(&self, styles: usize) -> Result<Decoded<D>> {
        self.core.generate(styles, &[self.classes().to_vec()])
    }

    /// A grid of generated images: a line a style z ~ p(z), a column a class. The styles are the same on
    /// every call, so that they can be watched while the model trains.
    ///
    /// # Errors
    /// [`Error::Setting`] before a training on images has begun.
    pub fn grid(&self, styles: usize) -> Result<ImageGrid> {
        let frame = self.core.frame()?;
        let images = self.core.generate_again::<D>(styles, &[self.classes().to_vec()])?;
        let grid = ImageGrid::new(images.mean.values.view(), frame)?.columns(K);
        Ok(grid.title("Every class in the same styles"))
    }

    /// The given rows as members of another class: the style z of each is kept, at the mean of
    /// q(z|x, y) with its own label, and the class is changed.
    ///
    /// # Errors
    /// Those of [`M2::encode`], and [`Error::Setting`] for a value that is none of the classes.
    pub fn restyle(
        &self,
        rows: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
        value: u32,
    ) -> Result<Decoded<D>> {
        self.core.restyle(rows.rows()?.view(), &[known(rows, labels)?], &[vec![value]])
    }

    /// A grid with a line for each of the given images: the image itself, then every class in its
    /// style.
    ///
    /// # Errors
    /// Those of [`Self::restyle`]; [`Error::Setting`] before the model was trained on images.
    pub fn styles(
        &self,
        images: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
    ) -> Result<ImageGrid> {
        let own = known(images, labels)?;
        let rows = images.rows()?;
        let restyled = self.core.restyle::<D>(rows.view(), &[own], &[self.classes().to_vec()])?;
        let mut cells = Array2::zeros((rows.nrows() * (K + 1), D));
        for (line, original) in rows.outer_iter().enumerate() {
            cells.row_mut(line * (K + 1)).assign(&original);
            for class in 0..K {
                let of_class = restyled.mean.values.row(line * K + class);
                cells.row_mut(line * (K + 1) + 1 + class).assign(&of_class);
            }
        }
        let values: Vec<String> = self.classes().iter().map(u32::to_string).collect();
        let title = format!("An image, and {} in its style", values.join(", "));
        Ok(ImageGrid::new(cells.view(), self.core.frame()?)?.columns(K + 1).title(title))
    }

    /// A walk through latent space in a straight line from the style of the first row to that of the
    /// second, in `steps` steps, as the class with this label value.
    ///
    /// # Errors
    /// Those of [`Self::restyle`]; [`Error::Shape`] when there are not two rows, [`Error::Setting`]
    /// for fewer than two steps.
    pub fn walk(
        &self,
        ends: &(impl Rows<D> + ?Sized),
        labels: &(impl ClassLabels + ?Sized),
        value: u32,
        steps: usize,
    ) -> Result<Decoded<D>> {
        let mean = self.encode(ends, labels)?.mean;
        if mean.nrows() != 2 {
            return Err(Error::Shape {
                what: "the ends of a walk".to_owned(),
                got: vec![mean.nrows()],
                want: vec![2],
                advice: "pass two rows: where it begins and where it ends".to_owned(),
            });
        }
        if steps < 2 {
            return Err(Error::setting("steps", steps, "a walk has at least its two ends"));
        }
        let place = |(step, dimension): (usize, usize)| {
            let share = step as f32 / (steps - 1) as f32;
            mean[[0, dimension]] * (1.0 - share) + mean[[1, dimension]] * share
        };
        self.decode(&Array2::from_shape_fn((steps, Z), place), &vec![value; steps])
    }
}
