//! A portal that answers with any bytes, or none, and remembers every request.

use std::io::{ErrorKind, Read, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use prancer_auth::{Credentials, Portal, Session, SessionBuilder};
use socket2::SockRef;

pub(crate) const PASSWORD: &str = "canary-password";
const WEEK: u64 = 7 * 24 * 60 * 60;

/// What is sent, and what follows.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Again and again, until the client has gone.
    Endless(Vec<u8>),
    /// The same, one piece each 20 ms.
    Drip(Vec<u8>),
    /// The same so often.
    Drips(Vec<u8>, usize),
    /// Nothing for so long.
    Wait(Duration),
    /// Nothing more, until the client has gone.
    Hold,
    Close,
    Reset,
}

/// The connection stays open for another request, unless the last step says otherwise.
pub(crate) type Answer = Vec<Step>;

/// A whole answer with the length of its body.
pub(crate) fn answer(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Answer {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    vec![Step::Send([head.as_bytes(), body].concat())]
}

/// A whole answer in JSON.
pub(crate) fn json(status: &str, body: impl AsRef<[u8]>) -> Answer {
    answer(status, "content-type: application/json\r\n", body)
}

/// A token that says so of itself, and holds a word to search for.
pub(crate) fn token(word: &str) -> String {
    let claims = format!(r#"{{"iat":1000,"exp":{},"word":"{word}"}}"#, 1000 + WEEK);
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(claims);
    format!("eyJhbGciOiJIUzI1NiJ9.{encoded}.{word}")
}

/// What a portal that is well answers.
pub(crate) fn good(request: &str) -> Answer {
    let data = match request.split(' ').nth(1).unwrap_or_default() {
        path if path.ends_with("/api/login/") || path.ends_with("/api/refresh/token/") => format!(
            r#"{{"token":"{}","refresh_token":"{}"}}"#,
            token("canary-access"),
            token("canary-refresh")
        ),
        path if path.ends_with("/api/logout/") => "{}".to_owned(),
        _ => r#"{"email":"user@example.com"}"#.to_owned(),
    };
    let body = format!(
        r#"{{"data":{data},"error":"","error_list":[],"message":"","metadata":{{}},"status":200}}"#
    );
    json("200 OK", body)
}

pub(crate) struct RawPortal {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<String>>>,
    sent: Arc<AtomicU64>,
    over: Arc<AtomicBool>,
    drops: Arc<AtomicBool>,
}

impl RawPortal {
    /// Answers each request, whose head and body it is given, with what `answer` says. Threads that wait for a client end with it.
    pub(crate) fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Arc::<Mutex<Vec<String>>>::default();
        let (sent, over) = (Arc::<AtomicU64>::default(), Arc::<AtomicBool>::default());
        let (all, answer) = (Arc::clone(&heard), Arc::new(answer));
        let (bytes, ends) = (Arc::clone(&sent), Arc::clone(&over));
        let drops = Arc::<AtomicBool>::default();
        let drops_all = Arc::clone(&drops);
        thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(connection) = connection else { return };
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                if drops_all.load(Ordering::SeqCst) {
                    continue;
                }
                let (all, answer) = (Arc::clone(&all), Arc::clone(&answer));
                let bytes = Arc::clone(&bytes);
                thread::spawn(move || serve(connection, &all, &bytes, &*answer));
            }
        });
        Self {
            address,
            heard,
            sent,
            over,
            drops,
        }
    }

    /// It closes new connections before it reads anything, until it is told otherwise.
    pub(crate) fn drops(&self, drops: bool) {
        self.drops.store(drops, Ordering::SeqCst);
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request, with its head and its body.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// How many requests began with this.
    pub(crate) fn calls(&self, line: &str) -> usize {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|it| it.starts_with(line)).count()
    }

    /// How much of all answers went out.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::SeqCst)
    }

    pub(crate) fn builder(&self) -> SessionBuilder {
        let credentials = Credentials::new("user@example.com", PASSWORD, "customer1");
        Session::builder(Portal::new(&self.url()).unwrap()).credentials(credentials)
    }
}

impl Drop for RawPortal {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for clients.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(
    mut connection: TcpStream,
    heard: &Mutex<Vec<String>>,
    sent: &AtomicU64,
    answer: &(dyn Fn(&str) -> Answer + Send + Sync),
) {
    while let Some(request) = read(&mut connection) {
        heard.lock().unwrap().push(request.clone());
        for step in answer(&request) {
            match step {
                Step::Send(bytes) if connection.write_all(&bytes).is_ok() => {
                    sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
                }
                Step::Endless(bytes) => {
                    while connection.write_all(&bytes).is_ok() {
                        sent.fetch_add(bytes.len() as u64, Ordering::SeqCst);
                    }
                }
                Step::Drip(bytes) => {
                    while connection.write_all(&bytes).is_ok() {
                        thread::sleep(Duration::from_millis(20));
                    }
                }
                Step::Drips(bytes, times) => {
                    for _ in 0..times {
                        let _ = connection.write_all(&bytes);
                        thread::sleep(Duration::from_millis(20));
                    }
                }
                Step::Wait(time) => thread::sleep(time),
                Step::Hold => while connection.read(&mut [0; 1024]).is_ok_and(|it| it > 0) {},
                Step::Reset => {
                    let _ = SockRef::from(&connection).set_linger(Some(Duration::ZERO));
                    return;
                }
                Step::Send(_) | Step::Close => return,
            }
        }
    }
}

/// One request, `None` where the client has gone.
pub(crate) fn read(connection: &mut impl Read) -> Option<String> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_lowercase();
            let length = length.split("content-length: ").nth(1);
            let length = length.and_then(|it| it.lines().next()?.trim().parse().ok());
            if body.len() >= length.unwrap_or(0) {
                return Some(text.into_owned());
            }
        }
        match connection.read(&mut piece) {
            Ok(0) => return None,
            Ok(length) => bytes.extend(&piece[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}
