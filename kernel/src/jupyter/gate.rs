//! The port at which front ends listen to what is published.
//!
//! The library behind the socket sends to one front end after the other and waits for each, so that
//! one that has stopped reading (a console that is suspended, a laptop that sleeps) would silence the
//! kernel for all. So front ends connect here, and each has a buffer of its own. A slow one slows the
//! kernel down when its buffer is full, and misses nothing. One that takes nothing at all for a while is
//! disconnected; it connects again when it wakes up.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use jupyter_protocol::{ConnectionInfo, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::mpsc;

/// How many bytes a front end may lag behind.
const LAG: usize = 64 * 1024 * 1024;
/// How many bytes are read at once.
const CHUNK: usize = 64 * 1024;
/// A front end that lags behind and takes nothing for so long has stopped reading.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the port, and returns where the publishing socket is to be instead. Where front ends do not
/// connect over the network there is no gate.
///
/// # Errors
/// When the port is not free.
pub async fn open(connection: &ConnectionInfo, session: &Path) -> Result<ConnectionInfo> {
    if connection.transport != Transport::TCP {
        return Ok(connection.clone());
    }
    let address = (connection.ip.as_str(), connection.iopub_port);
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("port {} of the connection file is not free", connection.iopub_port)
    })?;
    let inner = ConnectionInfo {
        transport: Transport::IPC,
        ip: session.join("iopub").to_string_lossy().into_owned(),
        ..connection.clone()
    };
    let socket = format!("{}-{}", inner.ip, inner.iopub_port);
    tokio::spawn(async move {
        while let Ok((front_end, _)) = listener.accept().await {
            // A front end that goes away is no reason to end.
            let socket = socket.clone();
            tokio::spawn(async move {
                if let Ok(kernel) = UnixStream::connect(socket).await {
                    connect(front_end, kernel, PATIENCE).await;
                }
            });
        }
    });
    Ok(inner)
}

/// Passes bytes on, both ways, until one of the two has ended or the front end is too far behind.
async fn connect(front_end: TcpStream, kernel: UnixStream, patience: Duration) {
    // Small messages are for people who wait.
    let _ = front_end.set_nodelay(true);
    let (mut from_front_end, mut to_front_end) = front_end.into_split();
    let (mut from_kernel, mut to_kernel) = kernel.into_split();
    let (sender, mut waiting) = mpsc::channel::<Vec<u8>>(LAG / CHUNK);
    let upwards = tokio::io::copy(&mut from_front_end, &mut to_kernel);
    let reading = async {
        let mut buffer = vec![0; CHUNK];
        loop {
            let Ok(count @ 1..) = from_kernel.read(&mut buffer).await else { return };
            let taken = sender.send(buffer[..count].to_vec());
            match tokio::time::timeout(patience, taken).await {
                Ok(Ok(())) => {}
                // The front end is gone, or has stopped reading.
                Ok(Err(_)) | Err(_) => return,
            }
        }
    };
    let writing = async {
        while let Some(bytes) = waiting.recv().await {
            if to_front_end.write_all(&bytes).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        _ = upwards => {}
        () = reading => {}
        () = writing => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_that_does_not_read_is_disconnected_and_holds_up_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s");
        let kernel = tokio::net::UnixListener::bind(&path).unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mut idle = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (front_end, _) = listener.accept().await.unwrap();
        let inner = UnixStream::connect(&path).await.unwrap();
        let (mut publisher, _) = kernel.accept().await.unwrap();
        let gate = tokio::spawn(connect(front_end, inner, Duration::from_millis(300)));
        idle.write_all(b"subscribe").await.unwrap();
        let mut heard = [0; 9];
        publisher.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"subscribe");
        publisher.write_all(b"hello").await.unwrap();
        let mut heard = [0; 5];
        idle.read_exact(&mut heard).await.unwrap();
        assert_eq!(&heard, b"hello");

        // One that is slow gets all.
        let chunk = vec![0; 1024 * 1024];
        let mut heard = vec![0; 1024 * 1024];
        for _ in 0..3 {
            publisher.write_all(&chunk).await.unwrap();
            tokio::time::sleep(Duration::from_millis(50)).await;
            idle.read_exact(&mut heard).await.unwrap();
        }
        let mut written = 0;
        while publisher.write_all(&chunk).await.is_ok() {
            written += chunk.len();
            assert!(written < 4 * LAG, "nobody has noticed");
        }
        gate.await.unwrap();
    }
}
