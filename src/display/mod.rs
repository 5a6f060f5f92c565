//! Pictures for notebooks: every display has a text form, plots are SVG, images are PNG.
//!
//! A display is a plain value that owns what it shows. The last expression of a cell shows itself;
//! [`RichDisplay::show`] shows a value in the middle of a cell.
//!
//! | shows | type |
//! |---|---|
//! | images in rows and columns | [`ImageGrid`] |
//! | originals above reconstructions | [`ImagePairs`] |
//! | points in two latent dimensions | [`LatentMap`] |
//! | images decoded over the latent plane | [`DecodedPlane`] |
//! | training curves | [`Curves`] |
//! | estimates with intervals | [`PointRange`] |
//! | which variables of a model depend on which | [`GraphicalModel`] |
//! | ratios with intervals | [`Forest`] |
//! | lines and points over numbers | [`LineChart`] |
//! | survival functions | [`SurvivalCurves`] |
//! | something that changes while a cell runs | [`Live`] |
//! | numbers in rows and columns | [`Table`] |
//!
//! A text in one of the languages of notebooks becomes a display by a function; [`MimeBundle::with`]
//! joins several, or others:
//!
//! | shows | function |
//! |---|---|
//! | text with headings, lists, formulas | [`markdown`] |
//! | a formula | [`latex`] |
//! | a page or a part of one | [`html`] |
//! | anything that serde can serialise, as a tree | [`json`](json()) |
//! | a chart of Vega-Lite | [`vega_lite`](vega_lite()) |
//! | a drawing, a picture | [`svg`](svg()), [`png`], [`jpeg`] |
//!
//! What comes from other crates has displays too:
//!
//! | shows | type |
//! |---|---|
//! | the first and the last rows of data | polars' `DataFrame`, `Series` and `Column` |
//! | numbers with indices, or a heat map | ndarray's arrays and dfdx's tensors of an [`Element`] |
//! | a picture | the image crate's `DynamicImage` and `ImageBuffer` |
//! | the value, or the error's message | `Option` and `Result` of all these |

mod axis;
mod backend;
mod card;
mod channel;
mod colour_bar;
mod content;
mod curves;
mod data_table;
mod decoded_plane;
mod excerpt;
mod floats;
mod foreign;
mod forest;
mod formats;
mod graphical_model;
mod image_grid;
mod image_pairs;
mod latent_map;
mod line_chart;
mod lines;
mod live;
mod mime;
mod model_card;
mod packed;
pub mod palette;
mod pixels;
mod plot;
mod point_range;
mod survival_curves;
mod svg;
mod table;
mod table_picture;
mod text;
mod units;
#[doc(hidden)]
pub mod value;
mod vega_lite;

pub(crate) use mime::impl_evcxr_display;

pub(crate) use channel::is_live;
pub use channel::{ask, ask_password, clear};
pub use content::Content;
pub use curves::{Curves, Panel, Round, Series};
pub use decoded_plane::DecodedPlane;
pub use foreign::Element;
pub(crate) use foreign::captioned;
pub use forest::{Forest, ForestRow};
pub use formats::{html, jpeg, json, latex, markdown, png, svg};
pub use graphical_model::GraphicalModel;
pub use image_grid::ImageGrid;
pub use image_pairs::ImagePairs;
pub use latent_map::LatentMap;
pub use line_chart::{LineChart, LineSeries};
pub use live::Live;
pub(crate) use live::Throttle;
pub use mime::{MimeBundle, RichDisplay};
pub(crate) use model_card::ModelCard;
pub use point_range::PointRange;
pub(crate) use survival_curves::round_times;
pub use survival_curves::{NumbersBelow, SurvivalCurve, SurvivalCurves};
pub use table::{Cell, Table};
pub(crate) use text::counted;
pub use vega_lite::vega_lite;
