//! Lines of ink as gray pixels, at any resolution.

use super::pen::Ink;

/// Draws `lines` into `pixels`, a square of `side`×`side` in row order. Each pixel is the share of
/// its area under ink times the ink's darkness; where lines cross, the darker one counts.
pub(super) fn render(lines: &[Vec<Ink>], side: usize, pixels: &mut [f32]) {
    let scale = side as f32;
    for pair in lines.iter().flat_map(|line| line.windows(2)) {
        let segment = Segment::new(pair[0], pair[1], scale);
        let [columns, rows] = [0, 1].map(|axis| segment.reach(axis, side));
        for row in rows {
            for column in columns.clone() {
                let value = segment.coverage(column as f32 + 0.5, row as f32 + 0.5);
                let pixel = &mut pixels[row * side + column];
                *pixel = pixel.max(value);
            }
        }
    }
}

/// A straight piece of line with round ends, in pixels.
struct Segment {
    from: Ink,
    to: Ink,
    step: [f32; 2],
    /// One over the squared length.
    inverse: f32,
}

impl Segment {
    fn new(from: Ink, to: Ink, scale: f32) -> Self {
        let pixels =
            |ink: Ink| Ink { at: ink.at.map(|x| x * scale), radius: ink.radius * scale, ..ink };
        let (from, to) = (pixels(from), pixels(to));
        let step = [to.at[0] - from.at[0], to.at[1] - from.at[1]];
        let square = step[0] * step[0] + step[1] * step[1];
        Self { from, to, step, inverse: square.max(f32::MIN_POSITIVE).recip() }
    }

    /// The pixels along an axis that the piece can touch.
    fn reach(&self, axis: usize, side: usize) -> std::ops::Range<usize> {
        let (a, b) = (self.from.at[axis], self.to.at[axis]);
        let radius = self.from.radius.max(self.to.radius) + 1.0;
        // A float outside the range of usize becomes the nearest number inside.
        let start = (a.min(b) - radius).floor() as usize;
        start..((a.max(b) + radius).ceil() as usize).min(side)
    }

    /// How dark the pixel with its centre at (x, y) is. The pixel's area under a line is that of
    /// a unit interval under the line's cross-section, exact for lines along the axes.
    fn coverage(&self, x: f32, y: f32) -> f32 {
        let [dx, dy] = [x - self.from.at[0], y - self.from.at[1]];
        let along = ((dx * self.step[0] + dy * self.step[1]) * self.inverse).clamp(0.0, 1.0);
        let off = (dx - along * self.step[0]).hypot(dy - along * self.step[1]);
        let radius = self.from.radius + along * (self.to.radius - self.from.radius);
        let darkness = self.from.darkness + along * (self.to.darkness - self.from.darkness);
        let edge = |distance: f32| (distance + 0.5).clamp(0.0, 1.0);
        darkness * (edge(radius - off) - edge(-radius - off))
    }
}

#[cfg(test)]
mod tests {
    use std::f32::consts::PI;

    use super::*;

    #[test]
    fn the_sum_of_the_pixels_is_the_area_under_the_line() {
        // (end of the line, radius, side): thick along an axis, thick and slanted, and thinner
        // than a pixel.
        for (end, radius, side) in
            [([0.7, 0.5], 0.1, 100), ([0.6, 0.8], 0.1, 100), ([0.7, 0.503], 0.001, 200)]
        {
            let ink = |at| Ink { at, radius, darkness: 0.5 };
            let mut pixels = vec![0.0; side * side];
            render(&[vec![ink([0.3, 0.5]), ink(end)]], side, &mut pixels);
            let length = (end[0] - 0.3f32).hypot(end[1] - 0.5);
            let want = 0.5 * (2.0 * radius * length + PI * radius * radius) * (side * side) as f32;
            let got: f32 = pixels.iter().sum();
            // The round ends are cut into pixels by the distance of their centres only.
            assert!((got / want - 1.0).abs() < 0.01, "got {got}, want {want}");
        }
    }

    #[test]
    fn crossing_lines_do_not_add_up_and_the_frame_cuts() {
        let ink = |x, y| Ink { at: [x, y], radius: 0.2, darkness: 0.7 };
        let lines = [vec![ink(-1.0, 0.5), ink(2.0, 0.5)], vec![ink(0.5, -1.0), ink(0.5, 2.0)]];
        let mut pixels = vec![0.0; 40 * 40];
        render(&lines, 40, &mut pixels);
        assert_eq!(pixels[20 * 40 + 20], 0.7);
        assert_eq!([pixels[20 * 40], pixels[20], pixels[0]], [0.7, 0.7, 0.0]);
    }
}
