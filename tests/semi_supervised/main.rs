//! M2 and the SDGM against quadrature, and their promises: seeds, files, labels, errors.

mod bounds;
mod generation;
mod labels;
mod resume;
