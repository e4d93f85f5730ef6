#![doc = include_str!("../README.md")]

#[allow(missing_docs, clippy::unwrap_used, reason = "written by the generator")]
mod generated;

pub use generated::{MockServerExt, operations};
#[doc(no_inline)]
pub use httpmock;

#[cfg(test)]
mod tests {
    use httpmock::MockServer;
    use prancer_auth_client::{Client, Credential, Password, RefreshToken, http_client, types};

    use super::*;

    /// What a test prints of its mocks ends in the logs of a build.
    #[tokio::test]
    async fn no_mock_and_no_call_that_meets_none_shows_a_secret() {
        let portal = MockServer::start_async().await;
        let credentials = types::Credentials::new(
            "user@example.com".to_owned(),
            Password::from("canary-password"),
            "customer1".to_owned(),
        );
        let rejected = serde_json::json!({"data": {}, "error": "no", "message": "", "metadata": {}, "status": 400});
        let rejected: types::ErrorEnvelope = serde_json::from_value(rejected).unwrap();
        let login = portal.login(|when, then| {
            when.body(&credentials);
            then.bad_request(&rejected);
        });
        let http = http_client(reqwest::Client::builder()).unwrap();
        let call = async |credential, credentials| {
            let client = Client::new_with_client(&portal.base_url(), http.clone(), credential);
            let failed = client.login(&credentials).await.unwrap_err();
            let renewed = client.refresh().await.unwrap_err();
            format!("{client:?} {failed} {failed:?} {failed:#?} {renewed} {renewed:?}")
        };
        let token = RefreshToken::from("canary-refresh");
        let by_token = || Credential::refresh_token(&token).unwrap();
        // The mock, and none.
        for (password, calls) in [("canary-password", 1), ("canary-other", 1)] {
            let mut credentials = credentials.clone();
            credentials.password = Password::from(password);
            let shown = call(by_token(), credentials).await;
            assert!(!shown.contains("canary"), "{shown}");
            assert_eq!(login.calls(), calls);
        }
    }
}
