//! Text as a terminal shows it, with what moves back over it.

use std::rc::Rc;

/// Appends text. A carriage return goes back to the beginning of the line and a backspace by one
/// character; what follows is written over what is there, as far as it reaches. Where the next text
/// will be written is kept at the end, as a carriage return and what stands before that place: see
/// [`shown`].
pub fn append(whole: &mut String, text: &str) {
    // Only the last line can still change.
    let open = whole.rfind('\n').map_or(0, |at| at + 1);
    if !whole[open..].contains('\r') && !text.contains(['\r', '\u{8}']) {
        return whole.push_str(text);
    }
    let rest = [&whole[open..], text].concat();
    whole.truncate(open);
    for line in rest.split_inclusive('\n') {
        match line.strip_suffix('\n') {
            Some(line) => {
                Line::of(line).write_to(whole);
                whole.push('\n');
            }
            None => {
                let line = Line::of(line);
                line.write_to(whole);
                line.write_place_to(whole);
            }
        }
    }
}

/// The text as it is seen.
pub fn shown(text: &str) -> String {
    let (done, open) = text.split_at(text.rfind('\n').map_or(0, |at| at + 1));
    let mut whole = done.to_owned();
    Line::of(open).write_to(&mut whole);
    whole
}

/// What switches all colours off.
const RESET: &str = "\u{1b}[0m";

/// A line as it is being written.
#[derive(Default)]
struct Line {
    /// Its characters, each with its style.
    cells: Vec<(Rc<str>, char)>,
    /// Where the next character goes.
    at: usize,
    /// The colours that are switched on: the sequences since all were switched off, in this line.
    style: Rc<str>,
}

impl Line {
    /// The line as it looks when all of it has been written.
    fn of(text: &str) -> Self {
        let mut line = Self::default();
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let sequence = control_sequence(rest);
            match character {
                _ if sequence > 0 => line.control(&rest[..sequence]),
                '\r' => line.at = 0,
                '\u{8}' => line.at = line.at.saturating_sub(1),
                character => line.put(character),
            }
            rest = &rest[sequence.max(character.len_utf8())..];
        }
        line
    }

    fn put(&mut self, character: char) {
        if self.cells.len() <= self.at {
            self.cells.resize(self.at + 1, (Rc::default(), ' '));
        }
        self.cells[self.at] = (Rc::clone(&self.style), character);
        self.at += 1;
    }

    /// Colours are kept, and lines are erased; everything else moves where a page cannot.
    fn control(&mut self, sequence: &str) {
        match sequence {
            RESET | "\u{1b}[m" => self.style = RESET.into(),
            colour if colour.ends_with('m') => self.style = [&*self.style, colour].concat().into(),
            "\u{1b}[K" | "\u{1b}[0K" => self.cells.truncate(self.at),
            "\u{1b}[2K" => self.cells.clear(),
            _ => {}
        }
    }

    fn write_to(&self, text: &mut String) {
        let mut current = "";
        let mut switch = |style, text: &mut String| {
            if current != style {
                text.push_str(&change(current, style));
                current = style;
            }
        };
        for (style, character) in &self.cells {
            switch(&**style, text);
            text.push(*character);
        }
        switch(&self.style, text);
    }

    /// Where the line goes on, if not at its end.
    fn write_place_to(&self, text: &mut String) {
        if self.at < self.cells.len() {
            text.push('\r');
            for (style, character) in &self.cells[..self.at] {
                text.push_str(&change(&self.style, style));
                text.push(*character);
                text.push_str(&change(style, &self.style));
            }
        }
    }
}

/// What changes one style into another.
fn change(from: &str, to: &str) -> String {
    match to.strip_prefix(from) {
        Some(more) => more.to_owned(),
        None if from == RESET || to.starts_with(RESET) => to.to_owned(),
        None => [RESET, to].concat(),
    }
}

/// How many bytes at the beginning are a control sequence, such as a colour.
fn control_sequence(text: &str) -> usize {
    let Some(rest) = text.strip_prefix("\u{1b}[") else { return 0 };
    let end = rest.find(|c: char| ('@'..='~').contains(&c));
    end.map_or(0, |at| 2 + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a text does not end within a control sequence.
    fn is_whole(text: &str) -> bool {
        text.rfind('\u{1b}').is_none_or(|at| control_sequence(&text[at..]) > 0)
    }

    #[test]
    fn what_goes_back_is_written_over() {
        for (written, seen) in [
            ("1\r2\r3\n", "3\n"),
            ("abcdef\rxy\n", "xycdef\n"),
            ("a\r\r\n", "a\n"),
            ("123\u{8}456\n", "12456\n"),
            ("###  \r##   \r#    \r\n", "#    \n"),
            ("a\r\nb\r\n", "a\nb\n"),
            ("\u{8}\u{8}a", "a"),
            ("épo\ré", "épo"),
            ("\r\u{1b}[31mred\u{1b}[0m\n", "\u{1b}[31mred\u{1b}[0m\n"),
            ("\r\u{1b}[31mred\u{1b}[0m\rb\n", "\u{1b}[0mb\u{1b}[31med\u{1b}[0m\n"),
            ("\r\u{1b}[1;31mtwo\nlines\u{1b}[0m", "\u{1b}[1;31mtwo\nlines\u{1b}[0m"),
            ("50 %\r\u{1b}[2Kdone\n", "done\n"),
            ("abc\rx\u{1b}[K\n", "x\n"),
            ("no end", "no end"),
            ("waits\r", "waits"),
            ("abc\u{8}\u{8}", "abc"),
        ] {
            // However it comes in parts.
            for (cut, _) in written.char_indices().filter(|(cut, _)| is_whole(&written[..*cut])) {
                let (first, second) = written.split_at(cut);
                let mut both = String::new();
                append(&mut both, first);
                append(&mut both, second);
                assert_eq!(shown(&both), seen, "{first:?} {second:?}");
            }
        }
    }
}
