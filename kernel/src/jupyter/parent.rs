//! The server that has started the kernel.

use std::time::Duration;

use rustix::process::getppid;

/// Where Jupyter's launcher says who it is.
const VARIABLE: &str = "JPY_PARENT_PID";
/// How often it is looked whether the server is still there.
const GLANCE: Duration = Duration::from_secs(1);

/// Resolves when the server that has started this kernel is there no more: nobody could end the kernel
/// by a message then. Never for a kernel that was started by something else.
pub async fn has_ended() {
    let own = getppid();
    let server: Option<i32> = std::env::var(VARIABLE).ok().and_then(|pid| pid.parse().ok());
    let is_of_server = own.is_some_and(|own| Some(own.as_raw_nonzero().get()) == server);
    if !is_of_server {
        return std::future::pending().await;
    }
    while getppid() == own {
        tokio::time::sleep(GLANCE).await;
    }
}
