//! The rules of a token's life, one by one; `properties` tries them against whatever may happen.

use std::time::Duration;

use super::*;

mod properties;
mod refusals;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Chances that give the widest and the narrowest draw.
const NEVER_EARLIER: f64 = 0.0;
const NEVER_LATER: f64 = 1.0;

fn policy() -> Policy {
    Policy::default()
}

fn start() -> Now {
    Now {
        wall: 20_000 * DAY,
        monotonic: 20_000 * DAY,
    }
}

fn happen(state: &State, event: Event, now: Now) -> State {
    apply(state, event, now, &policy())
}

fn new(credentials: bool) -> State {
    State::new(credentials, &policy())
}

fn started(state: &State, exchange: Exchange, now: Now) -> State {
    let awaited = false;
    happen(state, Event::Started { exchange, awaited }, now)
}

fn renewed(state: &State, since: Now, lifetime: Duration, chance: f64) -> State {
    let flight = state.flight.unwrap().id;
    let event = Event::Renewed {
        flight,
        since,
        lifetime,
        chance,
    };
    happen(state, event, since)
}

/// A session whose login brought a token of this life.
fn live(lifetime: Duration, chance: f64) -> State {
    let asked = started(&new(true), Exchange::LogIn, start());
    renewed(&asked, start(), lifetime, chance)
}

fn failed(state: &State, retry_after: Option<Duration>, now: Now) -> State {
    let event = Event::Failed {
        flight: state.flight.unwrap().id,
        retry_after,
        chance: NEVER_LATER,
    };
    happen(state, event, now)
}

fn refused(state: &State, now: Now) -> State {
    let flight = state.flight.unwrap().id;
    happen(state, Event::Refused { flight }, now)
}

fn good(state: &State, now: Now) -> Decision {
    decide(state, Demand::Good, now, &policy())
}

fn after(time: Duration) -> Now {
    start().after(time)
}

#[test]
fn a_new_session_logs_in_if_it_can() {
    assert_eq!(good(&new(true), start()), Decision::Start(Exchange::LogIn));
    let refused = Decision::Refuse(Why::NotLoggedIn);
    assert_eq!(good(&new(false), start()), refused);
}

#[test]
fn nothing_is_renewed_while_more_than_a_renewal_would_give_remains() {
    for chance in [NEVER_EARLIER, 0.5, NEVER_LATER] {
        let state = live(7 * DAY, chance);
        assert_eq!(good(&state, after(6 * DAY)), Decision::Use, "{chance}");
    }
}

#[test]
fn in_the_last_part_of_a_life_the_token_is_used_and_renewed_behind() {
    let start_refresh = Decision::UseAndStart(Exchange::Refresh);
    let of_login = live(7 * DAY, NEVER_LATER);
    // Nine tenths of what a renewal gives, 21.6 hours, are left.
    assert_eq!(good(&of_login, after(7 * DAY - 22 * HOUR)), Decision::Use);
    assert_eq!(good(&of_login, after(7 * DAY - 21 * HOUR)), start_refresh);
    let of_renewal = live(DAY, NEVER_LATER);
    // Three tenths of its life, 7.2 hours, are left.
    assert_eq!(good(&of_renewal, after(DAY - 8 * HOUR)), Decision::Use);
    assert_eq!(good(&of_renewal, after(DAY - 7 * HOUR)), start_refresh);
}

#[test]
fn the_moment_is_drawn_between_two_bounds() {
    let window = |chance| match live(DAY, chance).phase {
        Phase::Live(life) => life.window,
        phase => panic!("{phase:?}"),
    };
    assert_eq!(window(NEVER_EARLIER), DAY / 10);
    assert_eq!(window(NEVER_LATER), DAY * 3 / 10);
}

#[test]
fn while_a_renewal_is_under_way_or_waits_the_good_token_is_used() {
    let due = after(DAY - HOUR);
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, due);
    assert_eq!(good(&asked, due), Decision::Use);
    let waiting = failed(&asked, None, due);
    assert_eq!(good(&waiting, due), Decision::Use);
    let start_refresh = Decision::UseAndStart(Exchange::Refresh);
    assert_eq!(good(&waiting, due.after(16 * MINUTE)), start_refresh);
}

#[test]
fn a_short_lived_token_is_not_renewed_at_every_call() {
    for lifetime in [1, 10, 100].map(Duration::from_secs) {
        let state = live(lifetime, NEVER_LATER);
        assert_eq!(good(&state, after(lifetime / 2)), Decision::Use);
        assert_eq!(
            good(&state, after(lifetime)),
            Decision::Start(Exchange::Refresh)
        );
    }
}

#[test]
fn a_token_at_its_end_is_not_handed_out() {
    let state = live(DAY, 0.5);
    let start_refresh = Decision::Start(Exchange::Refresh);
    assert_eq!(good(&state, after(DAY - MINUTE)), start_refresh);
    let asked = started(&state, Exchange::Refresh, after(DAY));
    assert_eq!(good(&asked, after(DAY)), Decision::Join);
}

#[test]
fn more_life_than_is_left_is_renewed_for_unless_a_renewal_gives_less() {
    let ask = |state: &State, time, now| decide(state, Demand::ValidFor(time), now, &policy());
    let state = live(DAY, 0.5);
    assert_eq!(ask(&state, 10 * HOUR, after(HOUR)), Decision::Use);
    let start_refresh = Decision::Start(Exchange::Refresh);
    assert_eq!(ask(&state, 10 * HOUR, after(15 * HOUR)), start_refresh);
    assert_eq!(ask(&state, 30 * DAY, after(15 * HOUR)), start_refresh);
    assert_eq!(ask(&state, 30 * DAY, after(HOUR)), Decision::Use);
    assert_eq!(
        ask(&live(7 * DAY, 0.5), 30 * DAY, after(5 * DAY)),
        Decision::Use
    );
}

#[test]
fn a_token_on_demand_is_a_newer_one() {
    let state = live(7 * DAY, 0.5);
    let newer = |generation| decide(&state, Demand::NewerThan(generation), start(), &policy());
    assert_eq!(newer(state.generation), Decision::Start(Exchange::Refresh));
    assert_eq!(newer(state.generation - 1), Decision::Use);
}

#[test]
fn a_refused_token_is_not_used_again_unless_it_was_replaced_meanwhile() {
    let state = live(DAY, 0.5);
    let refuse = |generation| happen(&state, Event::TokenRefused { generation }, start());
    assert_eq!(good(&refuse(state.generation - 1), start()), Decision::Use);
    let start_refresh = Decision::Start(Exchange::Refresh);
    assert_eq!(good(&refuse(state.generation), start()), start_refresh);
    assert_eq!(quiet_until(&refuse(state.generation), &policy()), None);
}

#[test]
fn somebody_who_waits_gets_three_attempts_then_everybody_waits() {
    let mut state = started(&new(true), Exchange::LogIn, start());
    for attempt in 1..=2 {
        state = failed(&state, None, start());
        let flight = state.flight.unwrap();
        assert_eq!(flight.failures, attempt);
        assert!(flight.pause > Duration::ZERO && flight.pause <= Duration::from_millis(400));
    }
    state = failed(&state, None, start());
    assert_eq!(state.flight, None);
    assert_eq!(
        good(&state, start()),
        Decision::TryLater(Duration::from_secs(1))
    );
    let now = after(Duration::from_secs(1));
    assert_eq!(good(&state, now), Decision::Start(Exchange::LogIn));
}

#[test]
fn the_backoff_doubles_up_to_a_bound_that_grows_with_the_life_that_is_left() {
    let waits = |state: State, now: Now| {
        let mut state = state;
        let mut waits = Vec::new();
        for _ in 0..40 {
            state = started(&state, Exchange::Refresh, now);
            while state.flight.is_some() {
                state = failed(&state, None, now);
            }
            waits.push(state.trouble.unwrap().wait.as_secs());
        }
        waits
    };
    let with_life = waits(live(DAY, 0.5), after(DAY - 2 * HOUR));
    // From a quarter to about a third of two hours less the margin.
    assert_eq!(with_life[..3], [1785, 2499, 2499]);
    assert_eq!(with_life[39], 2499);
    let expired = waits(live(DAY, 0.5), after(2 * DAY));
    assert_eq!(expired[..4], [1, 2, 4, 5]);
    assert_eq!(expired[39], 5);
}

#[test]
fn a_refused_token_does_not_wait_as_long_as_a_good_one() {
    let due = after(DAY - 2 * HOUR);
    for (asks, waits) in [(None, Duration::from_secs(5)), (Some(MINUTE), MINUTE)] {
        let asked = started(&live(DAY, 0.5), Exchange::Refresh, due);
        let waiting = failed(&asked, asks, due);
        assert!(waiting.trouble.unwrap().wait > MINUTE);
        let generation = waiting.generation;
        let refused = happen(&waiting, Event::TokenRefused { generation }, due);
        assert_eq!(good(&refused, due), Decision::TryLater(waits));
    }
}

#[test]
fn a_portal_that_asks_for_patience_gets_it_within_reason() {
    let asked = started(&new(true), Exchange::LogIn, start());
    let second = Duration::from_secs(1);
    // A little is waited inside the exchange.
    assert!(failed(&asked, Some(second), start()).flight.unwrap().pause >= second);
    for (asks, waits) in [(17 * second, 17 * second), (1000 * DAY, HOUR)] {
        let state = failed(&asked, Some(asks), start());
        assert_eq!(good(&state, start()), Decision::TryLater(waits));
    }
}

#[test]
fn one_healthy_answer_ends_all_trouble() {
    let due = after(DAY - HOUR);
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, due);
    let trouble = failed(&asked, None, due);
    assert!(trouble.trouble.is_some());
    let later = due.after(MINUTE);
    let healthy = renewed(
        &started(&trouble, Exchange::Refresh, later),
        later,
        DAY,
        0.5,
    );
    assert_eq!(healthy.trouble, None);
}

#[test]
fn a_lost_exchange_may_be_repeated_at_once_but_not_for_ever() {
    let lose = |state: &State| {
        let flight = state.flight.unwrap().id;
        let lost = Event::Lost {
            flight,
            chance: NEVER_LATER,
        };
        happen(state, lost, start())
    };
    let once = lose(&started(&new(true), Exchange::LogIn, start()));
    assert_eq!(good(&once, start()), Decision::Start(Exchange::LogIn));
    let twice = lose(&started(&once, Exchange::LogIn, start()));
    assert!(matches!(good(&twice, start()), Decision::TryLater(_)));
}

#[test]
fn who_waits_for_a_renewal_of_a_good_token_gets_its_retries_and_no_long_wait() {
    let newer = |state: &State, now| decide(state, Demand::NewerThan(1), now, &policy());
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, start());
    let mut state = happen(&asked, Event::Joined, start());
    for _ in 0..policy().retries {
        state = failed(&state, None, start());
        assert!(state.flight.is_some(), "it tries again");
    }
    state = failed(&state, None, start());
    assert_eq!(state.flight, None);
    assert!(
        state.trouble.unwrap().wait > HOUR / 2,
        "for renewals behind"
    );
    let wait = policy().shortest_backoff_bound;
    assert_eq!(newer(&state, start()), Decision::TryLater(wait));
    assert_eq!(
        newer(&state, after(wait)),
        Decision::Start(Exchange::Refresh)
    );
}

#[test]
fn an_exchange_that_is_silent_for_too_long_is_begun_anew() {
    let silence = policy().longest_silence;
    let asked = started(&new(true), Exchange::LogIn, start());
    assert_eq!(
        good(&asked, after(silence - Duration::from_secs(1))),
        Decision::Join
    );
    assert_eq!(
        good(&asked, after(silence)),
        Decision::Start(Exchange::LogIn)
    );
    // A machine that sleeps hears nothing, which is not the exchange's fault.
    let slept = Now {
        wall: start().wall + DAY,
        ..start()
    };
    assert_eq!(good(&asked, slept), Decision::Join);
}

#[test]
fn a_machine_that_slept_and_a_clock_that_was_set_hide_no_time() {
    let state = live(DAY, 0.5);
    let start_refresh = Decision::Start(Exchange::Refresh);
    let slept = Now {
        wall: start().wall + 2 * DAY,
        ..start()
    };
    assert_eq!(good(&state, slept), start_refresh);
    let set_back = Now {
        wall: start().wall - DAY,
        monotonic: start().monotonic + 2 * DAY,
    };
    assert_eq!(good(&state, set_back), start_refresh);
}

#[test]
fn a_clock_that_is_set_forward_renews_once() {
    let set_forward = Now {
        wall: start().wall + DAY,
        ..start()
    };
    let state = live(DAY, 0.5);
    assert_eq!(
        good(&state, set_forward),
        Decision::Start(Exchange::Refresh)
    );
    let asked = started(&state, Exchange::Refresh, set_forward);
    let state = renewed(&asked, set_forward, DAY, 0.5);
    assert_eq!(good(&state, set_forward.after(HOUR)), Decision::Use);
    assert_eq!(good(&state, start().after(HOUR)), Decision::Use);
}

#[test]
fn the_diagram_in_the_readme_is_that_of_the_table() {
    let readme = include_str!("../../README.md");
    let expected = format!("```mermaid\n{}```\n", diagram());
    assert!(
        readme.contains(&expected),
        "the README of prancer-auth shows another diagram than the table makes; put this there:\n{expected}"
    );
}
