//! aws-smithy-runtime: its lazy cache of identities, over a resolver that has a token.

use crate::measure::Bench;
use crate::token::{LIFETIME, bearer, token};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime::client::auth::http::BearerAuthScheme;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime::client::retries::strategy::NeverRetryStrategy;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::identity::http::Token;
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityFuture, ResolveCachedIdentity, ResolveIdentity,
};
use aws_smithy_runtime_api::client::runtime_components::{
    GetIdentityResolver, RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::config_bag::ConfigBag;
use std::time::SystemTime;

const PEER: &str = "aws-smithy-runtime";

#[derive(Debug)]
struct Resolver;

impl ResolveIdentity for Resolver {
    fn resolve_identity<'a>(
        &'a self,
        _: &'a RuntimeComponents,
        _: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let until = Some(SystemTime::now() + LIFETIME);
        IdentityFuture::ready(Ok(Identity::new(Token::new(token(), until), until)))
    }
}

pub(crate) fn run(bench: &Bench) {
    let scheme = HTTP_BEARER_AUTH_SCHEME_ID;
    let components = RuntimeComponentsBuilder::new(PEER)
        .with_auth_scheme(BearerAuthScheme::new())
        .with_auth_scheme_option_resolver(Some(StaticAuthSchemeOptionResolver::new(vec![
            scheme.clone(),
        ])))
        .with_endpoint_resolver(Some(StaticUriEndpointResolver::uri("http://localhost")))
        .with_identity_cache(Some(IdentityCache::lazy().build()))
        .with_identity_resolver(scheme.clone(), Resolver)
        .with_retry_strategy(Some(NeverRetryStrategy::new()))
        .with_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())))
        .with_time_source(Some(SharedTimeSource::new(SystemTimeSource::new())))
        .build()
        .expect("components");
    let cache = components.identity_cache();
    let resolver = components.identity_resolver(scheme).expect("a resolver");
    let config = ConfigBag::base();
    let identity = async || {
        cache
            .resolve_cached_identity(resolver.clone(), &components, &config)
            .await
            .expect("an identity")
    };
    bench.credential(PEER, PEER, text, identity);
    bench.header(PEER, PEER, async || bearer(text(&identity().await)));
}

fn text(identity: &Identity) -> &str {
    identity.data::<Token>().expect("a token").token()
}
