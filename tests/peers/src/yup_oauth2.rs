//! yup-oauth2: an authenticator of an external account, with its own store in memory.

use crate::measure::Bench;
use crate::token::bearer;
use yup_oauth2::external_account::{
    CredentialSource, ExternalAccountSecret, UrlCredentialSourceFormat,
};
use yup_oauth2::{AccessToken, ExternalAccountAuthenticator};

const PEER: &str = "yup-oauth2";
const SCOPES: [&str; 1] = ["scope"];

pub(crate) fn run(bench: &Bench, server: &str) {
    let secret = ExternalAccountSecret {
        audience: "audience".to_owned(),
        subject_token_type: "urn:ietf:params:oauth:token-type:jwt".to_owned(),
        service_account_impersonation_url: None,
        token_url: server.to_owned(),
        credential_source: CredentialSource::Url {
            url: server.to_owned(),
            headers: None,
            format: UrlCredentialSourceFormat::Text,
        },
        key_type: "external_account".to_owned(),
    };
    let authenticator = bench
        .prepare(ExternalAccountAuthenticator::builder(secret).build())
        .expect("an authenticator");
    bench.credential(
        PEER,
        PEER,
        |it: &AccessToken| it.token().expect("a token"),
        async || authenticator.token(&SCOPES).await.expect("a token"),
    );
    bench.header(PEER, PEER, async || {
        let token = authenticator.token(&SCOPES).await.expect("a token");
        bearer(token.token().expect("a token"))
    });
}
