//! The heartbeat: whatever comes is sent back, as a sign of life.

use jupyter_zmq_client::KernelHeartbeatConnection;
use zeromq::{SocketRecv, SocketSend};

/// Echoes for ever.
pub async fn echo(mut heart: KernelHeartbeatConnection) {
    loop {
        match heart.socket.recv().await {
            Ok(message) => {
                // Who does not wait for the echo does not get it.
                let _ = heart.socket.send(message).await;
            }
            Err(_) => tokio::time::sleep(super::shell::AFTER_ERROR).await,
        }
    }
}
