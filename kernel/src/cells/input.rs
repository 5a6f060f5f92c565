//! Standard input of the cells: a cell that reads it asks the user.
//!
//! Nobody can see from outside that a process waits for its input. So the system's `read` is replaced
//! in this program, and with it in all libraries that it loads: for standard input, in the process
//! that runs the cells, it puts a question to the user; in all other cases it is what it was. Where
//! that cannot be done, standard input is empty.

/// From now on, who reads the standard input of this process asks over this socket.
#[cfg(not(target_os = "linux"))]
pub fn ask_at(_channel: std::path::PathBuf) {}

#[cfg(target_os = "linux")]
pub use linux::ask_at;

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::{c_int, c_void};
    use std::io::{self, BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    use std::path::PathBuf;
    use std::sync::{Mutex, OnceLock, PoisonError};

    use crate::relay::{Answer, ask_line, parse_answer};

    /// Standard input.
    const INPUT: c_int = 0;

    struct Input {
        /// The process that asks; a copy of it must not.
        process: u32,
        channel: PathBuf,
        /// What the user has said and nobody has read yet.
        said: Mutex<Vec<u8>>,
    }

    static OWN_INPUT: OnceLock<Input> = OnceLock::new();

    pub fn ask_at(channel: PathBuf) {
        let process = std::process::id();
        // Only called once.
        let _ = OWN_INPUT.set(Input { process, channel, said: Mutex::default() });
    }

    impl Input {
        /// Waits until there is something to read; at the end of input there is nothing.
        fn take(&self, count: usize) -> io::Result<Vec<u8>> {
            let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
            if said.is_empty() && count > 0 {
                match self.ask()? {
                    Answer::Text(text) => *said = format!("{text}\n").into_bytes(),
                    Answer::Nobody => {}
                    Answer::Interrupted => {
                        return Err(io::Error::from_raw_os_error(libc::ECANCELED));
                    }
                }
            }
            let count = count.min(said.len());
            Ok(said.drain(..count).collect())
        }

        fn ask(&self) -> io::Result<Answer> {
            let mut socket = BufReader::new(UnixStream::connect(&self.channel)?);
            socket.get_mut().write_all(ask_line().as_bytes())?;
            let mut answer = String::new();
            socket.read_line(&mut answer)?;
            Ok(parse_answer(&answer))
        }
    }

    /// The system's function of this name.
    ///
    /// # Safety
    /// As of the system's: there is room for `count` bytes.
    #[expect(unsafe_code, reason = "it takes the place of a function of the system")]
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn read(file: c_int, into: *mut c_void, count: usize) -> isize {
        let own = OWN_INPUT.get().filter(|own| file == INPUT && own.process == std::process::id());
        let Some(own) = own else {
            // SAFETY: the caller's promise is the one that the system asks for.
            return unsafe { libc::syscall(libc::SYS_read, file, into, count) } as isize;
        };
        match own.take(count) {
            Ok(bytes) => {
                // SAFETY: there are not more bytes than there is room for.
                unsafe { into.cast::<u8>().copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
                bytes.len() as isize
            }
            Err(error) => {
                // SAFETY: the place of the calling thread.
                unsafe { *libc::__errno_location() = error.raw_os_error().unwrap_or(libc::EIO) };
                -1
            }
        }
    }
}
