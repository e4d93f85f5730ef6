//! A portal that issues tokens in virtual time, strictly.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use http::StatusCode;
use prancer_auth_client::AccessToken;

use super::store::Shared;
use super::world::{Fault, World};
use crate::api::client::{TokenEndpoint, TokenFuture};
use crate::api::rejection::Rejection;
use crate::api::tokens::{TokenRequest, Tokens};
use crate::api::transient_error::{Failure, TransientError};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A login, with the tokens that come of it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    /// The customer and the user.
    pub(super) who: String,
    /// When the portal answered the login, in the order of things.
    pub(super) sequence: u64,
    pub(super) alive: bool,
    /// The newest refresh token.
    newest: u64,
}

#[derive(Clone)]
pub(super) struct Portal {
    pub(super) world: World,
    inner: Arc<Mutex<Inner>>,
    rotation: bool,
    reuse_detection: bool,
    opaque: bool,
    /// Its tokens have expired when they arrive, and no refresh token is good.
    dead: bool,
    /// How much shorter tokens live than is documented.
    shorter: u32,
}

#[derive(Default)]
struct Inner {
    chains: Vec<Chain>,
    /// By the text of the access token: its chain, and when it expires.
    access: HashMap<String, (usize, Duration)>,
    reused: HashSet<String>,
}

impl Portal {
    pub(super) fn new(world: World) -> Self {
        let opaque = world.chance(0.2);
        // An opaque token does not tell that it differs from what is documented.
        let short = !opaque && world.chance(0.1);
        Self {
            rotation: world.chance(0.6),
            reuse_detection: world.chance(0.5),
            opaque,
            dead: short && world.chance(0.2),
            shorter: if short { 60_000 } else { 1 },
            inner: Arc::default(),
            world,
        }
    }

    fn get(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn tells_when_tokens_end(&self) -> bool {
        !self.opaque
    }

    /// Whether a token may expire between two calls that follow each other.
    pub(super) fn is_short_lived(&self) -> bool {
        self.shorter > 1
    }

    /// The login that a token comes of, and when it expires.
    pub(super) fn find(&self, access: &AccessToken) -> Option<(usize, Chain, Duration)> {
        let inner = self.get();
        let (chain, end) = *inner.access.get(access.expose())?;
        Some((chain, inner.chains[chain].clone(), end))
    }

    pub(super) fn alive(&self) -> Vec<usize> {
        let inner = self.get();
        let alive = |it: &usize| inner.chains[*it].alive;
        (0..inner.chains.len()).filter(alive).collect()
    }

    /// Spent refresh tokens of living logins that were sent again.
    pub(super) fn reused(&self) -> Vec<String> {
        self.get().reused.iter().cloned().collect()
    }

    /// Ends all sessions, as an administrator does.
    pub(super) fn revoke_all(&self) {
        for chain in &mut self.get().chains {
            chain.alive = false;
        }
    }

    fn answer(&self, request: &TokenRequest) -> Result<Tokens, Failure> {
        let mut inner = self.get();
        match request {
            TokenRequest::LogIn(credentials) => {
                if credentials.0.password.expose() != "right" {
                    return Err(rejected());
                }
                let who = format!("{}|{}", credentials.customer_id(), credentials.email());
                inner.chains.push(Chain {
                    who,
                    sequence: self.world.next(),
                    alive: true,
                    newest: 0,
                });
                let chain = inner.chains.len() - 1;
                self.issue(&mut inner, chain, 7 * DAY)
            }
            TokenRequest::Refresh(refresh) => {
                let text = refresh.expose();
                let parts = text
                    .strip_prefix("refresh-")
                    .and_then(|it| it.split_once('-'));
                let (chain, number) = parts.ok_or_else(rejected)?;
                let chain: usize = chain.parse().map_err(|_| rejected())?;
                let number: u64 = number.parse().map_err(|_| rejected())?;
                if number != inner.chains[chain].newest {
                    if inner.chains[chain].alive {
                        inner.reused.insert(text.to_owned());
                    }
                    if self.reuse_detection {
                        inner.chains[chain].alive = false;
                    }
                    return Err(rejected());
                }
                if !inner.chains[chain].alive {
                    return Err(rejected());
                }
                if self.rotation {
                    inner.chains[chain].newest += 1;
                }
                self.issue(&mut inner, chain, DAY)
            }
        }
    }

    fn issue(&self, inner: &mut Inner, chain: usize, life: Duration) -> Result<Tokens, Failure> {
        let (now, number) = (self.world.now(), self.world.next());
        let life = if self.dead {
            Duration::ZERO
        } else {
            life / self.shorter
        };
        inner.chains[chain].alive = !self.dead;
        let claims = format!(
            r#"{{"iat":{},"exp":{}}}"#,
            now.as_secs_f64(),
            (now + life).as_secs_f64()
        );
        let claims =
            BASE64_URL_SAFE_NO_PAD.encode(if self.opaque { String::new() } else { claims });
        let access = format!("access-{chain}-{number}.{claims}.s");
        inner.access.insert(access.clone(), (chain, now + life));
        let refresh = format!("refresh-{chain}-{}", inner.chains[chain].newest);
        self.world
            .log(|| format!("portal issues access-{chain}-{number} {refresh}"));
        let tokens = Tokens::new(access.into(), refresh.into());
        tokens.map_err(|_| rejected())
    }

    /// The way to the portal, and back.
    async fn way(&self) -> Result<(), Failure> {
        let slow = self.world.get().slow;
        self.world.takes(if slow { 20_000 } else { 200 }).await;
        if self.world.get().portal_down {
            return Err(TransientError::Interrupted.into());
        }
        Ok(())
    }
}

fn rejected() -> Failure {
    Failure::Rejected(Rejection::bare(StatusCode::UNAUTHORIZED))
}

/// The portal, as one process reaches it.
pub(super) struct Line {
    pub(super) portal: Portal,
    pub(super) store: Shared,
    pub(super) logins: Arc<AtomicU64>,
    pub(super) alive: Arc<AtomicBool>,
    pub(super) number: usize,
}

impl Line {
    /// A process that has crashed does nothing any more.
    async fn lives(&self) {
        if !self.alive.load(Ordering::Acquire) {
            std::future::pending::<()>().await;
        }
    }

    /// No session ends the login that all use, unless a logout was asked for.
    fn is_unused(&self, chain: usize) {
        let stored = self.store.session().and_then(|it| it.tokens);
        let held = stored.and_then(|it| self.portal.find(&it.access_token));
        let world = &self.portal.world;
        let exempt = world.had(&[Fault::StoreReset, Fault::OtherUser]) || world.get().logouts > 0;
        if held.is_some_and(|(it, ..)| it == chain) && !exempt {
            world.broken(format!("login {chain} was ended, which the store holds"));
        }
    }

    async fn back<T>(&self, answer: T) -> Result<T, Failure> {
        self.portal.way().await?;
        self.lives().await;
        if self.portal.world.get().answers_lost && self.portal.world.chance(0.5) {
            self.portal.world.fault(Fault::AnswerLost);
            return Err(TransientError::Interrupted.into());
        }
        Ok(answer)
    }
}

impl TokenEndpoint for Line {
    fn tokens<'a>(&'a self, request: &'a TokenRequest) -> TokenFuture<'a, Tokens> {
        Box::pin(async move {
            self.lives().await;
            self.logins
                .fetch_add(u64::from(request.is_login()), Ordering::AcqRel);
            self.portal.way().await?;
            let answer = self.portal.answer(request);
            self.portal.world.log(|| {
                format!(
                    "portal: replica {} login {} -> {}",
                    self.number,
                    request.is_login(),
                    answer.is_ok()
                )
            });
            self.back(answer).await?
        })
    }

    fn log_out<'a>(&'a self, access: &'a AccessToken) -> TokenFuture<'a, ()> {
        Box::pin(async move {
            self.lives().await;
            self.portal.way().await?;
            let ended = {
                let now = self.portal.world.now();
                let mut inner = self.portal.get();
                let found = inner.access.get(access.expose()).copied();
                // What is spent to end a login does no harm.
                let of = found.map(|(chain, _)| format!("refresh-{chain}-"));
                inner
                    .reused
                    .retain(|it| !of.as_ref().is_some_and(|of| it.starts_with(of)));
                match found {
                    Some((chain, end)) if now < end && inner.chains[chain].alive => {
                        inner.chains[chain].alive = false;
                        drop(inner);
                        self.is_unused(chain);
                        Ok(())
                    }
                    _ => Err(rejected()),
                }
            };
            self.portal.world.log(|| {
                format!(
                    "portal: logout by {} -> {}",
                    access.expose().split('.').next().unwrap_or_default(),
                    ended.is_ok()
                )
            });
            self.back(ended).await?
        })
    }
}
