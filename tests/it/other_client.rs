//! Other clients that authenticate through a session: one that progenitor generates from another document, and middleware.

use std::time::Duration;

use prancer_auth::Session;
use prancer_auth_emulator::{Emulator, Operation, Settings};
use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::{Request, Response};

use crate::portal::session;
use generated::{Client, Error};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[allow(
    dead_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    reason = "written by the generator"
)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/other_client.rs"));
}

impl ClientHooks<Session> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        let authorized = self.inner.authorize(request).await;
        authorized.map_err(|error| Error::Custom(error.to_string()))
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        self.inner.replay(request).await
    }
}

fn client(session: &Session) -> Client {
    let http = reqwest::Client::new();
    Client::new_with_client(session.portal().base_url(), http, session.clone())
}

#[tokio::test]
async fn a_generated_client_authenticates_and_pages_through_a_session() {
    let emulator = Settings::default().tenant("t").start().unwrap();
    let session = session(&emulator);
    let client = client(&session);
    let user = client.user().await.unwrap().into_inner();
    assert_eq!(user.data.email, "user@example.com");
    assert!(
        !client
            .collections()
            .await
            .unwrap()
            .into_inner()
            .data
            .is_empty()
    );

    let mut messages = Vec::new();
    let mut index = 0;
    while index >= 0 {
        let page = client
            .logs(Some(3), Some(index))
            .await
            .unwrap()
            .into_inner();
        messages.extend(page.data.into_iter().map(|log| log.message));
        index = page.metadata.next_index;
        assert_eq!(page.metadata.total, 7);
    }
    assert_eq!(messages.len(), 7);
    assert_eq!(emulator.calls(Operation::Logs), 3);
    assert_eq!(emulator.calls(Operation::Login), 1);
}

#[tokio::test]
async fn a_generated_client_replays_what_is_refused() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let client = client(&session);
    client.user().await.unwrap();
    emulator.advance(8 * DAY);
    assert!(client.user().await.is_ok());
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    assert_eq!(emulator.calls(Operation::User), 3);
}

#[tokio::test]
async fn a_generated_client_learns_why_there_is_no_token_and_takes_none_elsewhere() {
    let (here, there) = (Emulator::start().unwrap(), Emulator::start().unwrap());
    let session = session(&here);
    let http = reqwest::Client::new();
    let elsewhere = Client::new_with_client(&there.url(), http, session.clone());
    let Err(Error::Custom(why)) = elsewhere.user().await else {
        panic!("not refused");
    };
    assert!(why.contains("is not on this portal"), "{why}");
    assert_eq!(there.calls(Operation::User), 0);
    session.logout().await.unwrap();
    let Err(Error::Custom(why)) = client(&session).user().await else {
        panic!("not refused");
    };
    assert_eq!(why, "logged out");
}

#[tokio::test]
async fn a_middleware_authenticates_and_replays() {
    let emulator = Emulator::start().unwrap();
    let session = session(&emulator);
    let http = reqwest::Client::new();
    let client = reqwest_middleware::ClientBuilder::new(http)
        .with(session)
        .build();
    let url = format!("{}/api/user/get/", emulator.url());
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    emulator.advance(8 * DAY);
    assert_eq!(client.get(&url).send().await.unwrap().status(), 200);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
    let elsewhere = Emulator::start().unwrap();
    let url = format!("{}/api/user/get/", elsewhere.url());
    assert!(client.get(&url).send().await.is_err());
    assert_eq!(elsewhere.calls(Operation::User), 0);
}
