//! What the portal knows: its users, and which tokens are alive.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prancer_auth_client::Password;
use serde::Deserialize;
use uuid::Uuid;

use crate::clock::Clock;
use crate::document::Pair;
use crate::settings::{Settings, User};
use crate::token::{Claims, Kind, Signer};

#[derive(Debug)]
pub(crate) struct Portal {
    settings: Settings,
    clock: Clock,
    signer: Signer,
    tokens: Mutex<Tokens>,
}

/// The tokens that the portal remembers, by their ids.
#[derive(Debug, Default)]
struct Tokens {
    alive: HashMap<Uuid, Alive>,
    /// The sessions of refresh tokens that a refresh has ended.
    spent: HashMap<Uuid, Uuid>,
}

#[derive(Debug)]
struct Alive {
    session: Uuid,
    /// In seconds since 1970.
    exp: u64,
}

impl Tokens {
    fn end(&mut self, session: Uuid) {
        self.alive.retain(|_, token| token.session != session);
        self.spent.retain(|_, of| *of != session);
    }
}

/// What a login looks at; the document may ask for more.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Login {
    email: String,
    password: Option<Password>,
    customer_id: String,
}

/// Why the portal does not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rejection {
    /// Not what the operation takes: wrong email address, password or customer id.
    Request,
    /// No token, or one that has expired or was ended.
    Unauthenticated,
    /// A token of the wrong kind, or none that can be read.
    Unprocessable(String),
}

impl Portal {
    pub(crate) fn new(settings: Settings, clock: Clock) -> Self {
        Self {
            settings,
            clock,
            signer: Signer::new(),
            tokens: Mutex::default(),
        }
    }

    pub(crate) fn login(&self, login: &Login) -> Result<Pair, Rejection> {
        let user = self.settings.users.iter().find(|user| {
            user.email == login.email
                && Some(&user.password) == login.password.as_ref()
                && user.customer_id == login.customer_id
        });
        let user = user.ok_or(Rejection::Request)?;
        self.begin(user)
    }

    /// The tokens of a new session of the first user, for operations that hand out some for reasons of their own.
    pub(crate) fn any_pair(&self) -> Result<Pair, Rejection> {
        let user = self.settings.users.first();
        self.begin(user.ok_or(Rejection::Unauthenticated)?)
    }

    fn begin(&self, user: &User) -> Result<Pair, Rejection> {
        let session = Uuid::new_v4();
        Ok(Pair {
            access_token: self.access_token(user, session, true)?.into(),
            refresh_token: self.refresh_token(user, session)?.into(),
        })
    }

    pub(crate) fn refresh(&self, bearer: Option<&str>) -> Result<Pair, Rejection> {
        let (claims, session) = self.authenticate(bearer, Kind::Refresh)?;
        let user = self.user_of(&claims)?;
        let refresh_token = if self.settings.rotation {
            let mut tokens = self.tokens();
            tokens.alive.remove(&claims.jti);
            tokens.spent.insert(claims.jti, session);
            drop(tokens);
            self.refresh_token(user, session)?
        } else {
            bearer.unwrap_or_default().to_owned()
        };
        Ok(Pair {
            access_token: self.access_token(user, session, false)?.into(),
            refresh_token: refresh_token.into(),
        })
    }

    pub(crate) fn logout(&self, bearer: Option<&str>) -> Result<(), Rejection> {
        let (_, ended) = self.authenticate(bearer, Kind::Access)?;
        self.tokens().end(ended);
        Ok(())
    }

    /// Who calls a secure API.
    pub(crate) fn user(&self, bearer: Option<&str>) -> Result<&User, Rejection> {
        let (claims, _) = self.authenticate(bearer, Kind::Access)?;
        self.user_of(&claims)
    }

    pub(crate) fn revoke_all(&self) {
        *self.tokens() = Tokens::default();
    }

    /// How many sessions have a token that would be accepted now.
    pub(crate) fn sessions(&self) -> usize {
        let now = self.clock.unix_seconds();
        let tokens = self.tokens();
        let alive = tokens.alive.values().filter(|token| token.exp > now);
        alive
            .map(|token| token.session)
            .collect::<HashSet<_>>()
            .len()
    }

    fn user_of(&self, claims: &Claims) -> Result<&User, Rejection> {
        let mut users = self.settings.users.iter();
        users
            .find(|user| user.email == claims.identity && user.customer_id == claims.customer_id)
            .ok_or(Rejection::Unauthenticated)
    }

    pub(crate) fn authenticate(
        &self,
        bearer: Option<&str>,
        kind: Kind,
    ) -> Result<(Claims, Uuid), Rejection> {
        let bearer = bearer.ok_or(Rejection::Unauthenticated)?;
        let claims = self.signer.read(bearer);
        let claims = claims.map_err(|error| self.unprocessable(error.to_string()))?;
        if claims.kind != kind {
            let wanted = match kind {
                Kind::Access => "access",
                Kind::Refresh => "refresh",
            };
            let message = format!("Only {wanted} tokens are allowed");
            return Err(self.unprocessable(message));
        }
        if claims.exp <= self.clock.unix_seconds() {
            return Err(Rejection::Unauthenticated);
        }
        let mut tokens = self.tokens();
        if let Some(token) = tokens.alive.get(&claims.jti) {
            return Ok((claims, token.session));
        }
        if self.settings.reuse_detection
            && let Some(session) = tokens.spent.get(&claims.jti).copied()
        {
            tokens.end(session);
        }
        Err(Rejection::Unauthenticated)
    }

    /// The rejection of a token that is not the one that is wanted, which the document does not describe.
    fn unprocessable(&self, message: String) -> Rejection {
        if self.settings.documented {
            Rejection::Unauthenticated
        } else {
            Rejection::Unprocessable(message)
        }
    }

    /// Fresh by a login, else by a refresh.
    fn access_token(&self, user: &User, session: Uuid, fresh: bool) -> Result<String, Rejection> {
        let lifetime = match fresh {
            true => self.settings.login_lifetime,
            false => self.settings.refresh_lifetime,
        };
        self.issue(user, session, Kind::Access, Some(fresh), lifetime)
    }

    fn refresh_token(&self, user: &User, session: Uuid) -> Result<String, Rejection> {
        let lifetime = self.settings.refresh_token_lifetime;
        self.issue(user, session, Kind::Refresh, None, lifetime)
    }

    fn issue(
        &self,
        user: &User,
        session: Uuid,
        kind: Kind,
        fresh: Option<bool>,
        lifetime: Duration,
    ) -> Result<String, Rejection> {
        let iat = self.clock.unix_seconds();
        let claims = Claims {
            iat,
            nbf: iat,
            jti: Uuid::new_v4(),
            exp: iat.saturating_add(lifetime.as_secs()),
            identity: user.email.clone(),
            customer_id: user.customer_id.clone(),
            fresh,
            kind,
        };
        let token = self.signer.sign(&claims);
        let token = token.map_err(|error| Rejection::Unprocessable(error.to_string()))?;
        let exp = claims.exp;
        self.tokens()
            .alive
            .insert(claims.jti, Alive { session, exp });
        Ok(token)
    }

    fn tokens(&self) -> MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
