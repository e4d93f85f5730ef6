//! Members that a request and an answer may have are no change for a program that was there.

use prancer_auth_client::{Client, Credential, http_client, types};
use prancer_auth_emulator::Emulator;

#[tokio::test]
async fn a_login_is_made_as_it_was() {
    let emulator = Emulator::start().unwrap();
    let user = emulator.user();
    let mut credentials = types::Credentials::new(
        user.email.clone(),
        user.password.clone(),
        user.customer_id.clone(),
    );
    credentials.drilled = Some("new".to_owned());
    let http = http_client(reqwest::Client::builder()).unwrap();
    let client = Client::new_with_client(&emulator.url(), http, Credential::none());
    let answer = client.login(&credentials).await.unwrap();
    assert_eq!(answer.into_inner().data.drilled, None);
}
