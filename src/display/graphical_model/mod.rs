//! Which variables of a model depend on which: a graph in plate notation.

mod drawing;
#[cfg(test)]
mod tests;

use super::{
    MimeBundle, RichDisplay, impl_evcxr_display,
    text::{counted, titled},
};
use crate::error::{Error, Result};

/// A directed graph of random variables in plate notation: an SVG drawing, with the factors of the
/// joint distribution as the text form.
///
/// Observed variables are shaded, latent ones are not, parameters are points. A plate holds what is
/// repeated. Dashed arrows belong to the approximate posterior. A name such as `z_t` or `x_{t+1}`
/// has a subscript. Variables stand on a grid: columns from the left, rows from the top, halves
/// allowed.
///
/// ```
/// use elbo::display::{GraphicalModel, RichDisplay};
///
/// let vae = GraphicalModel::new("Variational autoencoder")
///     .latent("z", (0.0, 0.0))
///     .observed("x", (0.0, 1.0))
///     .depends("x", &["z"])?
///     .infers("z", &["x"])?
///     .plate("n rows", &["z", "x"])?;
/// assert!(vae.mime_bundle()?.text().ends_with("p(z) p(x|z), inference q(z|x)"));
/// # Ok::<(), elbo::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GraphicalModel {
    title: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
    plates: Vec<Plate>,
}

/// What is known of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Latent,
    Observed,
    Parameter,
    /// Stands for variables that are not drawn: what comes before and after.
    Ellipsis,
}

#[derive(Clone, Debug, PartialEq)]
struct Node {
    name: String,
    kind: Kind,
    /// Column and row.
    place: (f64, f64),
}

/// Between nodes by their index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Edge {
    from: usize,
    to: usize,
    /// Of the approximate posterior.
    infers: bool,
}

#[derive(Clone, Debug, PartialEq)]
struct Plate {
    label: String,
    members: Vec<usize>,
}

impl GraphicalModel {
    /// A graph without variables.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a variable that is not observed, at (column, row).
    pub fn latent(self, name: impl Into<String>, place: (f64, f64)) -> Self {
        self.node(name, Kind::Latent, place)
    }

    /// Adds a variable that is observed.
    pub fn observed(self, name: impl Into<String>, place: (f64, f64)) -> Self {
        self.node(name, Kind::Observed, place)
    }

    /// Adds a parameter.
    pub fn parameter(self, name: impl Into<String>, place: (f64, f64)) -> Self {
        self.node(name, Kind::Parameter, place)
    }

    /// Adds dots for variables that are not drawn. The name is for [`Self::depends`] only.
    pub fn ellipsis(self, name: impl Into<String>, place: (f64, f64)) -> Self {
        self.node(name, Kind::Ellipsis, place)
    }

    fn node(mut self, name: impl Into<String>, kind: Kind, place: (f64, f64)) -> Self {
        self.nodes.push(Node { name: name.into(), kind, place });
        self
    }

    /// Draws arrows from parents to a variable: a factor p(child|parents) of the model.
    ///
    /// # Errors
    /// [`Error::Setting`] for a variable that was not added before.
    pub fn depends(self, child: &str, parents: &[&str]) -> Result<Self> {
        self.arrows(child, parents, false)
    }

    /// Draws dashed arrows to a latent variable: a factor q(child|parents) of the approximate
    /// posterior.
    ///
    /// # Errors
    /// Those of [`Self::depends`].
    pub fn infers(self, child: &str, parents: &[&str]) -> Result<Self> {
        self.arrows(child, parents, true)
    }

    fn arrows(mut self, child: &str, parents: &[&str], infers: bool) -> Result<Self> {
        let to = self.index(child)?;
        for parent in parents {
            let from = self.index(parent)?;
            self.edges.push(Edge { from, to, infers });
        }
        Ok(self)
    }

    /// Draws a plate around variables; `label` says how often they are repeated.
    ///
    /// # Errors
    /// Those of [`Self::depends`].
    pub fn plate(mut self, label: impl Into<String>, members: &[&str]) -> Result<Self> {
        let members = members.iter().map(|name| self.index(name)).collect::<Result<_>>()?;
        self.plates.push(Plate { label: label.into(), members });
        Ok(self)
    }

    fn index(&self, name: &str) -> Result<usize> {
        self.nodes.iter().position(|node| node.name == name).ok_or_else(|| {
            let known: Vec<&str> = self.nodes.iter().map(|node| node.name.as_str()).collect();
            Error::setting("variable", name, format!("add it first; the variables are {known:?}"))
        })
    }

    /// The joint distribution as a product, and the approximate posterior.
    fn factors(&self) -> String {
        let product = |infers: bool| -> Vec<String> {
            (0..self.nodes.len()).filter_map(|child| self.factor(child, infers)).collect()
        };
        let (model, inference) = (product(false).join(" "), product(true).join(" "));
        match inference.as_str() {
            "" => model,
            inference => format!("{model}, inference {inference}"),
        }
    }

    /// p(child|parents), or q; nothing for what has no distribution of its own.
    fn factor(&self, child: usize, infers: bool) -> Option<String> {
        let node = &self.nodes[child];
        let random = |kind: Kind| matches!(kind, Kind::Latent | Kind::Observed);
        let to_child = self.edges.iter().filter(|edge| edge.to == child && edge.infers == infers);
        let parents: Vec<&Node> = to_child.map(|edge| &self.nodes[edge.from]).collect();
        if !random(node.kind) || (infers && parents.is_empty()) {
            return None;
        }
        let letter = if infers { "q" } else { "p" };
        let given: Vec<&str> = parents
            .iter()
            .filter(|parent| random(parent.kind))
            .map(|parent| parent.name.as_str())
            .collect();
        Some(match given.is_empty() {
            true => format!("{letter}({})", node.name),
            false => format!("{letter}({}|{})", node.name, given.join(", ")),
        })
    }

    fn text(&self) -> String {
        if self.nodes.is_empty() {
            return titled(&self.title, "no variables");
        }
        let count = counted(self.nodes.len(), "variable");
        if self.factors().is_empty() {
            return titled(&self.title, &count);
        }
        titled(&self.title, &self.factors())
    }
}

impl RichDisplay for GraphicalModel {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let text = self.text();
        if self.nodes.is_empty() {
            return Ok(MimeBundle::new(text));
        }
        let svg = self.draw(&text).map_err(Error::drawing)?;
        Ok(MimeBundle::new(text).with_svg(svg))
    }
}

impl_evcxr_display!(GraphicalModel);
