//! A request, the middleware and the hooks of another client do the same when the portal rejects a token.

use std::time::Duration;

use prancer_auth::Session;
use prancer_auth::store::MemoryStore;
use prancer_auth_emulator::{Emulator, Fault, Operation, Settings};
use reqwest::{Body, Method, Request, StatusCode, Url};

use crate::clock::Hands;
use crate::portal::{builder, portal, sharing};
use crate::witness::said;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

/// How a request gets its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Request,
    Middleware,
    Hooks,
    /// A request that cannot be sent once more.
    Stream,
}

const REPLAYING: [Way; 3] = [Way::Request, Way::Middleware, Way::Hooks];

impl Way {
    /// The status of the answer, or what is said instead.
    async fn call(self, session: &Session) -> Result<u16, String> {
        let url = format!("{}/api/user/get/", session.portal().base_url());
        let url = Url::parse(&url).unwrap();
        match self {
            Self::Request => {
                let response = session.get("user/get/").send().await;
                response
                    .map(|it| it.status().as_u16())
                    .map_err(|error| said(&error))
            }
            Self::Stream => {
                let pieces = futures_util::stream::iter([Ok::<_, std::io::Error>("piece")]);
                let request = session.request(Method::GET, "user/get/");
                let response = request.body(Body::wrap_stream(pieces)).send().await;
                response
                    .map(|it| it.status().as_u16())
                    .map_err(|error| said(&error))
            }
            Self::Middleware => {
                let client = reqwest_middleware::ClientBuilder::new(session.http_client().unwrap());
                let client = client.with(session.clone()).build();
                let response = client.get(url).send().await;
                response
                    .map(|it| it.status().as_u16())
                    .map_err(|error| said(&error))
            }
            Self::Hooks => {
                let mut request = Request::new(Method::GET, url);
                session
                    .authorize(&mut request)
                    .await
                    .map_err(|error| said(&error))?;
                let response = session.replay(request).await;
                response
                    .map(|it| it.status().as_u16())
                    .map_err(|error| said(&error))
            }
        }
    }
}

/// The renewal that follows a rejection fails: for now, or for good.
async fn when_the_renewal_fails(way: Way, for_good: bool) -> Result<u16, String> {
    let emulator = Emulator::start().unwrap();
    let first = builder(&emulator).build().unwrap();
    first.token().await.unwrap();
    let session = Session::builder(portal(&emulator)).resume(first.stored().unwrap());
    let session = session.build().unwrap();
    emulator.advance(8 * DAY);
    if for_good {
        emulator.revoke_all();
    } else {
        // One exchange makes three attempts by itself.
        for _ in 0..3 {
            emulator.fail_next(Operation::Refresh, Fault::Drop);
        }
    }
    let answer = way.call(&session).await;
    assert_eq!(emulator.calls(Operation::User), 1, "{way:?} is sent once");
    answer
}

#[tokio::test]
async fn a_renewal_that_fails_is_the_same_error_every_way_and_carries_the_apis_answer() {
    for for_good in [false, true] {
        let mut all = Vec::new();
        for way in REPLAYING {
            all.push((way, when_the_renewal_fails(way, for_good).await));
        }
        for (way, answer) in &all {
            // The other client makes its error of the API's own response.
            if (*way, answer) == (Way::Hooks, &Ok(401)) {
                continue;
            }
            let Err(said) = answer else {
                panic!("{way:?}, for good {for_good}: {answer:?} of {all:?}");
            };
            // What the API itself has said.
            let its_own = "Please authenticate to access this API.";
            assert!(
                said.contains(its_own),
                "{way:?}, for good {for_good}: {said}"
            );
        }
    }
}

#[tokio::test]
async fn a_rejection_is_answered_by_one_renewal_and_one_more_request_every_way() {
    for way in REPLAYING {
        let emulator = Emulator::start().unwrap();
        let session = builder(&emulator).build().unwrap();
        session.token().await.unwrap();
        emulator.advance(8 * DAY);
        assert_eq!(way.call(&session).await, Ok(200), "{way:?}");
        assert_eq!(emulator.calls(Operation::User), 2, "{way:?}");
        assert_eq!(emulator.calls(Operation::Refresh), 1, "{way:?}");
        // Rejected once more, the answer comes back as it is.
        for _ in 0..2 {
            emulator.fail_next(Operation::User, Fault::status(StatusCode::UNAUTHORIZED));
        }
        assert_eq!(way.call(&session).await, Ok(401), "{way:?}");
    }
}

/// Lets the API reject the next request, and the one that follows it.
fn rejects(emulator: &Emulator) {
    for _ in 0..2 {
        emulator.fail_next(Operation::User, Fault::status(StatusCode::UNAUTHORIZED));
    }
}

#[tokio::test]
async fn an_api_that_rejects_every_token_costs_one_renewal_a_minute() {
    for way in [Way::Request, Way::Middleware, Way::Hooks, Way::Stream] {
        let emulator = Settings::default().rotation(true).start().unwrap();
        let hands = Hands::new();
        let session = builder(&emulator).clock(hands.clone()).build().unwrap();
        session.token().await.unwrap();
        for _ in 0..30 {
            rejects(&emulator);
            assert_eq!(way.call(&session).await, Ok(401), "{way:?}");
            hands.pass(10 * SECOND);
        }
        let renewals = emulator.calls(Operation::Refresh) + emulator.calls(Operation::Login) - 1;
        assert!(renewals <= 5, "{way:?}: {renewals} in five minutes");
    }
}

#[tokio::test]
async fn an_api_that_rejects_every_token_costs_no_more_where_another_api_accepts_them() {
    for way in REPLAYING {
        let emulator = Settings::default().rotation(true).start().unwrap();
        let hands = Hands::new();
        let session = builder(&emulator).clock(hands.clone()).build().unwrap();
        session.token().await.unwrap();
        for calls in 1..10_u32 {
            // Only the first time, a renewed token is tried as well.
            for _ in calls.min(2)..3 {
                emulator.fail_next(Operation::User, Fault::status(StatusCode::UNAUTHORIZED));
            }
            assert_eq!(way.call(&session).await, Ok(401), "{way:?}, {calls}");
            let other = session.get("logs/").send().await.unwrap();
            assert_eq!(other.status(), 200, "{way:?}");
            assert_eq!(emulator.calls(Operation::Refresh), 1, "{way:?}, {calls}");
        }
    }
}

#[tokio::test]
async fn an_api_that_fails_has_not_accepted_the_token() {
    for way in REPLAYING {
        let emulator = Settings::default().rotation(true).start().unwrap();
        let hands = Hands::new();
        let session = builder(&emulator).clock(hands.clone()).build().unwrap();
        session.token().await.unwrap();
        for calls in 0..3 {
            emulator.fail_next(Operation::User, Fault::status(StatusCode::UNAUTHORIZED));
            if calls == 0 {
                let down = Fault::status(StatusCode::SERVICE_UNAVAILABLE);
                emulator.fail_next(Operation::User, down);
            }
            let expected = if calls == 0 { 503 } else { 401 };
            assert_eq!(way.call(&session).await, Ok(expected), "{way:?}");
            assert_eq!(emulator.calls(Operation::Refresh), 1, "{way:?}, {calls}");
        }
    }
}

#[tokio::test]
async fn an_api_that_rejects_every_token_costs_who_share_a_session_a_renewal_a_minute_each() {
    for way in [Way::Request, Way::Stream] {
        let emulator = Settings::default().rotation(true).start().unwrap();
        let (store, hands) = (MemoryStore::default(), Hands::new());
        let open = || sharing(&emulator, &store, &hands);
        let sessions = [open(), open(), open()];
        for _ in 0..10 {
            for session in &sessions {
                rejects(&emulator);
                assert_eq!(way.call(session).await, Ok(401), "{way:?}");
                hands.pass(10 * SECOND);
            }
        }
        let renewals = emulator.calls(Operation::Refresh) + emulator.calls(Operation::Login) - 1;
        // Each of them may try once a minute.
        assert!(renewals <= 15, "{way:?}: {renewals} in five minutes");
    }
}

#[tokio::test]
async fn an_api_that_rejects_every_token_shortens_no_second_login() {
    for way in [Way::Request, Way::Stream] {
        let emulator = Emulator::start().unwrap();
        let hands = Hands::new();
        let session = builder(&emulator).clock(hands.clone()).build().unwrap();
        let mut shortened = 0;
        session.token().await.unwrap();
        for _ in 0..5 {
            session.login().await.unwrap();
            for _ in 0..2 {
                rejects(&emulator);
                assert_eq!(way.call(&session).await, Ok(401), "{way:?}");
                hands.pass(SECOND);
            }
            let left = session.status().valid_for.unwrap();
            shortened += usize::from(left < 2 * DAY);
        }
        assert!(shortened <= 1, "{way:?}: {shortened} times within a minute");
        hands.pass(MINUTE);
    }
}
