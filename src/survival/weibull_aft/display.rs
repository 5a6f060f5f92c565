//! The coefficients as a table.

use super::WeibullAft;
use crate::{
    display::{Cell, MimeBundle, RichDisplay, Table, impl_evcxr_display},
    error::Result,
    survival::statistics::{half_width, two_sided},
};

impl RichDisplay for WeibullAft {
    fn mime_bundle(&self) -> Result<MimeBundle> {
        let title = format!(
            "Weibull AFT: {} patients, {} events, shape {:.3}, log-likelihood {:.2}, {} iterations",
            self.patients,
            self.events,
            self.shape(),
            self.log_likelihood,
            self.iterations
        );
        let percent = 100.0 * self.confidence;
        let columns = [
            "column".to_owned(),
            "coefficient".to_owned(),
            "standard error".to_owned(),
            "time ratio".to_owned(),
            format!("{percent} % from"),
            "to".to_owned(),
            "p".to_owned(),
        ];
        let z = half_width(self.confidence);
        let mut table = Table::new(title, columns);
        let names = std::iter::once("intercept").chain(self.names().iter().map(String::as_str));
        let values = std::iter::once(&self.intercept).chain(&self.coefficients);
        for ((name, &value), &error) in names.zip(values).zip(&self.standard_errors()) {
            table = table.row([
                name.into(),
                value.into(),
                error.into(),
                value.exp().into(),
                (value - z * error).exp().into(),
                (value + z * error).exp().into(),
                Cell::p_value(two_sided(value / error)),
            ]);
        }
        for warning in self.warnings() {
            table.title.push_str(&format!("\nWarning: {warning}"));
        }
        table.mime_bundle()
    }
}

impl_evcxr_display!(WeibullAft);
