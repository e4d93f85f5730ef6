//! The field has its new name.

use httpmock::MockServer;
use prancer_auth_client::{AccessToken, Client, Credential, Error, types};
use prancer_auth_httpmock::MockServerExt as _;

#[tokio::test]
async fn a_renamed_field() {
    let portal = MockServer::start_async().await;
    let logout = portal.logout(|_, then| {
        then.unauthorized(&types::ErrorEnvelope {
            data: types::EmptyData(Default::default()),
            error: String::new(),
            errors: vec!["expired".into()],
            message: String::new(),
            metadata: types::Metadata(Default::default()),
            status: 401,
        });
    });
    let credential = Credential::access_token(&AccessToken::from("access-1")).unwrap();
    let client = Client::new_with_client(&portal.base_url(), reqwest::Client::new(), credential);
    let Err(Error::ErrorResponse(refusal)) = client.logout().await else {
        panic!("not refused");
    };
    assert_eq!(refusal.into_inner().errors, ["expired"]);
    logout.assert();
}
