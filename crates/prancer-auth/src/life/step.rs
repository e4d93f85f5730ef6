//! What the steps of a life make of a state.

use std::time::Duration;

use super::backoff;
use super::decision::Why;
use super::now::Now;
use super::policy::Policy;
use super::state::{Exchange, Flight, Life, Phase, State, Trouble};
use super::transition::{Stage, Step, next};

impl State {
    /// The exchange under way, if it is this one.
    pub(super) fn take_flight(&mut self, id: u64) -> Option<Flight> {
        self.flight.take_if(|flight| flight.id == id)
    }

    /// Goes to the stage that the table says; what it holds stays, where the stage does.
    pub(super) fn step(&mut self, step: Step) {
        let from = self.phase.stage();
        match next(from, step) {
            Some(to) if to == from => {}
            Some(Stage::New) => self.phase = Phase::New,
            Some(Stage::Expired) => self.phase = Phase::Expired,
            Some(Stage::Refused) => self.phase = Phase::Refused,
            Some(Stage::LoggedOut) => self.phase = Phase::LoggedOut,
            // Only `live` knows what that stage holds.
            Some(Stage::Live) | None => {}
        }
    }

    pub(super) fn live(
        &mut self,
        step: Step,
        since: Now,
        lifetime: Duration,
        chance: f64,
        policy: &Policy,
    ) {
        if next(self.phase.stage(), step) == Some(Stage::Live) {
            self.generation += 1;
            self.phase = Phase::Live(Life {
                since,
                lifetime,
                window: policy.window(lifetime, self.renewed_lifetime, chance),
                refused: false,
                disputed: false,
                ending: None,
            });
        }
    }

    pub(super) fn refused(&mut self, flight: Flight, now: Now, policy: &Policy) {
        self.trouble = None;
        match flight.exchange {
            Exchange::Refresh => {
                let good = !self.usable(now, policy).is_zero();
                self.step(if good {
                    Step::RefreshRefusedEarly
                } else {
                    Step::RefreshRefused
                });
                self.ends(Why::SessionExpired);
                // The same exchange goes on to log in, where it can.
                self.flight = self.credentials.then_some(Flight {
                    exchange: Exchange::LogIn,
                    since: now,
                    failures: 0,
                    pause: Duration::ZERO,
                    ..flight
                });
            }
            Exchange::LogIn => {
                self.credentials = false;
                self.step(Step::LoginRefused);
                if let Phase::Live(Life {
                    ending: Some(_), ..
                }) = self.phase
                {
                    self.ends(Why::CredentialsRefused);
                }
            }
            Exchange::Offer => {}
        }
    }

    /// No refresh follows the token that is there.
    fn ends(&mut self, why: Why) {
        if let Phase::Live(life) = &mut self.phase {
            life.ending = Some(why);
        }
    }

    pub(super) fn failed(
        &mut self,
        mut flight: Flight,
        retry_after: Option<Duration>,
        chance: f64,
        now: Now,
        policy: &Policy,
    ) {
        flight.failures += 1;
        flight.since = now;
        let asked = retry_after.unwrap_or_default();
        let somebody_waits = flight.awaited || self.usable(now, policy).is_zero();
        if somebody_waits && flight.failures <= policy.retries && asked <= policy.patience {
            flight.pause = backoff::inside(policy, flight.failures, chance).max(asked);
            self.flight = Some(flight);
        } else {
            self.trouble(retry_after, chance, now, policy);
        }
    }

    pub(super) fn trouble(
        &mut self,
        retry_after: Option<Duration>,
        chance: f64,
        now: Now,
        policy: &Policy,
    ) {
        let failures = self.trouble.map_or(0, |trouble| trouble.failures);
        let failures = failures.saturating_add(1);
        let left = self.usable(now, policy);
        let asked = retry_after.unwrap_or_default();
        let asked = asked.min(policy.longest_backoff_bound);
        self.trouble = Some(Trouble {
            failures,
            since: now,
            wait: backoff::between(policy, failures, left, chance).max(asked),
            asked,
        });
    }
}
