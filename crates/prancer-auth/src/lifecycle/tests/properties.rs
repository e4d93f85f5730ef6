//! Whatever happens, in whatever order: no expired token is handed out, no ended session comes back, no second exchange begins,
//! no rejected password is sent again.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::RngAlgorithm;

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
    RejectToken {
        behind: u64,
    },
    AcceptToken,
    RejectedElsewhere,
    LogIn,
    Resume(Duration),
    LogOut,
}

#[derive(Debug, Clone)]
enum Answer {
    Renewed {
        lifetime: Duration,
        chance: f64,
    },
    Rejected,
    Failed {
        retry_after: Option<Duration>,
        at_store: bool,
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
        1 => Just(Answer::Rejected),
        2 => (proptest::option::of(duration()), proptest::bool::ANY, chance.clone())
            .prop_map(|(retry_after, at_store, chance)| Answer::Failed { retry_after, at_store, chance }),
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
        1 => behind.prop_map(|behind| Act::RejectToken { behind }),
        1 => Just(Act::AcceptToken),
        1 => Just(Act::RejectedElsewhere),
        1 => Just(Act::LogIn),
        1 => duration().prop_map(Act::Resume),
        1 => Just(Act::LogOut),
    ]
}

/// The world as it really is, beside what the session thinks.
struct World {
    state: Lifecycle,
    /// What the clocks show, and what time it really is.
    now: Now,
    real: Duration,
    /// When the token really expires.
    expires: Option<Duration>,
    /// The token that an API rejected, and when that was by the monotonic clock.
    rejected: Option<(u64, Duration)>,
    logged_out: bool,
    password_rejected: bool,
    /// When the exchange in flight was last heard of, by the monotonic clock.
    heard: Option<Duration>,
}

impl World {
    fn new(credentials: bool) -> Self {
        Self {
            state: new(credentials),
            now: start(),
            real: Duration::ZERO,
            expires: None,
            rejected: None,
            logged_out: false,
            password_rejected: false,
            heard: None,
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
            Act::RejectToken { behind } => {
                let serial = self.state.serial.saturating_sub(behind);
                let before = self.state.stale_since;
                self.happen(Event::TokenStale(serial));
                if self.state.stale_since != before {
                    self.rejected = Some((serial, self.now.monotonic));
                }
            }
            Act::AcceptToken => {
                let serial = self.state.serial;
                self.happen(Event::TokenAccepted(serial));
            }
            Act::RejectedElsewhere => {
                self.happen(Event::RejectedElsewhere(policy().rejection_pause))
            }
            Act::LogIn => self.log_in(),
            Act::Resume(lifetime) => {
                // Another process has logged in: that revives this session, too.
                self.happen(Event::Adopted {
                    since: self.now,
                    lifetime,
                    due: false,
                    chance: 0.5,
                });
                self.expires = Some(self.real.saturating_add(lifetime));
                self.logged_out = false;
            }
            Act::LogOut => {
                self.happen(Event::LoggedOut);
                self.logged_out = true;
                self.heard = None;
                self.expires = None;
            }
        }
        self.check_fast_path();
    }

    fn happen(&mut self, event: Event) {
        self.state = happen(&self.state, event, self.now);
    }

    fn ask(&mut self, demand: Demand) {
        match decide(&self.state, demand, self.now, &policy()) {
            Decision::Use => self.handed_out(),
            Decision::UseAndStart(exchange) => {
                self.handed_out();
                self.start(exchange, false);
            }
            Decision::Start(exchange) => self.start(exchange, false),
            Decision::Join => {
                assert!(self.is_in_flight(), "no exchange to wait for");
                self.happen(Event::Joined);
            }
            Decision::TryLater(time) => assert!(!time.is_zero() && !self.is_in_flight()),
            Decision::Deny(_) | Decision::DenyShort(_) => {}
        }
    }

    fn handed_out(&self) {
        let expires = self.expires.expect("a token that never came");
        assert!(self.real < expires, "an expired token");
        assert!(!self.logged_out, "a token after the logout");
        let rejected = self.rejected.map(|(serial, _)| serial);
        assert_ne!(Some(self.state.serial), rejected, "a rejected token");
    }

    fn start(&mut self, exchange: Exchange, supersedes: bool) {
        assert!(!self.is_in_flight(), "a second exchange");
        assert!(
            supersedes || !self.logged_out,
            "an exchange after the logout"
        );
        if exchange == Exchange::LogIn {
            assert!(!self.password_rejected, "a rejected password again");
        }
        let awaited = false;
        self.happen(Event::Started {
            exchange,
            awaited,
            supersedes,
        });
        self.heard = Some(self.now.monotonic);
    }

    /// As the coordinator begins a login that a caller asks for.
    fn log_in(&mut self) {
        let waits = self.state.retry_in(self.now).is_some();
        if !self.is_in_flight() && !waits && self.state.credentials_from.is_some() {
            self.start(Exchange::LogIn, true);
        }
    }

    /// Whether an exchange is in flight that was heard of lately.
    fn is_in_flight(&self) -> bool {
        let silent = |since| self.now.monotonic - since;
        self.heard
            .is_some_and(|since| silent(since) < policy().longest_silence)
    }

    fn answer(&mut self, behind: u64, answer: Answer) {
        let id = self.state.exchanges.saturating_sub(behind);
        let in_flight = self.state.in_flight;
        let before = self.state.clone();
        self.happen(match answer {
            Answer::Renewed { lifetime, chance } => Event::Renewed {
                id,
                since: self.now,
                lifetime,
                chance,
            },
            Answer::Rejected => Event::Rejected { id, others: false },
            Answer::Failed {
                retry_after,
                at_store,
                chance,
            } => Event::Failed {
                id,
                retry_after,
                at_store,
                chance,
            },
            Answer::Lost { chance } => Event::Lost { id, chance },
        });
        let Some(in_flight) = in_flight.filter(|it| it.id == id) else {
            assert_eq!(
                self.state, before,
                "the answer of another exchange has changed something"
            );
            return;
        };
        if self.state.in_flight.is_some_and(|it| it.is_saving()) {
            // Whatever the demand, the new token is not handed out before it is saved; one that is still good may be.
            let next = Demand::NewerThan(before.serial);
            let decision = decide(&self.state, next, self.now, &policy());
            assert_eq!(decision, Decision::Join, "handed out before it is saved");
            if before.usable(self.now, &policy()).is_zero() {
                let decision = decide(&self.state, Demand::Good, self.now, &policy());
                assert_eq!(decision, Decision::Join, "handed out after its end");
            }
            self.happen(Event::Completed(id));
        } else if !self.state.usable(self.now, &policy()).is_zero() {
            let decision = decide(&self.state, Demand::Good, self.now, &policy());
            assert!(
                matches!(decision, Decision::Use | Decision::UseAndStart(_)),
                "a failure holds a good token back"
            );
        }
        match answer {
            Answer::Renewed { lifetime, .. } => {
                self.expires = Some(self.real.saturating_add(lifetime));
                self.logged_out = false;
            }
            Answer::Rejected if in_flight.exchange == Exchange::LogIn => {
                self.password_rejected = true;
            }
            // A store that fails while the token is good makes no caller wait once it has expired.
            Answer::Failed { at_store: true, .. } => {
                let usable = self.state.usable(self.now, &policy());
                let end = self.now.after(usable);
                let decision = decide(&self.state, Demand::Good, end, &policy());
                assert!(
                    usable.is_zero() || !matches!(decision, Decision::TryLater(_)),
                    "{decision:?} at the end of the token"
                );
            }
            _ => {}
        }
        self.heard = self.state.in_flight.map(|_| self.now.monotonic);
    }

    /// Whatever is handed out on the fast path is good.
    fn check_fast_path(&self) {
        if let Some(until) = fast_path_until(&self.state, &policy())
            && self.now.is_before(until)
        {
            self.handed_out();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        // To draw by the default one takes longer than all that is done with it.
        rng_algorithm: RngAlgorithm::XorShift,
        ..ProptestConfig::default()
    })]

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
