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
//! | something that changes while a cell runs | [`Live`] |
//! | numbers in rows and columns | [`Table`] |

mod axis;
mod backend;
mod card;
mod channel;
mod curves;
mod decoded_plane;
mod image_grid;
mod image_pairs;
mod latent_map;
mod live;
mod mime;
pub mod palette;
mod pixels;
mod plot;
mod point_range;
mod svg;
mod table;
mod text;
mod units;

pub(crate) use mime::impl_evcxr_display;

pub use channel::{ask, ask_password, clear};
pub use curves::{Curves, Panel, Series};
pub use decoded_plane::DecodedPlane;
pub use image_grid::ImageGrid;
pub use image_pairs::ImagePairs;
pub use latent_map::LatentMap;
pub use live::Live;
pub(crate) use live::Throttle;
pub use mime::{MimeBundle, RichDisplay};
pub use point_range::PointRange;
pub use table::{Cell, Table};
