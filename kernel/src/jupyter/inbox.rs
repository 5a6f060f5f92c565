//! Messages on their way in from one socket.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jupyter_protocol::{JupyterMessage, JupyterMessageContent as Content, UnknownMessage};
use jupyter_zmq_client::{Connection, RawMessage, Result};
use serde_json::{Map, Value, json};
use zeromq::{SocketRecv, ZmqMessage};

use super::note;

/// A message, or what was wrong with one that came from the right sender.
pub enum Received {
    /// Understood.
    Message(JupyterMessage),
    /// A request that is not as the protocol has it, and why.
    Malformed(JupyterMessage, String),
}

/// The next message with a valid signature.
///
/// # Errors
/// For anything else that comes in, and when the socket is closed.
pub async fn receive<S: SocketRecv>(connection: &mut Connection<S>) -> Result<Received> {
    loop {
        // A message that comes at the moment at which a front end connects may not wake who waits for
        // it; looking again finds it. Nothing is lost when the waiting is broken off.
        let Ok(parts) = tokio::time::timeout(GLANCE, connection.socket.recv()).await else {
            continue;
        };
        let parts = parts?;
        let signature = signature(&parts);
        let raw = RawMessage::from_multipart(parts, &connection.mac)?;
        // Somebody who has overheard a message can send it again, and nobody else would.
        if connection.mac.is_none() || is_new(signature) {
            return Ok(understand(raw)?);
        }
        note("a message that has come before was dropped");
    }
}

/// How often it is looked again whether a message is there.
const GLANCE: Duration = Duration::from_millis(500);
/// How many signatures are remembered.
const REMEMBERED: usize = 65_536;

/// The signature of a message: the part behind the delimiter.
fn signature(parts: &ZmqMessage) -> Vec<u8> {
    let mut parts = parts.iter().skip_while(|part| &part[..] != b"<IDS|MSG>");
    parts.nth(1).map(|part| part.to_vec()).unwrap_or_default()
}

/// Whether a signature has not been seen, on any socket.
fn is_new(signature: Vec<u8>) -> bool {
    static SEEN: Mutex<BTreeSet<Vec<u8>>> = Mutex::new(BTreeSet::new());
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.len() >= REMEMBERED {
        // The signatures are as good as random, and so is which of them is forgotten.
        seen.pop_first();
    }
    seen.insert(signature)
}

fn understand(raw: RawMessage) -> serde_json::Result<Received> {
    let part = |at: usize| raw.jparts.get(at).map_or(&b"null"[..], |part| &part[..]);
    let header: jupyter_protocol::Header = serde_json::from_slice(part(0))?;
    let content: Value = serde_json::from_slice(part(3))?;
    let kind = header.msg_type.clone();
    let content = with_defaults(&kind, content);
    let (content, problem) = match Content::from_type_and_content(&kind, content.clone()) {
        Ok(content) => (content, None),
        Err(error) => (unknown(&kind, content), Some(error.to_string())),
    };
    let mut message = JupyterMessage::new(content, None);
    message.zmq_identities = raw.zmq_identities;
    message.header = header;
    // Absent where nothing came before.
    message.parent_header = serde_json::from_slice(part(1)).ok();
    message.metadata = serde_json::from_slice(part(2))?;
    message.buffers = raw.jparts.into_iter().skip(4).collect();
    Ok(match problem {
        Some(problem) => Received::Malformed(message, problem),
        None => Received::Message(message),
    })
}

/// A content that is only passed along.
pub fn unknown(kind: &str, content: Value) -> Content {
    Content::UnknownMessage(UnknownMessage { msg_type: kind.to_owned(), content })
}

/// Adds what the protocol lets a sender leave out.
fn with_defaults(kind: &str, content: Value) -> Value {
    let defaults = match kind {
        "execute_request" => json!({
            "silent": false, "store_history": true, "user_expressions": {},
            "allow_stdin": true, "stop_on_error": true,
        }),
        "history_request" => json!({
            "hist_access_type": "tail", "output": false, "raw": true, "session": 0, "start": 0,
            "stop": i32::MAX, "n": i32::MAX, "pattern": "*", "unique": false,
        }),
        "inspect_request" => json!({ "detail_level": 0 }),
        "shutdown_request" => json!({ "restart": false }),
        "comm_open" | "comm_msg" | "comm_close" => json!({ "data": {} }),
        _ => Value::Null,
    };
    let (Value::Object(defaults), Value::Object(given)) = (defaults, &content) else {
        return content;
    };
    // A null says as little as nothing.
    let given = given.iter().filter(|(_, value)| !value.is_null());
    let mut whole: Map<String, Value> = defaults;
    whole.extend(given.map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_left_out_is_added() {
        let content = with_defaults("execute_request", json!({"code": "1", "silent": true}));
        let content = Content::from_type_and_content("execute_request", content).unwrap();
        let Content::ExecuteRequest(request) = content else { panic!("not an execute_request") };
        assert!(request.silent && request.store_history && request.stop_on_error);
        for given in [json!({}), json!({"hist_access_type": "range", "session": null, "stop": 3})] {
            let content = with_defaults("history_request", given);
            Content::from_type_and_content("history_request", content).unwrap();
        }
        assert_eq!(with_defaults("kernel_info_request", json!({})), json!({}));
    }
}
