//! What a session knows between two calls.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::caller::{Ask, Tokens};
use crate::change::Change;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::kept::Kept;
use crate::life::{Event, Exchange, Flight, Now, Phase, Policy, State, Why, apply};
use crate::lifetime;
use crate::published::Published;
use crate::rejection::Rejection;
use crate::trouble::Trouble;

/// What an exchange ends in.
pub(crate) type Outcome = Result<Arc<Published>, Error>;

/// What changed, and how the exchange ended, if it did.
pub(crate) type Report = (Option<Change>, Option<Result<(), Error>>);

/// What a session knows between two calls. The state says which of it counts.
pub(crate) struct Memory {
    pub(crate) state: State,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) credentials: Option<Credentials>,
    /// Credentials that are tried while the tokens that are there are still good.
    pub(crate) offered: Option<Credentials>,
    pub(crate) email: Option<String>,
    /// Why the portal last refused.
    pub(crate) rejection: Option<Rejection>,
    /// Why the last exchange failed.
    pub(crate) trouble: Option<(Trouble, Now)>,
    /// What it knows of its store, where it has one.
    pub(crate) kept: Option<Kept>,
    /// Tells everybody who waits what the exchange under way ends in.
    pub(crate) outcome: Option<watch::Sender<Option<Outcome>>>,
}

/// What an exchange ended in, before anybody knows. Dropped instead of told, whoever waits enters again.
#[must_use]
pub(crate) struct Ending {
    sender: watch::Sender<Option<Outcome>>,
    outcome: Outcome,
}

impl Ending {
    pub(crate) fn tell(self) {
        self.sender.send_replace(Some(self.outcome));
    }
}

impl Memory {
    pub(crate) fn new(credentials: Option<Credentials>, policy: &Policy) -> Self {
        Self {
            state: State::new(credentials.is_some(), policy),
            tokens: None,
            email: credentials.as_ref().map(|it| it.email().to_owned()),
            credentials,
            offered: None,
            rejection: None,
            trouble: None,
            kept: None,
            outcome: None,
        }
    }

    pub(crate) fn apply(&mut self, event: Event, now: Now, policy: &Policy) {
        self.state = apply(&self.state, event, now, policy);
    }

    /// What the exchange under way asks the portal, and after what pause.
    pub(crate) fn ask(&self, flight: u64) -> Option<(Duration, Ask)> {
        let flight = self.state.flight.filter(|it| it.id == flight)?;
        let ask = match flight.exchange {
            Exchange::LogIn => Ask::LogIn(self.credentials.clone()?),
            Exchange::Offer => Ask::LogIn(self.offered.clone()?),
            Exchange::Refresh => Ask::Refresh(self.tokens.as_ref()?.refresh.clone()),
        };
        Some((flight.pause, ask))
    }

    /// An exchange brought tokens.
    pub(crate) fn renewed(
        &mut self,
        flight: Flight,
        tokens: Tokens,
        since: Now,
        now: Now,
        chance: f64,
        policy: &Policy,
    ) -> Report {
        let (change, documented) = match flight.exchange {
            Exchange::LogIn | Exchange::Offer => (Change::LoggedIn, lifetime::LOGIN),
            Exchange::Refresh => (Change::Renewed, lifetime::REFRESH),
        };
        if let Some(offered) = self.offered.take() {
            self.email = Some(offered.email().to_owned());
            self.credentials = Some(offered);
        }
        let renewed = Event::Renewed {
            flight: flight.id,
            since,
            lifetime: lifetime::of(&tokens.access, documented),
            chance,
        };
        self.tokens = Some(tokens);
        self.rejection = None;
        if let Some(kept) = &mut self.kept {
            kept.unsaved = true;
            // A login that knew of nothing else is the latest, whatever comes to light.
            kept.overwrites |= flight.exchange != Exchange::Refresh && kept.error.is_some();
        }
        self.apply(renewed, now, policy);
        (Some(change), Some(Ok(())))
    }

    /// The portal refused an exchange.
    pub(crate) fn refused(
        &mut self,
        flight: Flight,
        said: Rejection,
        now: Now,
        policy: &Policy,
    ) -> Report {
        self.apply(Event::Refused { flight: flight.id }, now, policy);
        self.offered = None;
        if flight.exchange != Exchange::Offer {
            self.rejection = Some(said.clone());
        }
        if !matches!(self.state.phase, Phase::Live(_)) {
            self.tokens = None;
        }
        match flight.exchange {
            Exchange::LogIn | Exchange::Offer => {
                let ended = Err(Error::CredentialsRefused(said.clone()));
                (Some(Change::CredentialsRefused(said)), Some(ended))
            }
            Exchange::Refresh => {
                // Where there are credentials, the exchange goes on to log in.
                let ended = self.state.flight.is_none();
                let ended = ended.then(|| Err(Error::SessionExpired(said.clone())));
                (Some(Change::SessionExpired(said)), ended)
            }
        }
    }

    /// An exchange failed, for now or for once.
    pub(crate) fn failed(
        &mut self,
        flight: Flight,
        trouble: Trouble,
        now: Now,
        chance: f64,
        policy: &Policy,
    ) -> Report {
        let failed = Event::Failed {
            flight: flight.id,
            retry_after: trouble.retry_after(),
            chance,
        };
        self.apply(failed, now, policy);
        self.trouble = Some((trouble.clone(), now));
        if self.state.flight.is_some() {
            return (None, None);
        }
        self.offered = None;
        let retry_in = self.state.retry_in(now, policy);
        let ended = Err(self.try_later(retry_in.unwrap_or_default()));
        (Some(Change::Failed(trouble)), Some(ended))
    }

    /// The end of the exchange under way, for everybody who waits; it is told when nothing is locked any more.
    pub(crate) fn end(&mut self, outcome: Outcome) -> Option<Ending> {
        if let (Some(kept), Err(_)) = (&mut self.kept, &outcome) {
            kept.overwrites = false;
        }
        let sender = self.outcome.take()?;
        Some(Ending { sender, outcome })
    }

    /// The same where a logout elsewhere has made the exchange under way void.
    pub(crate) fn void(&mut self) -> Option<Ending> {
        let is_void = self.state.phase == Phase::LoggedOut && self.state.flight.is_none();
        is_void.then(|| self.end(Err(Error::LoggedOut)))?
    }

    pub(crate) fn refusal(&self, why: Why) -> Error {
        match (why, &self.rejection) {
            (Why::CredentialsRefused, Some(said)) => Error::CredentialsRefused(said.clone()),
            (Why::SessionExpired, Some(said)) => Error::SessionExpired(said.clone()),
            (Why::LoggedOut, _) => Error::LoggedOut,
            // Perhaps somebody has, but nobody can tell.
            _ => match self.kept.as_ref().and_then(|kept| kept.error.clone()) {
                Some(error) => Error::Store(error),
                None => Error::NotLoggedIn,
            },
        }
    }

    pub(crate) fn try_later(&self, retry_in: Duration) -> Error {
        let trouble = self.trouble.as_ref().map(|(trouble, _)| trouble.clone());
        Error::TryLater {
            trouble: trouble.unwrap_or(Trouble::Interrupted),
            retry_in,
        }
    }
}
