//! What is new in 2022, called by the generated client, and answered by an emulator that nothing was written for.

use prancer_auth_client::{Client, Credential, Error, http_client, types};
use prancer_auth_emulator::{Emulator, Settings, Shape};

fn client(emulator: &Emulator, credential: Credential) -> Client {
    let http = http_client(reqwest::Client::builder()).unwrap();
    Client::new_with_client(&emulator.url(), http, credential)
}

#[tokio::test]
async fn the_new_operation_is_called_and_the_new_member_is_read() {
    let emulator = Settings::default().shape(Shape::Y2022).start().unwrap();
    let user = emulator.user();
    let credentials = types::Credentials::new(
        user.email.clone(),
        user.password.clone(),
        user.customer_id.clone(),
    );
    let anonymous = client(&emulator, Credential::none());
    let answer = anonymous.login(&credentials).await.unwrap().into_inner();
    assert!(answer.error_list.is_empty());

    let mut check = types::TokenCheck::new(answer.data.token, user.customer_id.clone());
    let good = anonymous.validate_access_token(&check).await.unwrap().into_inner();
    let credential = Credential::refresh_token(&good.data.refresh_token).unwrap();
    let renewed = client(&emulator, credential).refresh().await.unwrap();
    assert_eq!(renewed.into_inner().status, 200);

    check.token = "ended".into();
    let Err(Error::ErrorResponse(rejection)) = anonymous.validate_access_token(&check).await else {
        panic!("a token that nobody signed is good");
    };
    assert_eq!(rejection.status(), 400);
    let rejection = rejection.into_inner();
    assert_eq!((rejection.error.as_str(), rejection.status), ("", 400));
}
