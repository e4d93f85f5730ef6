//! The one place where decisions meet the network: it asks, exchanges, and remembers.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::HeaderValue;
use prancer_auth_client::AccessToken;
use tokio::sync::Mutex;

use crate::clock::{Clock, Now};
use crate::credentials::Credentials;
use crate::decision::{Decision, Why, decide};
use crate::error::Error;
use crate::exchange::{Exchange, Tokens};
use crate::lifetime;
use crate::portal::Portal;
use crate::rejection::Rejection;
use crate::state::{Event, Life, Phase, State, apply};
use crate::stored::StoredSession;

/// Drives one session.
pub(crate) struct Engine {
    exchange: Exchange,
    clock: Arc<dyn Clock>,
    memory: Mutex<Memory>,
}

/// What is known between two calls. The state says which of it counts.
struct Memory {
    state: State,
    tokens: Option<Tokens>,
    credentials: Option<Credentials>,
    email: Option<String>,
    rejection: Option<Rejection>,
}

/// A token that is good now.
pub(crate) struct Grant {
    pub(crate) access: AccessToken,
    pub(crate) authorization: HeaderValue,
    pub(crate) generation: u64,
}

impl Engine {
    pub(crate) fn new(
        exchange: Exchange,
        credentials: Option<Credentials>,
        stored: Option<StoredSession>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let mut memory = Memory {
            state: State {
                phase: Phase::New,
                credentials: credentials.is_some(),
                generation: 0,
            },
            tokens: None,
            email: credentials.as_ref().map(|it| it.email().to_owned()),
            credentials,
            rejection: None,
        };
        if let Some(stored) = stored {
            memory.resume(stored, &exchange.portal, clock.now())?;
        }
        Ok(Self {
            exchange,
            clock,
            memory: Mutex::new(memory),
        })
    }

    pub(crate) fn portal(&self) -> &Portal {
        &self.exchange.portal
    }

    /// A token that is good, renewed first where it must be.
    pub(crate) async fn grant(&self) -> Result<Grant, Error> {
        let mut memory = self.memory.lock().await;
        self.settle(&mut memory).await
    }

    /// A token that is good and is not the one of this generation, which a secure API has refused.
    pub(crate) async fn grant_after_refusal(&self, generation: u64) -> Result<Grant, Error> {
        let mut memory = self.memory.lock().await;
        memory.happen(Event::TokenRefused { generation });
        self.settle(&mut memory).await
    }

    /// Renews now, however long the token would still be good.
    pub(crate) async fn renew(&self) -> Result<Grant, Error> {
        let mut memory = self.memory.lock().await;
        if let Phase::Live(_) = memory.state.phase {
            self.perform(&mut memory, Decision::Refresh).await?;
        }
        self.settle(&mut memory).await
    }

    /// Logs in now, with new credentials if there are any.
    pub(crate) async fn log_in(&self, credentials: Option<Credentials>) -> Result<Grant, Error> {
        let mut memory = self.memory.lock().await;
        let credentials = credentials.or_else(|| memory.credentials.clone());
        let credentials = credentials.ok_or(Error::NoCredentials)?;
        memory.email = Some(credentials.email().to_owned());
        memory.credentials = Some(credentials);
        memory.happen(Event::CredentialsGiven);
        self.settle(&mut memory).await
    }

    /// Forgets the tokens, and has the portal end them.
    pub(crate) async fn log_out(&self) -> Result<(), Error> {
        let mut memory = self.memory.lock().await;
        let now = self.clock.now();
        let expired = matches!(memory.state.phase, Phase::Live(life) if life.left(now).is_zero());
        memory.happen(Event::LoggedOut);
        let Some(tokens) = memory.tokens.take() else {
            return Ok(());
        };
        // The refresh token dies at the portal only by an access token that is still good.
        let access = if expired {
            self.exchange.refresh(&tokens.refresh).await?.access
        } else {
            tokens.access
        };
        self.exchange.logout(&access).await
    }

    pub(crate) async fn stored(&self) -> Option<StoredSession> {
        self.memory.lock().await.store(&self.exchange.portal)
    }

    /// Does what is decided until there is a token or a reason why not.
    async fn settle(&self, memory: &mut Memory) -> Result<Grant, Error> {
        loop {
            match decide(&memory.state, self.clock.now()) {
                Decision::Use => match &memory.tokens {
                    Some(tokens) => {
                        return Ok(Grant {
                            access: tokens.access.clone(),
                            authorization: tokens.authorization.clone(),
                            generation: memory.state.generation,
                        });
                    }
                    None => return Err(Error::NotLoggedIn),
                },
                Decision::Refuse(why) => return Err(memory.refusal(why)),
                exchange => self.perform(memory, exchange).await?,
            }
        }
    }

    /// One exchange with the portal. A refusal is remembered; trouble is the caller's to hear of.
    async fn perform(&self, memory: &mut Memory, decision: Decision) -> Result<(), Error> {
        let since = self.clock.now();
        let refresh = memory.tokens.as_ref().map(|tokens| &tokens.refresh);
        let (result, refused, documented) = match (decision, refresh, &memory.credentials) {
            (Decision::Refresh, Some(refresh), _) => {
                let result = self.exchange.refresh(refresh).await;
                (result, Event::RefreshRefused, lifetime::REFRESH)
            }
            (Decision::LogIn, _, Some(credentials)) => {
                let result = self.exchange.login(credentials).await;
                (result, Event::LoginRefused, lifetime::LOGIN)
            }
            _ => return Err(Error::NotLoggedIn),
        };
        match result {
            Ok(tokens) => {
                let lifetime = lifetime::of(&tokens.access, documented);
                memory.tokens = Some(tokens);
                memory.rejection = None;
                memory.happen(Event::Renewed { since, lifetime });
                Ok(())
            }
            Err(Error::Refused(rejection)) => {
                memory.tokens = None;
                memory.rejection = Some(rejection);
                memory.happen(refused);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

impl Memory {
    fn happen(&mut self, event: Event) {
        self.state = apply(&self.state, event);
    }

    fn refusal(&self, why: Why) -> Error {
        match (why, &self.rejection) {
            (Why::CredentialsRefused, Some(said)) => Error::CredentialsRefused(said.clone()),
            (Why::SessionExpired, Some(said)) => Error::SessionExpired(said.clone()),
            (Why::LoggedOut, _) => Error::LoggedOut,
            _ => Error::NotLoggedIn,
        }
    }

    fn resume(&mut self, stored: StoredSession, portal: &Portal, now: Now) -> Result<(), Error> {
        if stored.portal != portal.url().as_str() {
            return Err(Error::OtherPortal(stored.portal));
        }
        let age = now.wall.duration_since(stored.issued_at());
        self.happen(Event::Renewed {
            // A token from the future was issued by another clock than this one: it is as old as can be told, just born.
            since: now.before(age.unwrap_or_default()),
            lifetime: Duration::from_millis(stored.lifetime_ms),
        });
        self.tokens = Some(Tokens::new(stored.access_token, stored.refresh_token)?);
        self.email = stored.email.or(self.email.take());
        Ok(())
    }

    fn store(&self, portal: &Portal) -> Option<StoredSession> {
        let (
            Some(tokens),
            Phase::Live(Life {
                since, lifetime, ..
            }),
        ) = (&self.tokens, self.state.phase)
        else {
            return None;
        };
        let issued_at = since.wall.duration_since(SystemTime::UNIX_EPOCH);
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Some(StoredSession {
            version: StoredSession::VERSION,
            portal: portal.url().to_string(),
            email: self.email.clone(),
            access_token: tokens.access.clone(),
            refresh_token: tokens.refresh.clone(),
            issued_at_ms: milliseconds(issued_at.unwrap_or_default()),
            lifetime_ms: milliseconds(lifetime),
        })
    }
}
