//! MEGA, as a metric and as a regulariser, against its definition written out, closed forms,
//! simulations with a known truth, and NumPy 2.4.6.

mod definition;
mod metric;
mod path;
#[path = "../classical/reference.rs"]
#[allow(dead_code)]
mod reference;
mod regulariser;
mod samples;
mod training;
