//! A SAVAE at a glance.

use super::Savae;
use crate::{
    display::{
        Cell, GraphicalModel, MimeBundle, ModelCard, RichDisplay, Table, impl_evcxr_display,
    },
    error::Result,
    survival::Family,
    train::{History, fit_facts},
};

impl<const Z: usize> Savae<Z> {
    /// The graph of the model: p(z) p(x|z) p(t|x) p(y|t, z) with q(z|x, y).
    ///
    /// # Errors
    /// Never; the type says so of all graphs.
    pub fn graphical_model(&self) -> Result<GraphicalModel> {
        let graph = GraphicalModel::new("").latent("z", (1.0, 0.0)).observed("x", (0.0, 1.0));
        if self.core.configuration.columns.treatments.is_empty() {
            return graph
                .observed("y", (2.0, 1.0))
                .depends("x", &["z"])?
                .depends("y", &["z"])?
                .infers("z", &["x", "y"])?
                .plate("n patients", &["z", "x", "y"]);
        }
        graph
            .observed("t", (1.0, 1.0))
            .observed("y", (2.0, 1.0))
            .depends("x", &["z"])?
            .depends("t", &["x"])?
            .depends("y", &["t", "z"])?
            .infers("z", &["x", "y"])?
            .plate("n patients", &["z", "x", "t", "y"])
    }

    fn facts(&self) -> Result<Table> {
        let (settings, columns) =
            (&self.core.configuration.settings, &self.core.configuration.columns);
        let parameters: usize =
            self.core.engine.tensors()?.iter().map(|(_, _, values)| values.len()).sum();
        let treatments: Vec<&str> =
            columns.treatments.iter().map(|column| column.name.as_str()).collect();
        let treatments =
            if treatments.is_empty() { "none".to_owned() } else { treatments.join(", ") };
        let table = Table::new(format!("{self:?}"), ["", ""])
            .row(["covariates x".into(), self.families().into()])
            .row(["treatments t".into(), treatments.into()])
            .row(["health status z".into(), format!("{Z}, p(z) = N(0, I)").into()])
            .row(["p(y|t, z)".into(), format!("{:?}, {}", settings.emission, columns.unit).into()])
            .row(["q(z|x, y)".into(), "N(μ(x, y), diag σ²(x, y))".into()])
            .row([
                "hidden units".into(),
                format!("{}, {:?}", settings.hidden, settings.activation).into(),
            ])
            .row(["parameters".into(), Cell::Text(Cell::from(parameters).to_string())]);
        Ok(fit_facts(table, self.history()))
    }

    /// How many covariates each family has.
    fn families(&self) -> String {
        let all = [
            Family::Normal,
            Family::LogNormal,
            Family::Poisson,
            Family::Bernoulli,
            Family::Categorical,
        ];
        let columns = &self.core.configuration.columns.covariates;
        let count = |family| columns.iter().filter(|column| column.family == family).count();
        let parts = all.map(|family| (count(family), family));
        let parts = parts.iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = parts.map(|(count, family)| format!("{count} {family}")).collect();
        parts.join(", ")
    }
}

impl<const Z: usize> RichDisplay for Savae<Z> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        ModelCard::new(self.facts()?)
            .graph(self.graphical_model())
            .curves(self.history().map(History::unseen).as_ref())
            .bundle()
    }
}

impl_evcxr_display!([const Z: usize] Savae<Z>);
