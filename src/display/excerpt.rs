//! Which rows and columns of something large are shown.

/// Most rows of a table of data.
pub(super) const ROWS: usize = 10;
/// Most columns of a table of data.
pub(super) const COLUMNS: usize = 16;

/// The places that are shown of `length`, at most `most`: the first and the last, with one `None`
/// where some are left out.
pub(super) fn excerpt(length: usize, most: usize) -> Vec<Option<usize>> {
    if length <= most {
        return (0..length).map(Some).collect();
    }
    let (first, last) = (most.div_ceil(2), most / 2);
    (0..first).map(Some).chain([None]).chain((length - last..length).map(Some)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_places_are_shown_with_one_gap() {
        assert_eq!(excerpt(0, 10), []);
        assert_eq!(excerpt(2, 2), [Some(0), Some(1)]);
        assert_eq!(excerpt(9, 4), [Some(0), Some(1), None, Some(7), Some(8)]);
        assert_eq!(excerpt(9, 3), [Some(0), Some(1), None, Some(8)]);
    }
}
