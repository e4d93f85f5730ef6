//! Whatever happens, in whatever order: no expired token is handed out, no ended session comes back, no second exchange begins,
//! no refused password is repeated.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Something that happens; numbers are taken modulo what makes sense.
#[derive(Debug, Clone)]
enum Act {
    Ask(Demand),
    /// The exchange under way, or one that was before, comes to this.
    Answer {
        behind: u64,
        answer: Answer,
    },
    /// Time passes, on both clocks.
    Pass(Duration),
    /// One of the clocks is disturbed.
    Disturb(Duration),
    GiveCredentials,
    RefuseToken {
        behind: u64,
    },
    RefuseTokenAgain,
    LogIn(Exchange),
    Resume(Duration),
    LogOut,
}

#[derive(Debug, Clone)]
enum Answer {
    Renewed {
        lifetime: Duration,
        chance: f64,
    },
    Refused,
    Failed {
        retry_after: Option<Duration>,
        chance: f64,
    },
    Lost {
        chance: f64,
    },
}

/// Which clock is disturbed: two at once could not be told from no time at all.
#[derive(Debug, Clone, Copy)]
enum Disturbed {
    /// The machine sleeps: the monotonic clock stands still.
    Monotonic,
    /// People set the clock back.
    WallBack,
    /// People set the clock forward.
    WallForward,
}

fn duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        (0..100_u64).prop_map(Duration::from_millis),
        (0..300_u64).prop_map(Duration::from_secs),
        (0..240_u64).prop_map(|hours| Duration::from_secs(hours * 3600)),
        // Up to some centuries: more than any clock has seen.
        (0..1_u64 << 34).prop_map(Duration::from_secs),
    ]
}

fn answer() -> impl Strategy<Value = Answer> {
    let chance = 0.0..=1.0;
    prop_oneof![
        4 => (duration(), chance.clone())
            .prop_map(|(lifetime, chance)| Answer::Renewed { lifetime, chance }),
        1 => Just(Answer::Refused),
        2 => (proptest::option::of(duration()), chance.clone())
            .prop_map(|(retry_after, chance)| Answer::Failed { retry_after, chance }),
        1 => chance.prop_map(|chance| Answer::Lost { chance }),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let demand = prop_oneof![
        Just(Demand::Good),
        duration().prop_map(Demand::ValidFor),
        (0..5_u64).prop_map(Demand::NewerThan),
    ];
    // Mostly of the exchange that is under way.
    let behind = prop_oneof![4 => Just(0), 1 => 1..3_u64];
    prop_oneof![
        8 => demand.prop_map(Act::Ask),
        8 => (behind.clone(), answer())
            .prop_map(|(behind, answer)| Act::Answer { behind, answer }),
        4 => duration().prop_map(Act::Pass),
        1 => duration().prop_map(Act::Disturb),
        1 => Just(Act::GiveCredentials),
        1 => behind.prop_map(|behind| Act::RefuseToken { behind }),
        1 => Just(Act::RefuseTokenAgain),
        1 => prop_oneof![Just(Exchange::LogIn), Just(Exchange::Offer)].prop_map(Act::LogIn),
        1 => duration().prop_map(Act::Resume),
        1 => Just(Act::LogOut),
    ]
}

/// The world as it really is, beside what the session thinks.
struct World {
    state: State,
    /// What the clocks show, and what time it really is.
    now: Now,
    real: Duration,
    /// When the token that is there really expires, and whether it was refused.
    expires: Option<Duration>,
    refused_generation: Option<u64>,
    disputed: Option<u64>,
    logged_out: bool,
    password_refused: bool,
    /// Since when, by the monotonic clock.
    under_way: Option<Duration>,
}

impl World {
    fn new(credentials: bool) -> Self {
        Self {
            state: new(credentials),
            now: start(),
            real: Duration::ZERO,
            expires: None,
            refused_generation: None,
            disputed: None,
            logged_out: false,
            password_refused: false,
            under_way: None,
        }
    }

    fn act(&mut self, act: Act, disturbed: Disturbed) {
        match act {
            Act::Ask(demand) => self.ask(demand),
            Act::Answer { behind, answer } => self.answer(behind, answer),
            Act::Pass(time) => {
                self.real = self.real.saturating_add(time);
                self.now = self.now.after(time);
            }
            Act::Disturb(time) => match disturbed {
                Disturbed::Monotonic => {
                    self.real = self.real.saturating_add(time);
                    self.now.wall = self.now.wall.saturating_add(time);
                }
                Disturbed::WallBack => self.now.wall = self.now.wall.saturating_sub(time),
                Disturbed::WallForward => self.now.wall = self.now.wall.saturating_add(time),
            },
            Act::GiveCredentials => {
                self.happen(Event::CredentialsGiven);
                self.logged_out = false;
                self.password_refused = false;
            }
            Act::RefuseToken { behind } => {
                let generation = self.state.generation.saturating_sub(behind);
                self.happen(Event::TokenRefused { generation });
                if self.disputed != Some(generation) {
                    self.refused_generation = self.refused_generation.max(Some(generation));
                }
            }
            Act::RefuseTokenAgain => {
                let generation = self.state.generation;
                self.happen(Event::RefusedAgain { generation });
                self.disputed = Some(generation);
            }
            Act::LogIn(exchange) => self.log_in(exchange),
            Act::Resume(lifetime) => {
                // Another process has logged in: that revives this one, too.
                self.happen(Event::Resumed {
                    since: self.now,
                    lifetime,
                    chance: 0.5,
                });
                self.expires = Some(self.real.saturating_add(lifetime));
                self.logged_out = false;
            }
            Act::LogOut => {
                self.happen(Event::LoggedOut);
                self.logged_out = true;
                self.under_way = None;
                self.expires = None;
            }
        }
        self.check_quiet();
    }

    fn happen(&mut self, event: Event) {
        self.state = happen(&self.state, event, self.now);
    }

    fn ask(&mut self, demand: Demand) {
        match decide(&self.state, demand, self.now, &policy()) {
            Decision::Use => self.handed_out(),
            Decision::UseAndStart(exchange) => {
                self.handed_out();
                self.start(exchange);
            }
            Decision::Start(exchange) => self.start(exchange),
            Decision::Join => {
                assert!(self.is_under_way(), "nobody is there to wait for");
                self.happen(Event::Joined);
            }
            Decision::TryLater(time) => assert!(!time.is_zero() && !self.is_under_way()),
            Decision::Refuse(_) => {}
        }
    }

    fn handed_out(&self) {
        let expires = self.expires.expect("a token that never came");
        assert!(self.real < expires, "an expired token");
        assert!(!self.logged_out, "a token after the logout");
        assert_ne!(
            Some(self.state.generation),
            self.refused_generation,
            "a refused token"
        );
    }

    fn start(&mut self, exchange: Exchange) {
        assert!(!self.is_under_way(), "a second exchange");
        assert!(!self.logged_out, "an exchange after the logout");
        if exchange == Exchange::LogIn {
            assert!(!self.password_refused, "a refused password again");
        }
        let awaited = false;
        self.happen(Event::Started { exchange, awaited });
        self.under_way = Some(self.now.monotonic);
    }

    /// As the hub begins a login that somebody wants.
    fn log_in(&mut self, exchange: Exchange) {
        let live = matches!(self.state.phase, Phase::Live(_));
        if self.is_under_way() || self.state.retry_in(self.now, &policy()).is_some() {
            return;
        }
        if live && exchange == Exchange::Offer {
            self.start(exchange);
        } else if self.state.credentials {
            self.happen(Event::CredentialsGiven);
            self.logged_out = false;
            self.start(Exchange::LogIn);
        }
    }

    /// Whether an exchange is under way that was heard of lately.
    fn is_under_way(&self) -> bool {
        let silent = |since| self.now.monotonic - since;
        self.under_way
            .is_some_and(|since| silent(since) < policy().longest_silence)
    }

    fn answer(&mut self, behind: u64, answer: Answer) {
        let flight = self.state.flights.saturating_sub(behind);
        let under_way = self.state.flight;
        let before = self.state.clone();
        self.happen(match answer {
            Answer::Renewed { lifetime, chance } => Event::Renewed {
                flight,
                since: self.now,
                lifetime,
                chance,
            },
            Answer::Refused => Event::Refused { flight },
            Answer::Failed {
                retry_after,
                chance,
            } => Event::Failed {
                flight,
                retry_after,
                chance,
            },
            Answer::Lost { chance } => Event::Lost { flight, chance },
        });
        let Some(under_way) = under_way.filter(|it| it.id == flight) else {
            assert_eq!(
                self.state, before,
                "an answer that is void has changed something"
            );
            return;
        };
        match answer {
            Answer::Renewed { lifetime, .. } => {
                // Other credentials were offered, and accepted.
                self.password_refused &= under_way.exchange != Exchange::Offer;
                self.expires = Some(self.real.saturating_add(lifetime));
            }
            Answer::Refused if under_way.exchange == Exchange::LogIn => {
                self.password_refused = true;
            }
            _ => {}
        }
        self.under_way = self.state.flight.map(|_| self.now.monotonic);
    }

    /// Whatever is handed out without a decision is good.
    fn check_quiet(&self) {
        if let Some(until) = quiet_until(&self.state, &policy())
            && self.now.is_before(until)
        {
            self.handed_out();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_rules_hold(
        credentials: bool,
        acts in proptest::collection::vec(act(), 1..80),
        disturbed in prop_oneof![
            Just(Disturbed::Monotonic), Just(Disturbed::WallBack), Just(Disturbed::WallForward),
        ],
    ) {
        let mut world = World::new(credentials);
        for act in acts {
            world.act(act, disturbed);
        }
    }
}
