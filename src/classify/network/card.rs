//! A network at a glance.

use super::{
    NetworkClassifier,
    core::{Configuration, Core},
    kind::NetworkKind,
};
use crate::{
    display::{Cell, MimeBundle, ModelCard, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    nn::Architecture,
    train::{History, fit_facts},
};

impl Configuration {
    /// The name by which tables call the network.
    pub fn name(&self) -> String {
        let network = match (&self.architecture, self.members) {
            (Architecture::LeNet5, None) => "LeNet-5".to_owned(),
            (Architecture::LeNet5, Some(count)) => format!("committee of {count} LeNet-5"),
            (Architecture::Dense { .. }, _) => "deep network".to_owned(),
        };
        let given: Vec<&str> = self.predictors.iter().map(|given| given.label.as_str()).collect();
        if given.is_empty() { network } else { format!("{network} given {}", given.join(" and ")) }
    }

    /// What becomes of an image.
    fn layers(&self) -> String {
        let (height, width) = self.frame;
        let classes = self.target.values.len();
        let hidden = match &self.architecture {
            Architecture::LeNet5 => "6 maps, pooled → 16 maps, pooled → 120 → 84".to_owned(),
            Architecture::Dense { hidden, .. } => {
                hidden.iter().map(usize::to_string).collect::<Vec<_>>().join(" → ")
            }
        };
        format!("{height}×{width} → {hidden} → {classes}")
    }
}

impl Core {
    fn facts(&self, title: String) -> Result<Table> {
        let Configuration { architecture, target, predictors, .. } = &self.configuration;
        let parameters: usize =
            self.engine.tensors()?.iter().map(|(_, _, values)| values.len()).sum();
        let mut table = Table::new(title, ["", ""])
            .row(["label".into(), described(&target.label, target.values.len()).into()]);
        for given in predictors {
            let given = described(&given.label, given.values.len());
            table = table.row(["given beside the pixels".into(), given.into()]);
        }
        table = table.row(["layers".into(), self.configuration.layers().into()]);
        if let Architecture::Dense { activation, .. } = architecture {
            table = table.row(["activation".into(), format!("{activation:?}").into()]);
        }
        let parameters = Cell::Text(Cell::from(parameters).to_string());
        table = table.row(["parameters".into(), parameters]);
        Ok(fit_facts(table, self.training.as_ref().map(|training| &training.history)))
    }
}

fn described(label: &str, classes: usize) -> String {
    format!("{label}, {classes} classes")
}

impl<N: NetworkKind, const H: usize, const W: usize> std::fmt::Debug
    for NetworkClassifier<N, H, W>
{
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Core { configuration, device, .. } = &self.core;
        let (name, label) = (configuration.name(), &configuration.target.label);
        write!(f, "{label} of {H}×{W} images: {name}, on {device}")
    }
}

impl<N: NetworkKind, const H: usize, const W: usize> RichDisplay for NetworkClassifier<N, H, W> {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let card = ModelCard::new(self.core.facts(format!("{self:?}"))?);
        card.curves(self.history().map(History::unseen).as_ref()).bundle()
    }
}

impl_evcxr_display!([N: NetworkKind, const H: usize, const W: usize] NetworkClassifier<N, H, W>);
