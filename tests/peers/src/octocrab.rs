//! octocrab: the token of an app's installation.

use crate::measure::Bench;
use crate::token::bearer;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use octocrab::Octocrab;
use octocrab::models::{AppId, InstallationId};
use octocrab::secrecy::{ExposeSecret, SecretString};
use pem::Pem;

const PEER: &str = "octocrab";

pub(crate) fn run(bench: &Bench, server: &str) {
    let installation = bench.prepare(async {
        Octocrab::builder()
            .base_uri(server)
            .expect("a URI")
            .app_from_rsa_pem(AppId(1), key())
            .expect("a key")
            .build()
            .expect("an app")
            .installation(InstallationId(1))
            .expect("an installation")
    });
    bench.credential(
        PEER,
        PEER,
        |it: &SecretString| it.expose_secret(),
        async || installation.installation_token().await.expect("a token"),
    );
    bench.header(PEER, PEER, async || {
        let token = installation.installation_token().await.expect("a token");
        bearer(token.expose_secret())
    });
}

/// A new key of an app.
fn key() -> String {
    let key = KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let key = key.as_der().expect("an encoding");
    pem::encode(&Pem::new("PRIVATE KEY", key.as_ref()))
}
