//! A login's answer carries an `error_list`.

use httpmock::MockServer;
use prancer_auth_client::{AccessToken, Client, Credential, Password, RefreshToken, types};
use prancer_auth_httpmock::MockServerExt as _;

#[tokio::test]
async fn error_list_on_successes() {
    let portal = MockServer::start_async().await;
    let login = portal.login(|_, then| {
        then.ok(&types::TokenEnvelope {
            data: types::TokenPair {
                refresh_token: RefreshToken::from("refresh-1"),
                token: AccessToken::from("access-1"),
            },
            error: String::new(),
            error_list: vec!["a hint".into()],
            message: String::new(),
            metadata: types::Metadata(Default::default()),
            status: 200,
        });
    });
    let client = Client::new_with_client(
        &portal.base_url(),
        reqwest::Client::new(),
        Credential::none(),
    );
    let credentials = types::Credentials {
        email: "user@example.com".to_owned(),
        password: Password::from("secret"),
        customer_id: "customer1".to_owned(),
    };
    let answer = client.login(&credentials).await.unwrap().into_inner();
    assert_eq!(answer.error_list, ["a hint"]);
    login.assert();
}
