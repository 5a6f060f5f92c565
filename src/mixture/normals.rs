//! Several normal distributions of the same dimension.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use crate::{
    data::{Missing, check_cells, check_width},
    display::counted,
    error::{Error, Result},
    latent::{CONDITIONAL_STREAM, Covariances, Moments, normal_draws, one_hot_indices},
    linalg::Cholesky,
    train::stream,
};

/// What the covariances Σₖ of the components may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Covariance {
    /// Each component has a covariance matrix of its own.
    #[default]
    Full,
    /// All components share one covariance matrix.
    Tied,
    /// Each component has a variance for each column.
    Diagonal,
    /// Each component has one variance.
    Spherical,
}

impl Covariance {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Covariance::Full => "full",
            Covariance::Tied => "tied",
            Covariance::Diagonal => "diagonal",
            Covariance::Spherical => "spherical",
        }
    }
}

/// The parameters of the covariances.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Spread {
    /// K matrices (D, D).
    Full(Vec<Array2<f64>>),
    /// (D, D)
    Tied(Array2<f64>),
    /// Variances, (K, D).
    Diagonal(Array2<f64>),
    /// Variances, (K).
    Spherical(Array1<f64>),
}

/// K normal distributions N(μₖ, Σₖ) of D dimensions.
///
/// ```
/// use elbo::mixture::Normals;
/// use ndarray::array;
///
/// let normals = Normals::spherical(array![[0.0, 0.0], [3.0, 3.0]], array![1.0, 0.5])?;
/// assert_eq!(normals.covariance_matrix(1), array![[0.5, 0.0], [0.0, 0.5]]);
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Normals {
    pub(super) means: Array2<f64>,
    pub(super) spread: Spread,
}

impl Normals {
    /// Means (K, D) and a covariance matrix (D, D) for each.
    ///
    /// # Errors
    /// [`Error::Shape`] for sizes that do not fit, [`Error::Singular`] for a matrix that is not
    /// positive definite, [`Error::Value`] for a matrix that is not symmetric.
    pub fn full(means: Array2<f64>, covariances: Vec<Array2<f64>>) -> Result<Self> {
        check_size("the covariances", &[covariances.len()], &[means.nrows()])?;
        let size = means.ncols();
        for (k, matrix) in covariances.iter().enumerate() {
            check_matrix(&format!("the covariance of component {k}"), matrix, size)?;
        }
        Self::checked(means, Spread::Full(covariances))
    }

    /// Means (K, D) and one covariance matrix (D, D) for all.
    ///
    /// # Errors
    /// Those of [`Self::full`].
    pub fn tied(means: Array2<f64>, covariance: Array2<f64>) -> Result<Self> {
        check_matrix("the covariance", &covariance, means.ncols())?;
        Self::checked(means, Spread::Tied(covariance))
    }

    /// Means (K, D) and variances (K, D).
    ///
    /// # Errors
    /// [`Error::Shape`] for sizes that do not fit, [`Error::Value`] for a variance that is not
    /// positive.
    pub fn diagonal(means: Array2<f64>, variances: Array2<f64>) -> Result<Self> {
        check_size("the variances", variances.shape(), means.shape())?;
        check_variances(&variances)?;
        Self::checked(means, Spread::Diagonal(variances))
    }

    /// Means (K, D) and a variance for each (K).
    ///
    /// # Errors
    /// Those of [`Self::diagonal`].
    pub fn spherical(means: Array2<f64>, variances: Array1<f64>) -> Result<Self> {
        check_size("the variances", variances.shape(), &[means.nrows()])?;
        check_variances(&variances.view().insert_axis(Axis(1)).to_owned())?;
        Self::checked(means, Spread::Spherical(variances))
    }

    fn checked(means: Array2<f64>, spread: Spread) -> Result<Self> {
        if means.is_empty() {
            return Err(Error::setting("means", "empty", "there must be a component and a column"));
        }
        check_cells(means.view(), Missing::Refused)?;
        Ok(Self { means, spread })
    }

    /// K
    pub fn len(&self) -> usize {
        self.means.nrows()
    }

    /// Whether there are no components; there always are.
    pub fn is_empty(&self) -> bool {
        self.means.is_empty()
    }

    /// D
    pub fn dimensions(&self) -> usize {
        self.means.ncols()
    }

    /// μ, (K, D).
    pub fn means(&self) -> ArrayView2<'_, f64> {
        self.means.view()
    }

    /// What kind of covariances these are.
    pub fn covariance(&self) -> Covariance {
        match self.spread {
            Spread::Full(_) => Covariance::Full,
            Spread::Tied(_) => Covariance::Tied,
            Spread::Diagonal(_) => Covariance::Diagonal,
            Spread::Spherical(_) => Covariance::Spherical,
        }
    }

    /// Σₖ, (D, D).
    ///
    /// # Panics
    /// When `component` is not below [`Self::len`], as with slices.
    pub fn covariance_matrix(&self, component: usize) -> Array2<f64> {
        match &self.spread {
            Spread::Full(matrices) => matrices[component].clone(),
            Spread::Tied(matrix) => matrix.clone(),
            Spread::Diagonal(_) | Spread::Spherical(_) => {
                Array2::from_diag(&self.variances(component))
            }
        }
    }

    /// The diagonal of Σₖ, (D).
    ///
    /// # Panics
    /// When `component` is not below [`Self::len`], as with slices.
    pub fn variances(&self, component: usize) -> Array1<f64> {
        match &self.spread {
            Spread::Full(matrices) => matrices[component].diag().to_owned(),
            Spread::Tied(matrix) => matrix.diag().to_owned(),
            Spread::Diagonal(variances) => variances.row(component).to_owned(),
            Spread::Spherical(variances) => {
                Array1::from_elem(self.dimensions(), variances[component])
            }
        }
    }

    /// The number of free parameters.
    pub fn parameter_count(&self) -> usize {
        let (k, d) = self.means.dim();
        let matrix = d * (d + 1) / 2;
        k * d
            + match self.spread {
                Spread::Full(_) => k * matrix,
                Spread::Tied(_) => matrix,
                Spread::Diagonal(_) => k * d,
                Spread::Spherical(_) => k,
            }
    }

    /// What a model with these normals is: its kind, their number and their covariances.
    pub(crate) fn name_of(&self, model: &str, part: &str) -> String {
        format!("{model}, {}, {}", counted(self.len(), part), self.covariance().name())
    }

    /// The moments of the component that every row of `z` names, a one-hot row: (n, K) → (n, D).
    ///
    /// # Errors
    /// [`Error::Shape`] for a `z` of another width, [`Error::Value`] for a row that is not one-hot.
    pub(crate) fn conditional(&self, z: ArrayView2<f64>) -> Result<Moments> {
        check_width("the latent variables", z, self.len())?;
        let components = one_hot_indices(z)?;
        let mean = self.means.select(Axis(0), &components);
        Ok(Moments { mean, covariances: self.covariances_of(components) })
    }

    /// A draw from the component that every row of `z` names.
    ///
    /// # Errors
    /// Those of [`Self::conditional`].
    pub(crate) fn draw_conditional(&self, z: ArrayView2<f64>, seed: u64) -> Result<Array2<f64>> {
        normal_draws(&self.conditional(z)?, &mut stream(seed, CONDITIONAL_STREAM))
    }

    /// The covariance of the component of every row.
    fn covariances_of(&self, components: Vec<usize>) -> Covariances {
        match &self.spread {
            Spread::Full(matrices) => {
                Covariances::Shared { matrices: matrices.clone(), of: components }
            }
            Spread::Tied(matrix) => Covariances::Shared {
                matrices: vec![matrix.clone()],
                of: vec![0; components.len()],
            },
            Spread::Diagonal(variances) => {
                Covariances::Diagonal(variances.select(Axis(0), &components))
            }
            Spread::Spherical(variances) => Covariances::Spherical {
                variances: components.iter().map(|&k| variances[k]).collect(),
                dimensions: self.dimensions(),
            },
        }
    }
}

fn check_size(what: &str, got: &[usize], want: &[usize]) -> Result<()> {
    if got == want {
        return Ok(());
    }
    Err(Error::Shape {
        what: what.to_owned(),
        got: got.to_vec(),
        want: want.to_vec(),
        advice: "one row of the means is one component".to_owned(),
    })
}

fn check_variances(variances: &Array2<f64>) -> Result<()> {
    let wrong = |value: f64| !(value > 0.0 && value.is_finite());
    match variances.indexed_iter().find(|(_, value)| wrong(**value)) {
        None => Ok(()),
        Some(((row, column), &value)) => Err(Error::Value {
            what: "the variances".to_owned(),
            row,
            column,
            value,
            advice: "a variance is positive".to_owned(),
        }),
    }
}

fn check_matrix(what: &str, matrix: &Array2<f64>, size: usize) -> Result<()> {
    check_size(what, matrix.shape(), &[size, size])?;
    let scale = matrix.diag().iter().fold(0.0f64, |most, value| most.max(value.abs()));
    let differs = |(row, column): (usize, usize), value: f64| {
        (value - matrix[[column, row]]).abs() > 1e-9 * scale
    };
    if let Some(((row, column), &value)) =
        matrix.indexed_iter().find(|(place, value)| differs(*place, **value))
    {
        let advice = "a covariance is symmetric".to_owned();
        return Err(Error::Value { what: what.to_owned(), row, column, value, advice });
    }
    match Cholesky::new(matrix.view()) {
        Ok(_) => Ok(()),
        Err(error) => Err(singular(what, error.pivot)),
    }
}

/// The error about a covariance that is not positive definite.
pub(super) fn singular(what: &str, pivot: usize) -> Error {
    Error::Singular {
        what: what.to_owned(),
        pivot,
        advice: "raise the ridge, use fewer components or simpler covariances, or remove constant \
                 and repeated columns"
            .to_owned(),
    }
}
