//! Controlled generation: the labels are set, the style is drawn or kept.

use super::Sdgm;
use crate::{
    data::Rows,
    display::ImageGrid,
    error::{Error, Result},
    vae::Decoded,
};

impl<const D: usize, const Z: usize, const A: usize> Sdgm<D, Z, A> {
    /// p(x|z, y, a) at every row of `latent` with these values of all labels, a at the mean of
    /// p(a|z, y).
    ///
    /// # Errors
    /// [`Error::Setting`] when there is not one value for each label, or one is none of the classes.
    pub fn decode(&self, latent: &(impl Rows<Z> + ?Sized), values: &[u32]) -> Result<Decoded<D>> {
        let latent = latent.rows()?;
        let values: Vec<_> = values.iter().map(|&value| vec![value; latent.nrows()]).collect();
        self.core.decode(latent.view(), &values)
    }

    /// Rows with these values of all labels, such as a digit and a writer, in `count` styles
    /// z ~ p(z), a ~ p(a|z, y).
    ///
    /// Each call continues the random numbers of the model's seed.
    ///
    /// # Errors
    /// Those of [`Self::decode`].
    pub fn generate(&self, values: &[u32], count: usize) -> Result<Decoded<D>> {
        self.generate_each(&[values.to_vec()], count)
    }

    /// Rows with each of these combinations of label values in `styles` styles: all combinations in
    /// one style in turn.
    ///
    /// # Errors
    /// Those of [`Self::decode`].
    pub fn generate_each(&self, combinations: &[Vec<u32>], styles: usize) -> Result<Decoded<D>> {
        self.core.generate(styles, &self.lists(combinations)?)
    }

    /// A grid of generated images: a line a style, a column a combination of label values. The styles
    /// are the same on every call, so that they can be watched while the model trains.
    ///
    /// # Errors
    /// Those of [`Self::decode`], and [`Error::Setting`] before a training on images has begun.
    pub fn grid(&self, combinations: &[Vec<u32>], styles: usize) -> Result<ImageGrid> {
        let frame = self.core.frame()?;
        let images = self.core.generate_again::<D>(styles, &self.lists(combinations)?)?;
        Ok(ImageGrid::new(images.mean.values.view(), frame)?.columns(combinations.len()))
    }

    /// The given rows with other labels: the style z of each is kept, at the mean of q(z|a, x, y) with
    /// its own labels.
    ///
    /// # Errors
    /// Those of [`Sdgm::encode`] and of [`Self::decode`].
    pub fn restyle(&self, rows: &(impl Rows<D> + ?Sized), values: &[u32]) -> Result<Decoded<D>> {
        let values = self.lists(&[values.to_vec()])?;
        self.core.restyle(rows.rows()?.view(), &self.own(rows)?, &values)
    }

    /// A list for each label from a list for each combination.
    fn lists(&self, combinations: &[Vec<u32>]) -> Result<Vec<Vec<u32>>> {
        let names = self.label_names();
        if let Some(wrong) = combinations.iter().find(|values| values.len() != names.len()) {
            let requirement = format!("give one for each of the labels {names:?}");
            return Err(Error::setting("label values", format!("{wrong:?}"), requirement));
        }
        let of_label = |label: usize| combinations.iter().map(|values| values[label]).collect();
        Ok((0..names.len()).map(of_label).collect())
    }
}
