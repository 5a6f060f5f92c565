use super::*;

fn picture(map: &HeatMap, scale: usize) -> image::RgbImage {
    image::load_from_memory(&map.squares_png(scale).unwrap()).unwrap().to_rgb8()
}

fn colour(position: f64) -> [u8; 3] {
    let Rgb(red, green, blue) = viridis(position);
    [red, green, blue]
}

#[test]
fn the_lowest_number_is_dark_the_highest_light_and_nan_has_its_own_colour() {
    let map = HeatMap::new((2, 2), [0.0, 10.0, f64::NAN, 5.0].into_iter());
    let picture = picture(&map, 1);
    let pixels: Vec<[u8; 3]> = picture.pixels().map(|pixel| pixel.0).collect();
    let Rgb(red, green, blue) = AXIS;
    assert_eq!(pixels, [colour(0.0), colour(1.0), [red, green, blue], colour(0.5)]);
    assert_eq!(map.summary(), "min 0, max 10.00, 1 value not finite");
    let svg = map.draw("t").unwrap();
    assert!(svg.contains(">not finite</text>") && svg.contains(&format!(">{}<", map.summary())));
}

#[test]
fn rows_run_down_and_columns_to_the_right() {
    let map = HeatMap::new((2, 3), (0..6).map(f64::from));
    let picture = picture(&map, 4);
    assert_eq!(picture.dimensions(), (12, 8));
    assert_eq!(picture.get_pixel(11, 3).0, colour(2.0 / 5.0));
    assert_eq!(picture.get_pixel(0, 4).0, colour(3.0 / 5.0));
}

#[test]
fn neighbours_share_a_square_when_there_are_too_many() {
    // 961 columns are more than two for each of 480 squares.
    let map = HeatMap::new((2, 961), (0..2 * 961).map(|i| f64::from(i % 961)));
    assert_eq!((map.block, map.size()), ((1, 3), (2, 321)));
    assert_eq!(map.squares[..3], [1.0, 4.0, 7.0]);
    // The last square has only one column.
    assert_eq!(map.squares[320], 960.0);
    assert_eq!(map.summary(), "min 0, max 960.0, a square is the mean of 1×3 values");
}

#[test]
fn what_is_not_finite_is_seen_in_a_shared_square() {
    let values =
        (0..2 * 960).map(|i| if i < 2 { f64::INFINITY * (1.0 - i as f64 * 2.0) } else { 0.0 });
    let map = HeatMap::new((2, 960), values);
    assert!(map.squares[0].is_nan() && map.squares[1] == 0.0);
    assert_eq!(map.broken, 2);
}

#[test]
fn equal_numbers_and_none_at_all_are_drawn() {
    let flat = HeatMap::new((2, 2), [3.0; 4].into_iter());
    assert_eq!(picture(&flat, 1).get_pixel(0, 0).0, colour(0.5));
    let nothing = HeatMap::new((16, 16), [f64::NAN; 256].into_iter());
    assert_eq!(nothing.summary(), "256 values not finite");
    assert!(nothing.draw("t").is_ok());
}

#[test]
fn indices_stand_at_the_middle_of_their_squares() {
    assert_eq!(indices(2), [(0.25, "0".to_owned()), (0.75, "1".to_owned())]);
    let names: Vec<String> = indices(28).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["0", "5", "10", "15", "20", "25"]);
    assert!(indices(60_000).iter().any(|(_, name)| name == "10,000"));
}
