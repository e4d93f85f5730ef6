//! A server that a test holds in its hand, byte by byte.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

/// A request, whose body is still to be read.
pub(crate) struct Request {
    /// `GET /path HTTP/1.1`
    pub(crate) line: String,
    /// Each in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) stream: BufReader<TcpStream>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let start = format!("{name}: ");
        self.headers.iter().find_map(|it| it.strip_prefix(&start))
    }

    pub(crate) fn body(&mut self) -> String {
        let length = self
            .header("content-length")
            .map_or(0, |it| it.parse().unwrap());
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }

    pub(crate) fn answers(&mut self, text: &str) {
        // Who has gone hears nothing.
        let _ = self.stream.get_mut().write_all(text.as_bytes());
    }

    pub(crate) fn answers_json(&mut self, json: &str) {
        let length = json.len();
        self.answers(&format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{json}"
        ));
    }
}

/// Serves one request a connection, and returns the URL.
pub(crate) fn serve(serve: impl Fn(Request) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let serve = Arc::clone(&serve);
            std::thread::spawn(move || {
                if let Some(request) = read(stream) {
                    serve(request);
                }
            });
        }
    });
    url
}

fn read(stream: TcpStream) -> Option<Request> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let headers = lines.map(|it| it.to_lowercase()).collect();
    Some(Request {
        line,
        headers,
        stream,
    })
}
