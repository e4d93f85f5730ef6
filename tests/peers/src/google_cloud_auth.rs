//! google-cloud-auth: the credentials of a user, whose background task fetches the token.

use crate::measure::Bench;
use google_cloud_auth::credentials::user_account::Builder;
use google_cloud_auth::credentials::{AccessToken, CacheableResource, CredentialsProvider};
use http::Extensions;

const PEER: &str = "google-cloud-auth";

pub(crate) fn run(bench: &Bench, server: &str) {
    let user = serde_json::json!({
        "type": "authorized_user",
        "client_id": "client",
        "client_secret": "secret",
        "refresh_token": "refresh",
        "token_uri": server,
    });
    let credentials = bench.prepare(async {
        let credentials = Builder::new(user)
            .build_access_token_credentials()
            .expect("credentials");
        credentials.access_token().await.expect("a token");
        credentials
    });
    bench.credential(
        PEER,
        PEER,
        |it: &AccessToken| &it.token,
        async || credentials.access_token().await.expect("a token"),
    );
    bench.header(PEER, PEER, async || {
        match credentials.headers(Extensions::new()).await {
            Ok(CacheableResource::New { data, .. }) => data,
            other => panic!("no headers: {other:?}"),
        }
    });
}
