//! A set of gray images of one size, with the labels that belong to them.

use std::fmt;
use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use ndarray::{Array2, Array3, ArrayView2};

use crate::{
    error::{Error, Result},
    sizes::require,
};

/// `n` gray images of `H` rows and `W` columns, and integer labels by name.
///
/// Pixels lie in \[0, 1\]: 1 is ink and 0 is paper, white on black as in MNIST. The size is part
/// of the type, so a model for 28×28 images cannot be given others.
///
/// ```
/// use elbo::data::Images;
/// use ndarray::array;
///
/// let images = Images::<2, 2>::from_array(array![[0.0, 0.5, 1.0, 0.0], [1.0, 1.0, 0.0, 0.0]])?
///     .with_label("writer", vec![7, 9])?;
/// assert_eq!(images.len(), 2);
/// assert_eq!(images.image(0)[[1, 0]], 1.0);
/// assert_eq!(images.filter("writer", 9)?.len(), 1);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Images<const H: usize, const W: usize> {
    /// Shape (n, H·W), rows contiguous.
    pub(super) pixels: Array2<f32>,
    /// One value per image under each name, in the order in which they were added.
    pub(super) labels: Vec<Label>,
}

/// A property of the images, such as the digit shown or who wrote it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    pub(super) name: String,
    pub(super) values: Vec<u32>,
}

impl Label {
    /// The values of that of `labels` that has this name.
    pub(super) fn values<'a>(labels: &'a [Label], name: &str) -> Result<&'a [u32]> {
        match labels.iter().find(|label| label.name == name) {
            Some(label) => Ok(&label.values),
            None => Err(Error::UnknownLabel {
                name: name.into(),
                known: labels.iter().map(|label| label.name.clone()).collect(),
            }),
        }
    }

    /// The values at `indices`, which are known to be below their number.
    pub(super) fn pick(&self, indices: &[usize]) -> Label {
        let values = indices.iter().map(|&index| self.values[index]).collect();
        Label { name: self.name.clone(), values }
    }
}

impl<const H: usize, const W: usize> Images<H, W> {
    /// Images from an array of shape (n, H·W), one image per row, its pixels row by row.
    ///
    /// # Errors
    /// When the rows are not H·W wide, or a value is not in \[0, 1\]; the error names the image
    /// (row), the pixel (column) and the value.
    pub fn from_array(pixels: Array2<f32>) -> Result<Self> {
        let (n, width) = pixels.dim();
        if width != H * W {
            return Err(Error::Shape {
                what: "the array of images".into(),
                got: vec![n, width],
                want: vec![n, H * W],
                advice: format!("each row holds one image of {H}×{W} pixels"),
            });
        }
        let outside = |&(_, value): &(_, &f32)| !(0.0..=1.0).contains(value);
        if let Some(((row, column), &value)) = pixels.indexed_iter().find(outside) {
            return Err(Error::Value {
                what: format!("images of {H}×{W} pixels"),
                row,
                column,
                value: value.into(),
                advice: "pixels lie between 0 (paper) and 1 (ink): divide gray levels of 0 to 255 \
                         by 255 and replace missing values"
                    .into(),
            });
        }
        Ok(Self::trusted(pixels, []))
    }

    /// Images from an array of shape (n, H, W).
    ///
    /// # Errors
    /// As [`Images::from_array`]; the column of a wrong value counts the pixels row by row.
    pub fn from_array3(pixels: Array3<f32>) -> Result<Self> {
        let (n, height, width) = pixels.dim();
        let wrong = || Error::Shape {
            what: "the array of images".into(),
            got: vec![n, height, width],
            want: vec![n, H, W],
            advice: "the axes are image, row, column".into(),
        };
        if (height, width) != (H, W) {
            return Err(wrong());
        }
        let pixels = pixels.to_shape((n, H * W)).map_err(|_| wrong())?.into_owned();
        Self::from_array(pixels)
    }

    /// Images whose pixels and labels are known to fit.
    pub(super) fn trusted(
        pixels: Array2<f32>,
        labels: impl IntoIterator<Item = (&'static str, Vec<u32>)>,
    ) -> Self {
        const { require(H > 0 && W > 0, "an image has at least one pixel") };
        let labels = labels.into_iter();
        let labels = labels.map(|(name, values)| Label { name: name.into(), values }).collect();
        let in_order = pixels.is_standard_layout();
        let pixels = if in_order { pixels } else { pixels.as_standard_layout().into_owned() };
        Self { pixels, labels }
    }

    /// Adds a label with one value per image; a label of the same name is replaced.
    ///
    /// # Errors
    /// When there are more or fewer values than images.
    pub fn with_label(mut self, name: impl Into<String>, values: Vec<u32>) -> Result<Self> {
        let name = name.into();
        if values.len() != self.len() {
            return Err(Error::Shape {
                what: format!("the label {name:?}"),
                got: vec![values.len()],
                want: vec![self.len()],
                advice: "give one value for each image".into(),
            });
        }
        match self.labels.iter_mut().find(|label| label.name == name) {
            Some(label) => label.values = values,
            None => self.labels.push(Label { name, values }),
        }
        Ok(self)
    }

    /// Adds a label with the group of each image's value of the label `of`: how many of the
    /// `bounds` are not above it. Ages become groups of ages, say, which can be predicted as classes.
    ///
    /// ```
    /// use elbo::data::Images;
    /// use ndarray::Array2;
    ///
    /// let images = Images::<1, 1>::from_array(Array2::zeros((4, 1)))?
    ///     .with_label("age", vec![18, 40, 59, 60])?
    ///     .with_groups("age group", "age", &[40, 60])?;
    /// assert_eq!(images.label("age group")?, [0, 1, 1, 2]);
    /// # Ok::<(), elbo::Error>(())
    /// ```
    ///
    /// # Errors
    /// When there is no label `of`, or the bounds do not ascend.
    pub fn with_groups(self, name: impl Into<String>, of: &str, bounds: &[u32]) -> Result<Self> {
        if !bounds.is_sorted() {
            let requirement = "each is at least the one before";
            return Err(Error::setting("bounds of groups", format!("{bounds:?}"), requirement));
        }
        let group = |&value: &u32| bounds.partition_point(|&bound| bound <= value) as u32;
        let groups = self.label(of)?.iter().map(group).collect();
        self.with_label(name, groups)
    }

    /// The number of images.
    pub fn len(&self) -> usize {
        self.pixels.nrows()
    }

    /// Whether there are no images.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The size of each image in pixels: rows and columns, (H, W).
    pub fn frame(&self) -> (usize, usize) {
        (H, W)
    }

    /// All pixels, shape (n, H·W): one image per row.
    pub fn pixels(&self) -> ArrayView2<'_, f32> {
        self.pixels.view()
    }

    /// The image at `index`, shape (H, W).
    ///
    /// # Panics
    /// When `index` is not below [`len`](Self::len), as with slices.
    pub fn image(&self, index: usize) -> ArrayView2<'_, f32> {
        // Rows are contiguous by construction, so the slice is always there.
        let row = self.pixels.row(index).to_slice().unwrap_or_default();
        ArrayView2::from(row.as_chunks::<W>().0)
    }

    /// The values of the label `name`, one per image.
    ///
    /// # Errors
    /// When there is no such label; the error lists those there are.
    pub fn label(&self, name: &str) -> Result<&[u32]> {
        Label::values(&self.labels, name)
    }

    /// The names of the labels, in the order in which they were added.
    pub fn label_names(&self) -> impl Iterator<Item = &str> {
        self.labels.iter().map(|label| label.name.as_str())
    }

    /// The image at `index` as the bytes of a PNG file with 8-bit gray levels.
    ///
    /// # Errors
    /// When there is no such image.
    pub fn to_png(&self, index: usize) -> Result<Vec<u8>> {
        self.check_index(index)?;
        let image = self.image(index);
        let picture = GrayImage::from_fn(W as u32, H as u32, |x, y| {
            Luma([(image[[y as usize, x as usize]] * 255.0).round() as u8])
        });
        let mut png = Cursor::new(Vec::new());
        picture.write_to(&mut png, ImageFormat::Png).map_err(Error::drawing)?;
        Ok(png.into_inner())
    }

    pub(super) fn check_index(&self, index: usize) -> Result<()> {
        if index < self.len() {
            return Ok(());
        }
        Err(Error::Setting {
            setting: "image index",
            value: index.to_string(),
            requirement: format!("there are {} images, counted from 0", self.len()),
        })
    }
}

impl<const H: usize, const W: usize> fmt::Debug for Images<H, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.label_names().collect();
        write!(f, "{} images of {H}×{W} pixels, labels {names:?}", self.len())
    }
}
