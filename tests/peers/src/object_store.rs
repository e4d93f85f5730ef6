//! object_store: the credential provider of its Azure store, with a client secret.

use crate::measure::Bench;
use crate::token::bearer;
use object_store::azure::{AzureCredential, MicrosoftAzureBuilder};

use std::sync::Arc;

const PEER: &str = "object_store";

pub(crate) fn run(bench: &Bench, server: &str) {
    let store = MicrosoftAzureBuilder::new()
        .with_account("account")
        .with_container_name("container")
        .with_client_secret_authorization("client", "secret", "tenant")
        .with_authority_host(server)
        .with_allow_http(true)
        .build()
        .expect("a store");
    let provider = store.credentials();
    bench.credential(
        PEER,
        PEER,
        |it: &Arc<AzureCredential>| text(it),
        async || provider.get_credential().await.expect("a credential"),
    );
    bench.header(PEER, PEER, async || {
        bearer(text(
            &*provider.get_credential().await.expect("a credential"),
        ))
    });
}

fn text(credential: &AzureCredential) -> &str {
    match credential {
        AzureCredential::BearerToken(token) => token,
        _ => panic!("no token"),
    }
}
