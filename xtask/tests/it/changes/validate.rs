//! The operation that is new can be called, and mocked.

use httpmock::MockServer;
use prancer_auth_client::{AccessToken, Client, Credential, RefreshToken, types};
use prancer_auth_httpmock::MockServerExt as _;

#[tokio::test]
async fn one_more_operation() {
    let portal = MockServer::start_async().await;
    let check = types::TokenCheck {
        token: AccessToken::from("access-1"),
        customer_id: "customer1".to_owned(),
    };
    let validate = portal.validate_access_token(|when, then| {
        when.body(&check);
        then.ok(&types::TokenEnvelope {
            data: types::TokenPair {
                refresh_token: RefreshToken::from("refresh-1"),
                token: AccessToken::from("access-1"),
            },
            error: String::new(),
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
    let answer = client.validate_access_token(&check).await.unwrap();
    assert_eq!(answer.into_inner().data.token.expose(), "access-1");
    validate.assert();
    assert!(!format!("{check:?}").contains("access-1"), "a token prints");
}
