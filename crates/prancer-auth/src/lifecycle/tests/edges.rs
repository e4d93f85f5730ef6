//! What the rules say at their edges: the fast path's last moment, events of another exchange, and the numbers that are promised.

use super::*;

fn fast(state: &Lifecycle) -> Option<Now> {
    fast_path_until(state, &policy())
}

fn life(state: &Lifecycle) -> Life {
    match state.token {
        Ok(life) => life,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_fast_path_lasts_until_the_decision_may_change() {
    let state = live(DAY, 0.5);
    let due = after(DAY - life(&state).window);
    let end = after(DAY - MINUTE);
    assert_eq!(fast(&new(true)), None);
    assert_eq!(fast(&state), Some(due));
    // Either a refresh or a login can renew; a token that neither can is served to its end.
    for (no_refresh, credentials, until) in [
        (None, false, due),
        (Some(NoToken::SessionExpired), true, due),
        (Some(NoToken::SessionExpired), false, end),
    ] {
        let life = life(&state);
        let state = Lifecycle {
            token: Ok(Life { no_refresh, ..life }),
            credentials_from: credentials.then(Now::default),
            ..state.clone()
        };
        assert_eq!(fast(&state), Some(until), "{no_refresh:?} {credentials}");
    }
    // An exchange in flight ends it when it has been silent for too long, and a failed one when it is tried again.
    let asked = started(&state, Exchange::Refresh, due);
    assert_eq!(fast(&asked), Some(due.after(policy().longest_silence)));
    let waits = failed(&asked, None, due);
    let backoff = waits.backoff.unwrap();
    assert_eq!(fast(&waits), Some(due.after(backoff.wait)));
}

#[test]
fn an_exchange_that_is_not_in_flight_changes_nothing() {
    let asked = started(&live(DAY, 0.5), Exchange::LogIn, after(HOUR));
    let id = asked.in_flight.unwrap().id;
    let later = after(2 * HOUR);
    for event in [Event::Heard(id + 1), Event::Reopened(id + 1)] {
        assert_eq!(happen(&asked, event, later), asked, "{event:?}");
    }
    let heard = happen(&asked, Event::Heard(id), later);
    assert_eq!(heard.in_flight.unwrap().heard, later);
    let reopened = happen(&asked, Event::Reopened(id), later);
    assert_eq!(reopened.in_flight.unwrap().exchange, Exchange::Refresh);
}

#[test]
fn a_refresh_that_another_session_saw_rejected_becomes_a_login_unless_it_is_saving() {
    let elsewhere = |state: &Lifecycle| {
        let after = happen(state, Event::RefreshRejectedElsewhere, after(DAY));
        after.in_flight.unwrap()
    };
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, after(DAY));
    assert_eq!(elsewhere(&asked).exchange, Exchange::LogIn);
    let without = Lifecycle {
        credentials_from: None,
        ..asked.clone()
    };
    assert_eq!(elsewhere(&without).exchange, Exchange::Refresh);
    let id = asked.in_flight.unwrap().id;
    let brought = Event::Renewed {
        id,
        since: after(DAY),
        lifetime: DAY,
        chance: 0.5,
    };
    let saving = happen(&asked, brought, after(DAY));
    assert_eq!(elsewhere(&saving).exchange, Exchange::Refresh);
}

#[test]
fn a_renewal_that_the_store_has_stopped_waits_for_the_store_alone() {
    let due = after(DAY - HOUR);
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, due);
    let event = Event::Failed {
        id: asked.in_flight.unwrap().id,
        retry_after: None,
        at_store: true,
        chance: NEVER_LATER,
    };
    let stopped = completed(&happen(&asked, event, due), due);
    let backoff = stopped.backoff.unwrap();
    assert_eq!((backoff.failures, backoff.wait), (0, policy().store_pause));
    // A caller that needs a newer token does not wait for that.
    let newer = Demand::NewerThan(stopped.serial);
    let decision = decide(&stopped, newer, due, &policy());
    assert_eq!(decision, Decision::Start(Exchange::Refresh));
}

#[test]
fn a_logout_moves_on_from_the_token_it_ends() {
    let state = live(DAY, 0.5);
    let out = happen(&state, Event::LoggedOut, start());
    assert_eq!(out.serial, state.serial + 1);
}

#[test]
fn a_token_is_replaced_while_stale_only_where_an_api_has_rejected_it() {
    let state = live(DAY, 0.5);
    assert!(!state.is_replacing_stale());
    assert!(!started(&state, Exchange::Refresh, start()).is_replacing_stale());
}

#[test]
fn a_limit_that_one_clock_has_reached_is_reached() {
    let limit = after(HOUR);
    let second = Duration::from_secs(1);
    assert!(limit.before(second).is_before(limit));
    for reached in [
        Now {
            wall: limit.wall,
            ..start()
        },
        Now {
            monotonic: limit.monotonic,
            ..start()
        },
    ] {
        assert!(!reached.is_before(limit), "{reached:?}");
    }
}

#[test]
fn states_have_names_for_people() {
    let names = [
        (State::New, "not logged in"),
        (State::LoggedIn, "logged in"),
        (State::Expired, "expired"),
        (State::Rejected, "credentials rejected"),
        (State::LoggedOut, "logged out"),
    ];
    for (state, name) in names {
        assert_eq!(state.to_string(), name);
    }
}

#[test]
fn the_numbers_that_are_documented_are_these() {
    let policy = Policy::STANDARD;
    assert_eq!(policy.renewed_lifetime, Duration::from_secs(86_400));
    assert_eq!(
        policy.refresh_token_lifetime,
        Duration::from_secs(2_592_000)
    );
    assert_eq!(policy.longest_backoff_bound, Duration::from_secs(3600));
    // A process that ends soon renews when it must.
    let soon = Policy::SHORT_LIVED;
    assert_eq!((soon.window, soon.first_window), ((0.0, 0.0), (0.0, 0.0)));
}
