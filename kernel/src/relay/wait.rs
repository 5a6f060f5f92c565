//! Waiting for several sources at once.

use std::io;
use std::os::fd::BorrowedFd;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Waits until one of the sources can be read or is closed; `None` when the time is up.
pub fn poll_all<const N: usize>(
    sources: [BorrowedFd<'_>; N],
    millis: i64,
) -> io::Result<Option<[bool; N]>> {
    let mut fds = sources.map(|source| PollFd::from_borrowed_fd(source, PollFlags::IN));
    let timeout = Timespec { tv_sec: millis / 1000, tv_nsec: millis % 1000 * 1_000_000 };
    match poll(&mut fds, Some(&timeout)) {
        Ok(0) | Err(rustix::io::Errno::INTR) => Ok(None),
        Ok(_) => Ok(Some(fds.map(|fd| !fd.revents().is_empty()))),
        Err(error) => Err(error.into()),
    }
}
