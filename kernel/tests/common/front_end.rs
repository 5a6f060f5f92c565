//! A front end that talks to the kernel over real sockets and notices every message.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use jupyter_protocol::media::Media;
use jupyter_protocol::{
    ConnectionInfo, ExecuteRequest, InputReply, JupyterMessage, JupyterMessageContent as Content,
    Transport,
};
use jupyter_zmq_client as zmq;
use tokio::runtime::Runtime;

const PATIENCE: Duration = Duration::from_secs(120);
const QUIET: Duration = Duration::from_millis(400);

/// A running kernel and the sockets to it.
pub struct FrontEnd {
    pub runtime: Runtime,
    pub kernel: Child,
    pub connection: ConnectionInfo,
    pub shell: zmq::ClientShellConnection,
    pub control: zmq::ClientControlConnection,
    pub iopub: zmq::ClientIoPubConnection,
    pub stdin: zmq::ClientStdinConnection,
    _folder: tempfile::TempDir,
}

impl FrontEnd {
    /// Starts a kernel without the model library and connects to it.
    pub fn start() -> Self {
        let mut command = crate::common::elbo();
        command.args(["kernel", "--no-prelude"]);
        Self::connect_to(command)
    }

    /// Starts a kernel with the model library and connects to it.
    pub fn with_library() -> Self {
        // All of it: a session that begins without polars is another matter.
        static IS_COMPILED: std::sync::Once = std::sync::Once::new();
        IS_COMPILED.call_once(|| {
            let prepared = crate::common::elbo_with_library().arg("prepare").output().unwrap();
            assert!(prepared.status.success(), "{}", String::from_utf8_lossy(&prepared.stderr));
        });
        let mut command = crate::common::elbo_with_library();
        command.arg("kernel");
        Self::connect_to(command)
    }

    /// Starts a kernel by this command and connects to it.
    pub fn connect_to(mut command: Command) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let connection = free_connection();
        let file = folder.path().join("connection.json");
        std::fs::write(&file, serde_json::to_string(&connection).unwrap()).unwrap();
        if command.get_envs().all(|(name, _)| name != "XDG_STATE_HOME") {
            // The user's own history is not for tests.
            command.env("XDG_STATE_HOME", folder.path().join("state"));
        }
        let kernel =
            command.arg("--connection-file").arg(&file).stderr(Stdio::null()).spawn().unwrap();
        let ports = [
            connection.shell_port,
            connection.control_port,
            connection.iopub_port,
            connection.stdin_port,
        ];
        ports.into_iter().for_each(wait_for);
        let (shell, control, stdin, iopub) = runtime.block_on(connect(&connection));
        Self { runtime, kernel, connection, shell, control, iopub, stdin, _folder: folder }
    }

    /// Sends a request on the shell socket.
    pub fn send(&mut self, content: impl Into<Content>) -> JupyterMessage {
        let message = JupyterMessage::new(content, None);
        self.runtime.block_on(self.shell.send(message.clone())).unwrap();
        message
    }

    /// Sends a request on the control socket.
    pub fn send_control(&mut self, content: impl Into<Content>) -> JupyterMessage {
        let message = JupyterMessage::new(content, None);
        self.runtime.block_on(self.control.send(message.clone())).unwrap();
        message
    }

    /// Sends a cell.
    pub fn execute(&mut self, code: &str) -> JupyterMessage {
        self.send(ExecuteRequest::new(code.to_owned()))
    }

    /// The next message on the iopub socket, which must come of this request.
    #[track_caller]
    pub fn published(&mut self, request: &JupyterMessage) -> Content {
        let read = tokio_timeout(PATIENCE, self.iopub.read());
        let message = self.runtime.block_on(read).expect("nothing was published").unwrap();
        assert_eq!(parent(&message), request.header.msg_id, "{message:?}");
        message.content
    }

    /// The next message on the shell socket, which must answer this request.
    #[track_caller]
    pub fn reply(&mut self, request: &JupyterMessage) -> Content {
        self.reply_message(request).content
    }

    /// As [`FrontEnd::reply`], with all that is said beside the content.
    #[track_caller]
    pub fn reply_message(&mut self, request: &JupyterMessage) -> JupyterMessage {
        let read = tokio_timeout(PATIENCE, self.shell.read());
        let message = self.runtime.block_on(read).expect("no reply").unwrap();
        assert_eq!(parent(&message), request.header.msg_id, "{message:?}");
        message
    }

    /// Sends a request on the shell socket that has been sent before.
    pub fn send_again(&mut self, message: &JupyterMessage) {
        self.runtime.block_on(self.shell.send(message.clone())).unwrap();
    }

    /// Runs a cell, and returns what was published for it.
    #[track_caller]
    pub fn transcript_of(&mut self, code: &str) -> Vec<String> {
        let cell = self.execute(code);
        self.reply(&cell);
        self.transcript(&cell)
    }

    /// The next message on the control socket, which must answer this request.
    #[track_caller]
    pub fn control_reply(&mut self, request: &JupyterMessage) -> Content {
        let read = tokio_timeout(PATIENCE, self.control.read());
        let message = self.runtime.block_on(read).expect("no reply").unwrap();
        assert_eq!(parent(&message), request.header.msg_id, "{message:?}");
        message.content
    }

    /// What is published for a request, in short words, from busy to idle.
    #[track_caller]
    pub fn transcript(&mut self, request: &JupyterMessage) -> Vec<String> {
        let mut words = Vec::new();
        while words.last().is_none_or(|word| word != "idle") {
            let content = self.published(request);
            words.push(describe(&content));
        }
        words
    }

    /// As [`FrontEnd::transcript`], but leaves out what is published for other requests. Stops early
    /// behind a message that begins with `until`.
    #[track_caller]
    pub fn until(&mut self, request: &JupyterMessage, until: &str) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        while words.last().is_none_or(|word| word != "idle" && !word.starts_with(until)) {
            let read = tokio_timeout(PATIENCE, self.iopub.read());
            let message = self.runtime.block_on(read);
            let message = message.unwrap_or_else(|_| panic!("nothing more after {words:?}"));
            let message = message.unwrap();
            if parent(&message) == request.header.msg_id {
                words.push(describe(&message.content));
            }
        }
        words
    }

    /// Presses the stop button.
    pub fn interrupt(&mut self) {
        let interrupt = self.send_control(jupyter_protocol::InterruptRequest {});
        assert_eq!(self.control_reply(&interrupt).message_type(), "interrupt_reply");
    }

    /// Runs a cell to its end; returns what was published, without the first two messages and the
    /// last. Other requests may come between.
    #[track_caller]
    pub fn run(&mut self, code: &str) -> Vec<String> {
        let cell = self.execute(code);
        self.finish(&cell)
    }

    /// Waits for the end of a cell; returns as [`FrontEnd::run`].
    #[track_caller]
    pub fn finish(&mut self, cell: &JupyterMessage) -> Vec<String> {
        let mut words = self.until(cell, "idle");
        self.reply(cell);
        words.retain(|word| word != "busy" && word != "idle" && !word.starts_with("input "));
        words
    }

    /// Fails if a message was not read.
    #[track_caller]
    pub fn assert_nothing_unread(&mut self) {
        let runtime = &self.runtime;
        let iopub = runtime.block_on(tokio_timeout(QUIET, self.iopub.read()));
        assert!(iopub.is_err(), "unread on iopub: {iopub:?}");
        let shell = runtime.block_on(tokio_timeout(QUIET, self.shell.read()));
        assert!(shell.is_err(), "unread on shell: {shell:?}");
        let control = runtime.block_on(tokio_timeout(QUIET, self.control.read()));
        assert!(control.is_err(), "unread on control: {control:?}");
    }

    /// The next message on the stdin socket, which must come of this request.
    #[track_caller]
    pub fn question(&mut self, request: &JupyterMessage) -> JupyterMessage {
        let read = tokio_timeout(PATIENCE, self.stdin.read());
        let message = self.runtime.block_on(read).expect("no question").unwrap();
        assert_eq!(parent(&message), request.header.msg_id, "{message:?}");
        message
    }

    /// Answers a question.
    pub fn answer_question(&mut self, question: &JupyterMessage, value: &str) {
        let reply = InputReply { value: value.to_owned(), ..InputReply::default() };
        let reply = JupyterMessage::new(reply, Some(question));
        self.runtime.block_on(self.stdin.send(reply)).unwrap();
    }

    /// Waits for the kernel's end.
    pub fn wait_for_end(&mut self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(20);
        while Instant::now() < deadline {
            if let Some(status) = self.kernel.try_wait().unwrap() {
                return status.success();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }
}

impl Drop for FrontEnd {
    fn drop(&mut self) {
        let _ = self.kernel.kill();
        let _ = self.kernel.wait();
    }
}

/// A message in short words.
pub fn describe(content: &Content) -> String {
    match content {
        Content::Status(status) => status.execution_state.as_str().to_owned(),
        Content::ExecuteInput(input) => format!("input {}", input.execution_count.value()),
        Content::StreamContent(stream) => {
            let name = if matches!(stream.name, jupyter_protocol::Stdio::Stdout) {
                "stdout"
            } else {
                "stderr"
            };
            format!("{name} {:?}", stream.text)
        }
        Content::DisplayData(display) => {
            let id = display.transient.as_ref().and_then(|own| own.display_id.clone());
            format!("display {}{}", forms(&display.data), named(id.as_deref()))
        }
        Content::UpdateDisplayData(update) => {
            let id = update.transient.display_id.as_deref();
            format!("update {}{}", forms(&update.data), named(id))
        }
        Content::ExecuteResult(result) => {
            format!("result {} {}", result.execution_count.value(), forms(&result.data))
        }
        Content::ClearOutput(clear) => format!("clear {}", clear.wait),
        Content::ErrorOutput(error) => format!("error {}: {}", error.ename, error.evalue),
        other => other.message_type().to_owned(),
    }
}

fn forms(data: &Media) -> String {
    let mut forms: Vec<_> = data.content.iter().map(|form| form.mime_type()).collect();
    forms.sort_unstable();
    forms.join(" ")
}

fn named(id: Option<&str>) -> String {
    id.map_or_else(String::new, |id| format!(" as {id}"))
}

fn parent(message: &JupyterMessage) -> String {
    message.parent_header.as_ref().map_or_else(String::new, |parent| parent.msg_id.clone())
}

/// Ports below those that the system gives to whoever asks for any: nobody takes them before the kernel
/// has.
fn free_connection() -> ConnectionInfo {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 200).unwrap() * 100;
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let candidates = std::iter::repeat_with(|| first + NEXT.fetch_add(1, Ordering::SeqCst));
    let ports: Vec<_> = candidates.filter(is_free).take(5).collect();
    ConnectionInfo {
        ip: "127.0.0.1".to_owned(),
        transport: Transport::TCP,
        shell_port: ports[0],
        iopub_port: ports[1],
        stdin_port: ports[2],
        control_port: ports[3],
        hb_port: ports[4],
        key: "a key for tests".to_owned(),
        signature_scheme: "hmac-sha256".to_owned(),
        kernel_name: None,
    }
}

fn wait_for(port: u16) {
    let deadline = Instant::now() + PATIENCE;
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < deadline, "the kernel does not open its sockets");
        std::thread::sleep(Duration::from_millis(20));
    }
}

type Sockets = (
    zmq::ClientShellConnection,
    zmq::ClientControlConnection,
    zmq::ClientStdinConnection,
    zmq::ClientIoPubConnection,
);

async fn connect(connection: &ConnectionInfo) -> Sockets {
    let session = "front end";
    let identity = || zmq::peer_identity_for_session(session).unwrap();
    let mut iopub = zmq::create_client_iopub_connection(connection, "", session).await.unwrap();
    let shell = zmq::create_client_shell_connection_with_identity(connection, session, identity());
    let control = zmq::create_client_control_connection(connection, session);
    let stdin = zmq::create_client_stdin_connection_with_identity(connection, session, identity());
    let sockets = (shell.await.unwrap(), control.await.unwrap(), stdin.await.unwrap());
    // The kernel greets who has subscribed; from then on nothing is missed.
    let welcome = tokio_timeout(PATIENCE, iopub.read()).await.expect("no greeting").unwrap();
    assert_eq!(welcome.content.message_type(), "iopub_welcome");
    (sockets.0, sockets.1, sockets.2, iopub)
}

/// Waits, and looks again now and then: a message that comes while a socket connects may not wake who
/// waits for it.
async fn tokio_timeout<T>(
    patience: Duration,
    work: impl Future<Output = T>,
) -> Result<T, tokio::time::error::Elapsed> {
    let mut work = std::pin::pin!(work);
    let deadline = Instant::now() + patience;
    loop {
        let left = deadline.saturating_duration_since(Instant::now()).min(QUIET);
        match tokio::time::timeout(left, &mut work).await {
            Err(_) if Instant::now() < deadline => {}
            ended => return ended,
        }
    }
}
