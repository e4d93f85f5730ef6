//! Every kind of bad answer to every call: the error, the requests, the state afterwards, and no secret; the table is in the docs.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use prancer_auth::{Credentials, Error, Session, SessionBuilder, State, TransientError, Transport};
use serde_json::Value;
use snapbox::Assert;
use snapbox::data::{Data, DataFormat};
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::bad_answer::{End, Row};
use crate::bad_answers::rows;
use crate::clock::Hands;
use crate::portal::eventually;
use crate::raw_portal::{PASSWORD, RawPortal, good};
use crate::witness::said;

/// Longer than any pause between attempts that the portal can ask for.
const LATER: Duration = Duration::from_secs(8 * 24 * 60 * 60);
/// The patience with a portal that hangs; a good answer takes much less.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many cases go on at once.
const AT_ONCE: usize = 24;
/// More than is read of any answer in three attempts, with what lies in the buffers of sockets.
const MOST_READ: u64 = 64 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Call {
    Login,
    Refresh,
    Logout,
    Secure,
}

const CALLS: [Call; 4] = [Call::Login, Call::Refresh, Call::Logout, Call::Secure];

impl Call {
    fn path(self) -> &'static str {
        match self {
            Self::Login => "POST /api/login/",
            Self::Refresh => "GET /api/refresh/token/",
            Self::Logout => "POST /api/logout/",
            Self::Secure => "GET /api/user/get/",
        }
    }

    /// How often it is tried with a portal that does not answer.
    fn attempts(self) -> usize {
        match self {
            Self::Login | Self::Refresh => 3,
            Self::Logout | Self::Secure => 1,
        }
    }

    async fn make(self, session: &Session) -> Result<(), Error> {
        match self {
            Self::Login => session.token().await.map(drop),
            Self::Refresh => session.refresh().await.map(drop),
            Self::Logout => session.logout().await,
            Self::Secure => secure(session).await,
        }
    }
}

async fn secure(session: &Session) -> Result<(), Error> {
    let request = session.get("user/get/");
    request.envelope::<Value>().await.map(drop)
}

/// The error's name, in the words of the table.
fn name(result: &Result<(), Error>) -> &'static str {
    let transient = |error: &TransientError| match error {
        TransientError::Unreachable(_) => "unreachable",
        TransientError::TimedOut(_) => "timed out",
        TransientError::Unavailable { .. } => "unavailable",
        TransientError::Unreadable(_) => "unreadable",
        TransientError::ExpiredOnArrival => "expired on arrival",
        other => panic!("{other:?}"),
    };
    match result {
        Ok(()) => "ok",
        Err(Error::TryLater { source, .. } | Error::LogoutFailed(source)) => transient(source),
        Err(Error::CredentialsRejected(_) | Error::SessionExpired(_)) => "rejected",
        Err(Error::LogoutRejected(_) | Error::Rejected(_)) => "rejected",
        Err(Error::Unreadable(_)) => "unreadable",
        Err(Error::Unreachable(_)) => "unreachable",
        Err(Error::TimedOut(_)) => "timed out",
        Err(Error::TooLarge(_)) => "too large",
        Err(Error::NotRenewed { .. }) => "not renewed",
        Err(other) => panic!("{other:?}"),
    }
}

fn credentials() -> Credentials {
    Credentials::new("user@example.com", PASSWORD, "customer1")
}

/// One session, and all that it says.
struct Case {
    portal: RawPortal,
    bad: Arc<AtomicBool>,
    hands: Hands,
    printed: Arc<Mutex<String>>,
    session: Session,
    drops: bool,
    /// Time passes by itself while a call waits.
    skips_time: bool,
}

impl Case {
    async fn new(row: &Arc<Row>, call: Call) -> Self {
        let bad = Arc::<AtomicBool>::default();
        let (hands, printed) = (Hands::new(), Arc::<Mutex<String>>::default());
        let (is_bad, answers) = (Arc::clone(&bad), Arc::clone(row));
        let portal = RawPortal::start(move |request| {
            if is_bad.load(Ordering::SeqCst) && request.starts_with(call.path()) {
                (answers.answer)(request)
            } else {
                good(request)
            }
        });
        let made = |builder: SessionBuilder| {
            let printed = Arc::clone(&printed);
            let builder = builder.clock(hands.clone()).on_event(move |event| {
                write!(printed.lock().unwrap(), "{event} {event:?}").unwrap();
            });
            match row.end {
                End::Own | End::DefaultTimeout => builder,
                End::Timeout => builder.request_timeout(PATIENCE).transport(
                    Transport::with(|| reqwest::Client::builder().timeout(2 * PATIENCE)).unwrap(),
                ),
            }
        };
        let mut session = made(portal.builder()).build().unwrap();
        if call != Call::Login {
            session.token().await.unwrap();
        }
        if call == Call::Refresh {
            // Without credentials to log in again with.
            let stored = session.stored().unwrap();
            let bare = Session::builder(session.portal().clone()).resume(stored);
            session = made(bare).build().unwrap();
        }
        Self {
            portal,
            bad,
            hands,
            printed,
            session,
            drops: row.drops,
            skips_time: row.end == End::DefaultTimeout,
        }
    }

    /// What the bad answer comes to, as the table shows it.
    async fn meets(&self, call: Call) -> String {
        self.bad.store(true, Ordering::SeqCst);
        self.portal.drops(self.drops);
        if self.skips_time {
            tokio::time::pause();
        }
        let result = call.make(&self.session).await;
        if self.skips_time {
            tokio::time::resume();
            // The portal had no time to count.
            eventually(|| self.portal.calls(call.path()) == call.attempts()).await;
        }
        self.portal.drops(false);
        self.bad.store(false, Ordering::SeqCst);
        if let Err(error) = &result {
            let mut printed = self.printed.lock().unwrap();
            write!(printed, "{} {error:?} {error:#?}", said(error)).unwrap();
        }
        write!(self.printed.lock().unwrap(), "{:?}", self.session.status()).unwrap();
        let times = self.portal.calls(call.path());
        format!("{}, {times}", name(&result))
    }

    /// Good answers work again, after a login where only that helps.
    async fn recovers(&self, call: Call) -> Result<(), Error> {
        self.hands.pass(LATER);
        let state = self.session.status().state;
        if state != State::LoggedIn && state != State::New || call == Call::Refresh {
            self.session.login_with(credentials()).await?;
        }
        self.session.token().await?;
        secure(&self.session).await?;
        self.session.logout().await
    }
}

async fn try_out(row: Arc<Row>, call: Call) -> String {
    let case = Case::new(&row, call).await;
    let outcome = case.meets(call).await;
    let again = case.recovers(call).await;
    assert!(again.is_ok(), "{}, {call:?}: {again:?}", row.name);
    let printed = case.printed.lock().unwrap();
    assert!(
        !printed.contains("canary"),
        "{}, {call:?}: {printed}",
        row.name
    );
    let sent = case.portal.sent();
    assert!(sent < MOST_READ, "{}, {call:?}: {sent} bytes", row.name);
    outcome
}

/// In a runtime of its own, whose time can be paused.
async fn alone(row: Arc<Row>, call: Call) -> String {
    let case = move || {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(try_out(row, call))
    };
    tokio::task::spawn_blocking(case).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_bad_answer_is_a_typed_error_that_passes() {
    let (rows, places) = (rows(), Arc::new(Semaphore::new(AT_ONCE)));
    let rows: Vec<_> = rows.into_iter().map(Arc::new).collect();
    let mut cases = JoinSet::new();
    for (at, row) in rows.iter().enumerate() {
        for (column, call) in CALLS.into_iter().enumerate() {
            let (row, places) = (Arc::clone(row), Arc::clone(&places));
            cases.spawn(async move {
                let _place = places.acquire_owned().await.unwrap();
                let outcome = match row.end {
                    End::DefaultTimeout => alone(row, call).await,
                    End::Own | End::Timeout => try_out(row, call).await,
                };
                (at, column, outcome)
            });
        }
    }
    let mut cells = vec![[const { String::new() }; CALLS.len()]; rows.len()];
    while let Some(case) = cases.join_next().await {
        let (at, column, outcome) = case.unwrap();
        cells[at][column] = outcome;
    }
    let mut table = "# What a session makes of bad answers\n\n\
        Each answer, in place of the good one to each call, until the call returns: what the call comes to, and how many requests left. \
        Afterwards good answers work again, nothing that was printed holds a secret, and no more than 16 MiB were read. Written by \
        `SNAPSHOTS=overwrite cargo test -p tests bad_portal`, and compared by the same test.\n\n\
        A login, a refresh or a logout is *rejected* where the portal itself says so: with 401 or 422 in its envelope (JSON with `status`) \
        or as `{\"msg\": ..}`, with 400 or 403 in its envelope with a word of why. Anything else may come from something in front of the \
        portal, such as a gateway: then no session ends, and no password is given up.\n\n\
        | the portal answers | login | refresh | logout | a secure call |\n|---|---|---|---|---|\n"
        .to_owned();
    for (row, cells) in rows.iter().zip(cells) {
        writeln!(table, "| {} | {} |", row.name, cells.join(" | ")).unwrap();
    }
    let path = "../crates/prancer-auth/docs/bad-answers.md";
    let expected = Data::read_from(Path::new(path), Some(DataFormat::Text));
    Assert::new()
        .action_env("SNAPSHOTS")
        .eq(Data::text(table), expected);
}
