//! Waiting for several sources at once.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Waits until one of the sources can be read or is closed; `None` when the time is up.
pub fn poll_all(sources: &[BorrowedFd<'_>], millis: i64) -> io::Result<Option<Vec<bool>>> {
    let mut fds: Vec<_> =
        sources.iter().map(|source| PollFd::from_borrowed_fd(*source, PollFlags::IN)).collect();
    let timeout = Timespec { tv_sec: millis / 1000, tv_nsec: millis % 1000 * 1_000_000 };
    match poll(&mut fds, Some(&timeout)) {
        Ok(0) | Err(rustix::io::Errno::INTR) => Ok(None),
        Ok(_) => Ok(Some(fds.iter().map(|fd| !fd.revents().is_empty()).collect())),
        Err(error) => Err(error.into()),
    }
}
