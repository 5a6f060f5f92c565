//! A semi-supervised model at a glance.

use super::Core;
use crate::{
    display::{Cell, Table},
    error::Result,
    train::fit_facts,
};

/// What there is to say of a model of this name, in a table.
pub(crate) fn facts(core: &Core, name: String) -> Result<Table> {
    let configuration = &core.configuration;
    let data = match configuration.frame {
        Some((height, width)) => {
            format!("{} values, images of {height}×{width}", configuration.inputs)
        }
        None => format!("{} values", configuration.inputs),
    };
    let mut table = Table::new(name, ["", ""]).row(["rows x".into(), data.into()]);
    for label in &configuration.labels {
        let prior = if label.prior.is_some() { "p(y) as given" } else { "p(y) uniform" };
        let text = format!("{}: {} classes, {prior}", label.name, label.len());
        table = table.row(["class y".into(), text.into()]);
    }
    let latent = format!("{}, p(z) = N(0, I)", configuration.latent);
    let rows = Cell::Text(Cell::from(core.unlabelled_rows()).to_string());
    let parameters = Cell::Text(Cell::from(core.parameters()?).to_string());
    let table = table
        .row(["latent variables z".into(), latent.into()])
        .row(["p(x|z, y)".into(), configuration.emission.described().into()])
        .row(["q(y|x)".into(), format!("{:?}", configuration.classifier).into()])
        .row(["objective".into(), configuration.weighting.described().into()])
        .row(["unlabelled rows".into(), rows])
        .row(["parameters".into(), parameters]);
    Ok(fit_facts(table, core.training.as_ref().map(|training| &training.history)))
}
