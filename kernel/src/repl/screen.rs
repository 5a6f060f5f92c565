//! What cells show, on a terminal: text as it comes, and displays that change in their place.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::picture::{Drawing, Pictures, Size};
use crate::engine::Output;
use crate::relay::MimeBundle;

/// A display that changes is drawn again at most this often.
const PACE: Duration = Duration::from_millis(100);
/// Between these two a terminal does not paint, so that nothing flickers. Others ignore them.
const BEGIN_UPDATE: &str = "\x1b[?2026h";
const END_UPDATE: &str = "\x1b[?2026l";

/// The place where outputs are shown.
pub struct Screen<W> {
    out: W,
    size: fn() -> Size,
    pictures: Pictures,
    /// The display that was shown last, if nothing was shown since.
    last: Option<Last>,
    /// New content of displays further up, which cannot be reached any more.
    late: Vec<(String, MimeBundle)>,
    in_line: bool,
    clear_at_next: bool,
    count: u32,
}

/// A display at the bottom of the screen.
struct Last {
    id: Option<String>,
    rows: usize,
    number: u32,
    drawn: Instant,
    /// Its new content, until it is time to draw it.
    waiting: Option<MimeBundle>,
}

impl<W: Write> Screen<W> {
    /// Shows outputs here.
    pub fn new(out: W, pictures: Pictures, size: fn() -> Size) -> Self {
        Self {
            out,
            size,
            pictures,
            last: None,
            late: Vec::new(),
            in_line: false,
            clear_at_next: false,
            count: 0,
        }
    }

    /// Shows an output.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn show(&mut self, output: Output) -> io::Result<()> {
        match output {
            Output::Stdout(text) | Output::Stderr(text) => self.text(&text)?,
            Output::Display { bundle, id } => self.display(&bundle, id)?,
            Output::Value(bundle) => self.display(&bundle, None)?,
            Output::Update { bundle, id } => self.update(bundle, id),
            Output::Clear { wait: true } => self.clear_at_next = true,
            Output::Clear { wait: false } => self.clear()?,
        }
        self.tick()?;
        self.out.flush()
    }

    /// Draws what has waited for its time. To be called every now and then.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn tick(&mut self) -> io::Result<()> {
        if self.last.as_ref().is_some_and(|last| last.drawn.elapsed() >= PACE) {
            self.draw_waiting()?;
        }
        Ok(())
    }

    /// Shows all that is still waiting; the next output begins a new line.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn end_cell(&mut self) -> io::Result<()> {
        self.draw_waiting()?;
        for (id, bundle) in std::mem::take(&mut self.late) {
            self.display(&bundle, Some(id))?;
        }
        self.end_line()?;
        self.last = None;
        self.clear_at_next = false;
        self.out.flush()
    }

    /// Shows a line that does not come from the cell.
    ///
    /// # Errors
    /// When the terminal cannot be written to.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{}", text.trim_end_matches('\n'))?;
        self.out.flush()
    }

    fn text(&mut self, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.clear_at_next) {
            self.clear()?;
        }
        self.draw_waiting()?;
        self.last = None;
        self.in_line = !text.ends_with('\n');
        self.out.write_all(text.as_bytes())
    }

    fn display(&mut self, bundle: &MimeBundle, id: Option<String>) -> io::Result<()> {
        if std::mem::take(&mut self.clear_at_next) {
            // One display after the other in the same place: an animation.
            if let Some(last) = self.reachable() {
                last.id = id;
                last.waiting = Some(bundle.clone());
                return Ok(());
            }
            self.clear()?;
        }
        self.draw_waiting()?;
        self.end_line()?;
        self.count += 1;
        let (number, size) = (self.count, (self.size)());
        let Drawing { text, rows } = draw(&mut self.pictures, bundle, size, number);
        self.out.write_all(text.as_bytes())?;
        self.last = Some(Last { id, rows, number, drawn: Instant::now(), waiting: None });
        Ok(())
    }

    fn update(&mut self, bundle: MimeBundle, id: String) {
        if let Some(last) = self.reachable().filter(|last| last.id.as_ref() == Some(&id)) {
            last.waiting = Some(bundle);
            return;
        }
        match self.late.iter_mut().find(|(known, _)| *known == id) {
            Some((_, content)) => *content = bundle,
            None => self.late.push((id, bundle)),
        }
    }

    /// The last display, if it can be drawn over: what has left the screen at its top cannot.
    fn reachable(&mut self) -> Option<&mut Last> {
        let height = (self.size)().rows as usize;
        self.last.as_mut().filter(|last| last.rows < height)
    }

    /// Draws the new content of the last display over the old one.
    fn draw_waiting(&mut self) -> io::Result<()> {
        let Some(last) = &mut self.last else { return Ok(()) };
        let Some(bundle) = last.waiting.take() else { return Ok(()) };
        let size = (self.size)();
        let Drawing { text, rows } = draw(&mut self.pictures, &bundle, size, last.number);
        write!(self.out, "{BEGIN_UPDATE}{}{text}\x1b[J{END_UPDATE}", up(last.rows))?;
        self.out.flush()?;
        last.rows = rows;
        last.drawn = Instant::now();
        Ok(())
    }

    /// Takes away the last display and the line that was begun. What is further up stays.
    fn clear(&mut self) -> io::Result<()> {
        if let Some(last) = self.last.take() {
            write!(self.out, "{}\x1b[J", up(last.rows))?;
        }
        if std::mem::take(&mut self.in_line) {
            write!(self.out, "\r\x1b[K")?;
        }
        Ok(())
    }

    fn end_line(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.in_line) { writeln!(self.out) } else { Ok(()) }
    }
}

/// To the start of the line so many lines above.
fn up(rows: usize) -> String {
    if rows == 0 { "\r".to_owned() } else { format!("\r\x1b[{rows}A") }
}

/// The richest form that a terminal can show: a picture, else text.
fn draw(pictures: &mut Pictures, bundle: &MimeBundle, size: Size, number: u32) -> Drawing {
    if let Some(picture) = pictures.draw(bundle, size, number) {
        return picture;
    }
    match (bundle.as_text(), bundle.iter().next()) {
        (Some(text), _) => lines(&text, size),
        (None, Some((mime, _))) => lines(&format!("({mime}: a terminal cannot show this)"), size),
        (None, None) => Drawing { text: String::new(), rows: 0 },
    }
}

/// Text as whole lines; those that are too long for the terminal take several.
fn lines(text: &str, size: Size) -> Drawing {
    let mut drawing = Drawing { text: String::new(), rows: 0 };
    let columns = size.columns as usize;
    for line in text.trim_end_matches('\n').lines() {
        drawing.rows += console::measure_text_width(line).div_ceil(columns).max(1);
        drawing.text.push_str(line);
        drawing.text.push_str("\x1b[K\n");
    }
    drawing
}

#[cfg(test)]
#[path = "screen_tests.rs"]
mod tests;
