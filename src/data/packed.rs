//! The content of files, plain or gzip.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};

/// What to do about a file whose content is not what it should be.
pub(super) const RENEW: &str = "the file is damaged or was not copied whole: fetch it again";

/// A file being read, unpacked if it is gzip (told by its content, not by its name).
pub(super) struct Content<'a> {
    pub(super) path: &'a Path,
    content: Box<dyn Read + 'a>,
    /// Bytes of the unpacked content read so far.
    pub(super) offset: u64,
}

impl<'a> Content<'a> {
    pub(super) fn open(path: &'a Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| {
            Error::file(path, format!("cannot be opened ({error})"), "check the path")
        })?;
        Self::new(path, BufReader::new(file))
    }

    /// Reads from `packed`, which is plain or gzip; `path` is for the errors.
    pub(super) fn new(path: &'a Path, mut packed: impl BufRead + 'a) -> Result<Self> {
        let start = packed.fill_buf().map_err(|error| {
            Error::file(path, format!("cannot be read ({error})"), "check the path")
        })?;
        let content: Box<dyn Read + 'a> = match start.starts_with(&[0x1f, 0x8b]) {
            true => Box::new(MultiGzDecoder::new(packed)),
            false => Box::new(packed),
        };
        Ok(Self { path, content, offset: 0 })
    }

    /// Up to `size` bytes; fewer at the end of the file.
    pub(super) fn read(&mut self, size: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let outcome = self.content.by_ref().take(size).read_to_end(&mut bytes);
        self.offset += bytes.len() as u64;
        outcome.map_err(|error| {
            let after = format!("after {} unpacked bytes", self.offset);
            let problem = match error.kind() {
                ErrorKind::UnexpectedEof => format!("the gzip data break off {after}"),
                _ => format!("cannot be unpacked ({error}) {after}"),
            };
            Error::file(self.path, problem, RENEW)
        })?;
        Ok(bytes)
    }

    /// All that is left, as text.
    pub(super) fn text(mut self) -> Result<String> {
        let bytes = self.read(u64::MAX)?;
        String::from_utf8(bytes).map_err(|error| {
            let place = error.utf8_error().valid_up_to();
            Error::file(self.path, format!("is not text from byte {place} on"), RENEW)
        })
    }
}
