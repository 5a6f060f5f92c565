use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

use crate::data::download::{Remote, fetch, mnist};

const NAME: &str = "greeting";
/// SHA-256 of "abc" (FIPS 180-2, appendix B.1).
const ABC: Remote = Remote {
    name: NAME,
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
};

/// A web server on this computer, and the paths that were asked for.
struct Server {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Serves `files` (path and bytes) until the test ends.
    fn start(files: &[(&str, &[u8])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let files: HashMap<String, Vec<u8>> =
            files.iter().map(|&(path, bytes)| (path.to_owned(), bytes.to_vec())).collect();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let log = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &files, &log);
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn answer(mut stream: TcpStream, files: &HashMap<String, Vec<u8>>, log: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let request = lines.next().unwrap().unwrap();
    lines.map_while(Result::ok).find(String::is_empty);
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let (status, body) = match files.get(&path) {
        Some(bytes) => ("200 OK", bytes.as_slice()),
        None => ("404 Not Found", &b"nothing here"[..]),
    };
    log.lock().unwrap().push(path);
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(body).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn a_file_with_the_right_checksum_is_kept() {
    let server = Server::start(&[("/greeting", b"abc")]);
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("new/folder");
    fetch(&[ABC], std::slice::from_ref(&server.address), &target).unwrap();
    assert_eq!(fs::read(target.join(NAME)).unwrap(), b"abc");
    assert_eq!(names(&target), [NAME]);

    fetch(&[ABC], std::slice::from_ref(&server.address), &target).unwrap();
    assert_eq!(server.asked(), ["/greeting"], "a file that is there is not fetched again");
}

#[test]
fn a_wrong_checksum_leads_to_the_next_mirror() {
    let wrong = Server::start(&[("/greeting", b"abd")]);
    let right = Server::start(&[("/mirror/greeting", b"abc")]);
    let folder = tempfile::tempdir().unwrap();
    let mirrors = [wrong.address.clone(), format!("{}mirror", right.address)];
    fetch(&[ABC], &mirrors, folder.path()).unwrap();
    assert_eq!(fs::read(folder.path().join(NAME)).unwrap(), b"abc");
    assert_eq!((wrong.asked().len(), right.asked().len()), (1, 1));
}

#[test]
fn failures_name_each_address_and_leave_nothing() {
    let wrong = Server::start(&[("/greeting", b"abd")]);
    let empty = Server::start(&[]);
    let folder = tempfile::tempdir().unwrap();
    let mirrors = [wrong.address.clone(), empty.address.clone()];
    let target = folder.path().join("new");
    let failures = fetch(&[ABC], &mirrors, &target).unwrap_err();
    assert_eq!(failures.len(), 2);
    assert!(failures[0].contains(&format!("{}greeting", wrong.address)), "{}", failures[0]);
    assert!(failures[0].contains("the 3 bytes received have the SHA-256 checksum a52d159f"));
    assert!(failures[0].contains(ABC.sha256));
    assert!(failures[1].contains(&empty.address) && failures[1].contains("404"), "{}", failures[1]);
    assert!(names(folder.path()).is_empty(), "not even the folder");
}

#[test]
fn mnist_is_asked_for_at_the_given_address_and_checked() {
    let server = Server::start(&[("/train-images-idx3-ubyte.gz", b"something else")]);
    let folder = tempfile::tempdir().unwrap();
    let failures = mnist(folder.path(), Some(server.address.clone())).unwrap_err();
    assert_eq!(server.asked(), ["/train-images-idx3-ubyte.gz"]);
    assert_eq!(failures.len(), 1);
    assert!(failures[0].contains("440fcabf73cc546f"), "{}", failures[0]);
    assert!(names(folder.path()).is_empty());
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let server = Server::start(&[("/greeting", b"abc")]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in the way").unwrap();
    let failures = fetch(&[ABC], &[server.address], &file.join("folder")).unwrap_err();
    assert!(failures[0].contains("cannot be saved in"), "{}", failures[0]);
    assert!(failures[0].contains(&file.display().to_string()), "{}", failures[0]);
}
