//! The rules of a token's life, one by one; `properties` tries them against whatever may happen.

use std::time::Duration;

use super::*;

mod edges;
mod properties;
mod rejections;
mod replicas;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);

/// Chances that give the widest and the narrowest draw.
const NEVER_EARLIER: f64 = 0.0;
const NEVER_LATER: f64 = 1.0;

fn policy() -> Policy {
    Policy::STANDARD
}

fn start() -> Now {
    Now {
        wall: 20_000 * DAY,
        monotonic: 20_000 * DAY,
    }
}

fn happen(state: &Lifecycle, event: Event, now: Now) -> Lifecycle {
    apply(state, event, now, &policy())
}

fn new(credentials: bool) -> Lifecycle {
    Lifecycle::new(credentials, &policy())
}

fn started(state: &Lifecycle, exchange: Exchange, now: Now) -> Lifecycle {
    let (awaited, supersedes) = (false, false);
    let started = Event::Started {
        exchange,
        awaited,
        supersedes,
    };
    happen(state, started, now)
}

fn renewed(state: &Lifecycle, since: Now, lifetime: Duration, chance: f64) -> Lifecycle {
    let id = state.in_flight.unwrap().id;
    let event = Event::Renewed {
        id,
        since,
        lifetime,
        chance,
    };
    completed(&happen(state, event, since), since)
}

/// The exchange is over, if it was only to be saved.
fn completed(state: &Lifecycle, now: Now) -> Lifecycle {
    match state.in_flight {
        Some(it) if it.is_saving() => happen(state, Event::Completed(it.id), now),
        _ => state.clone(),
    }
}

/// A session whose login brought a token of this life.
fn live(lifetime: Duration, chance: f64) -> Lifecycle {
    let asked = started(&new(true), Exchange::LogIn, start());
    renewed(&asked, start(), lifetime, chance)
}

fn failed(state: &Lifecycle, retry_after: Option<Duration>, now: Now) -> Lifecycle {
    let event = Event::Failed {
        id: state.in_flight.unwrap().id,
        retry_after,
        at_store: false,
        chance: NEVER_LATER,
    };
    completed(&happen(state, event, now), now)
}

fn rejected(state: &Lifecycle, now: Now) -> Lifecycle {
    let id = state.in_flight.unwrap().id;
    let others = false;
    completed(&happen(state, Event::Rejected { id, others }, now), now)
}

fn good(state: &Lifecycle, now: Now) -> Decision {
    decide(state, Demand::Good, now, &policy())
}

fn after(time: Duration) -> Now {
    start().after(time)
}

#[test]
fn a_new_session_logs_in_if_it_can() {
    assert_eq!(good(&new(true), start()), Decision::Start(Exchange::LogIn));
    let denied = Decision::Deny(NoToken::NotLoggedIn);
    assert_eq!(good(&new(false), start()), denied);
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
    let window = |chance| match live(DAY, chance).token {
        Ok(life) => life.window,
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
fn more_life_than_is_left_is_renewed_for_unless_no_renewal_gives_that() {
    let ask = |state: &Lifecycle, time, now| decide(state, Demand::ValidFor(time), now, &policy());
    let state = live(DAY, 0.5);
    assert_eq!(ask(&state, 10 * HOUR, after(HOUR)), Decision::Use);
    let start_refresh = Decision::Start(Exchange::Refresh);
    assert_eq!(ask(&state, 10 * HOUR, after(15 * HOUR)), start_refresh);
    let short = Decision::DenyShort;
    assert_eq!(ask(&state, 30 * DAY, after(15 * HOUR)), short(30 * DAY));
    // A renewed token never has its whole life left: callers that asked for it would renew one after the other.
    assert_eq!(ask(&state, DAY, after(HOUR)), short(DAY));
    assert_eq!(ask(&live(7 * DAY, 0.5), 5 * DAY, after(DAY)), Decision::Use);
}

#[test]
fn a_token_on_demand_is_a_newer_one() {
    let state = live(7 * DAY, 0.5);
    let newer = |generation| decide(&state, Demand::NewerThan(generation), start(), &policy());
    assert_eq!(newer(state.serial), Decision::Start(Exchange::Refresh));
    assert_eq!(newer(state.serial - 1), Decision::Use);
}

#[test]
fn a_rejected_token_is_not_used_again_unless_it_was_replaced_meanwhile() {
    let state = live(DAY, 0.5);
    let reject = |serial| happen(&state, Event::TokenStale(serial), start());
    assert_eq!(good(&reject(state.serial - 1), start()), Decision::Use);
    let start_refresh = Decision::Start(Exchange::Refresh);
    assert_eq!(good(&reject(state.serial), start()), start_refresh);
    assert_eq!(fast_path_until(&reject(state.serial), &policy()), None);
}

#[test]
fn somebody_who_waits_gets_three_attempts_then_everybody_waits() {
    let mut state = started(&new(true), Exchange::LogIn, start());
    for attempt in 1..=2 {
        state = failed(&state, None, start());
        let flight = state.in_flight.unwrap();
        assert_eq!(flight.failures, attempt);
        assert!(flight.pause > Duration::ZERO && flight.pause <= Duration::from_millis(400));
    }
    state = failed(&state, None, start());
    assert_eq!(state.in_flight, None);
    assert_eq!(
        good(&state, start()),
        Decision::TryLater(Duration::from_secs(1))
    );
    let now = after(Duration::from_secs(1));
    assert_eq!(good(&state, now), Decision::Start(Exchange::LogIn));
}

#[test]
fn the_backoff_doubles_up_to_a_bound_that_grows_with_the_life_that_is_left() {
    let waits = |state: Lifecycle, now: Now| {
        let mut state = state;
        let mut waits = Vec::new();
        for _ in 0..40 {
            state = started(&state, Exchange::Refresh, now);
            while state.in_flight.is_some() {
                state = failed(&state, None, now);
            }
            waits.push(state.backoff.unwrap().wait.as_secs());
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
        assert!(waiting.backoff.unwrap().wait > MINUTE);
        let serial = waiting.serial;
        let stale = happen(&waiting, Event::TokenStale(serial), due);
        assert_eq!(good(&stale, due), Decision::TryLater(waits));
    }
}

#[test]
fn a_portal_that_asks_for_patience_gets_it_within_reason() {
    let asked = started(&new(true), Exchange::LogIn, start());
    let second = Duration::from_secs(1);
    // A little is waited inside the exchange.
    assert!(
        failed(&asked, Some(second), start())
            .in_flight
            .unwrap()
            .pause
            >= second
    );
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
    assert!(trouble.backoff.is_some());
    let later = due.after(MINUTE);
    let healthy = renewed(
        &started(&trouble, Exchange::Refresh, later),
        later,
        DAY,
        0.5,
    );
    assert_eq!(healthy.backoff, None);
}

#[test]
fn a_lost_exchange_may_be_repeated_at_once_but_not_for_ever() {
    let lose = |state: &Lifecycle| {
        let id = state.in_flight.unwrap().id;
        let lost = Event::Lost {
            id,
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
    let newer = |state: &Lifecycle, now| decide(state, Demand::NewerThan(1), now, &policy());
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, start());
    let mut state = happen(&asked, Event::Joined, start());
    for _ in 0..policy().retries {
        state = failed(&state, None, start());
        assert!(state.in_flight.is_some(), "it tries again");
    }
    state = failed(&state, None, start());
    assert_eq!(state.in_flight, None);
    assert!(
        state.backoff.unwrap().wait > HOUR / 2,
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
