//! What is rejected: a token, a refresh, a password; and a logout.

use super::*;

#[test]
fn a_rejected_refresh_goes_on_to_log_in_where_it_can() {
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, after(DAY));
    let with = rejected(&asked, after(DAY));
    assert_eq!(with.token, Err(NoToken::SessionExpired));
    assert_eq!(with.in_flight.unwrap().exchange, Exchange::LogIn);
    let without = Lifecycle {
        credentials_from: None,
        ..asked
    };
    let without = rejected(&without, after(DAY));
    assert_eq!(without.in_flight, None);
    let expired = Decision::Deny(NoToken::SessionExpired);
    assert_eq!(good(&without, after(DAY)), expired);
}

#[test]
fn a_rejected_refresh_leaves_the_token_that_is_still_good() {
    let due = after(DAY - HOUR);
    let without = Lifecycle {
        credentials_from: None,
        ..started(&live(DAY, 0.5), Exchange::Refresh, due)
    };
    let without = rejected(&without, due);
    // Served to its end, and the dead refresh token is not tried again.
    assert_eq!(without.in_flight, None);
    assert_eq!(good(&without, due.after(HOUR / 2)), Decision::Use);
    let expired = Decision::Deny(NoToken::SessionExpired);
    assert_eq!(good(&without, after(DAY)), expired);
    assert_eq!(
        decide(&without, Demand::NewerThan(1), due, &policy()),
        expired
    );

    let with = rejected(&started(&live(DAY, 0.5), Exchange::Refresh, due), due);
    assert_eq!(with.in_flight.unwrap().exchange, Exchange::LogIn);
    assert_eq!(good(&with, due), Decision::Use);
    // The login fails for now: it is what follows, not another refresh.
    let trouble = failed(&with, None, due);
    assert_eq!(good(&trouble, due), Decision::Use);
    assert_eq!(good(&trouble, after(DAY)), Decision::Start(Exchange::LogIn));
    // It is rejected: the password is not sent again, and the token is served to its end.
    let dead = rejected(&with, due);
    assert_eq!(good(&dead, due.after(HOUR / 2)), Decision::Use);
    let credentials = Decision::Deny(NoToken::CredentialsRejected);
    assert_eq!(good(&dead, after(DAY)), credentials);
}

#[test]
fn a_session_renews_for_rejected_tokens_once_a_minute_unless_one_is_accepted() {
    let reject = |state: &Lifecycle, now| {
        let serial = state.serial;
        happen(state, Event::TokenStale(serial), now)
    };
    let renew =
        |state: &Lifecycle, now| renewed(&started(state, Exchange::Refresh, now), now, DAY, 0.5);
    let start_refresh = Decision::Start(Exchange::Refresh);
    let stale = reject(&live(DAY, 0.5), start());
    assert_eq!(good(&stale, start()), start_refresh);
    let fresh = renew(&stale, start());
    assert_eq!(good(&reject(&fresh, start()), start()), Decision::Use);
    let later = after(policy().stale_pause);
    assert_eq!(good(&reject(&fresh, later), later), start_refresh);
    let serial = fresh.serial;
    let accepted = happen(&fresh, Event::TokenAccepted(serial), start());
    assert_eq!(good(&reject(&accepted, start()), start()), start_refresh);
}

#[test]
fn a_rejected_password_is_not_sent_again() {
    let state = rejected(&started(&new(true), Exchange::LogIn, start()), start());
    let why = Decision::Deny(NoToken::CredentialsRejected);
    assert_eq!(good(&state, after(1000 * DAY)), why);
}

#[test]
fn a_password_that_another_session_saw_rejected_is_not_sent_for_a_while() {
    let pause = policy().rejection_pause;
    let state = happen(&new(true), Event::RejectedElsewhere(pause), start());
    let why = Decision::Deny(NoToken::CredentialsRejected);
    assert_eq!(good(&state, start()), why);
    assert_eq!(good(&state, after(pause)), Decision::Start(Exchange::LogIn));
    // A session that has a good token has no need of a login.
    let live = happen(&live(DAY, 0.5), Event::RejectedElsewhere(pause), start());
    assert_eq!(good(&live, start()), Decision::Use);
}

#[test]
fn other_credentials_that_are_rejected_change_nothing() {
    let before = live(7 * DAY, 0.5);
    let reject = |state: &Lifecycle, others| {
        let asked = started(state, Exchange::LogIn, start());
        let id = asked.in_flight.unwrap().id;
        completed(
            &happen(&asked, Event::Rejected { id, others }, start()),
            start(),
        )
    };
    let state = reject(&before, true);
    assert_eq!(good(&state, start()), Decision::Use);
    assert_eq!(state.credentials_from, before.credentials_from);
    // Those that it holds are not tried again, but the refresh token is.
    let state = reject(&before, false);
    assert_eq!(good(&state, start()), Decision::Use);
    assert_eq!(state.credentials_from, None);
    assert_eq!(
        good(&state, after(7 * DAY)),
        Decision::Start(Exchange::Refresh)
    );
}

#[test]
fn a_logout_elsewhere_does_not_cancel_a_login_that_a_caller_asked_for() {
    for (supersedes, cancelled) in [(true, false), (false, true)] {
        let started = Event::Started {
            exchange: Exchange::LogIn,
            awaited: true,
            supersedes,
        };
        let asked = happen(&live(DAY, 0.5), started, start());
        let out = happen(&asked, Event::LoggedOutElsewhere, start());
        assert_eq!(out.token, Err(NoToken::LoggedOut));
        assert_eq!(out.in_flight.is_none(), cancelled);
    }
}

#[test]
fn a_logout_cancels_what_is_in_flight_and_nothing_logs_in_by_itself() {
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, start());
    let out = happen(&asked, Event::LoggedOut, start());
    let late = Event::Renewed {
        id: asked.in_flight.unwrap().id,
        since: start(),
        lifetime: DAY,
        chance: 0.5,
    };
    let late = happen(&out, late, start());
    assert_eq!(late, out);
    assert!(late.credentials_from.is_some());
    assert_eq!(good(&late, start()), Decision::Deny(NoToken::LoggedOut));
}

#[test]
fn the_login_after_a_rejected_refresh_does_not_pause_and_has_the_retries_that_are_left() {
    let mut asked = started(&live(DAY, 0.5), Exchange::Refresh, after(DAY));
    let refresh = asked.in_flight.as_mut().unwrap();
    (refresh.failures, refresh.pause) = (3, HOUR);
    let login = rejected(&asked, after(DAY)).in_flight.unwrap();
    assert_eq!((login.failures, login.pause), (3, Duration::ZERO));
    assert_eq!(login.heard, after(DAY));
}

#[test]
fn a_portal_whose_tokens_are_dead_on_arrival_is_asked_three_times_and_then_left_alone_for_longer() {
    let (mut state, mut waits) = (new(true), Vec::new());
    for _ in 0..3 {
        state = started(&state, Exchange::LogIn, start());
        let mut logins = 0;
        while let Some(it) = state.in_flight {
            logins += 1;
            assert!(logins <= 3, "an exchange without end");
            let dead = Event::Renewed {
                id: it.id,
                since: start(),
                lifetime: Duration::ZERO,
                chance: 0.5,
            };
            state = happen(&state, dead, start());
            state = happen(&state, Event::Reopened(it.id), start());
            state = failed(&state, None, start());
            // Its refresh token is dead as well.
            if state.in_flight.is_some() {
                state = rejected(&state, start());
            }
        }
        waits.push(state.backoff.unwrap().wait);
    }
    assert_eq!(waits, [1, 2, 4].map(Duration::from_secs));
}

#[test]
fn tokens_of_the_program_are_later_than_a_logout_if_they_were_issued_after_it() {
    let version = |logged_out, issued_at_ms| Version {
        generation: 5,
        logged_out,
        issued_at_ms,
    };
    let ordered = |pending, issued_at_ms, of: Version| {
        let mut replica = Replica {
            local: Some(version(false, issued_at_ms)),
            pending,
            ..Replica::default()
        };
        replica.order_after(of);
        replica.local.unwrap().generation
    };
    let logout = version(true, 10);
    assert_eq!(ordered(Pending::Resumed, 11, logout), 6);
    // The logout may have ended them.
    assert_eq!(ordered(Pending::Resumed, 10, logout), 5);
    assert_eq!(ordered(Pending::Tokens, 11, logout), 5);
    assert_eq!(ordered(Pending::Resumed, 11, version(false, 10)), 5);
}

#[test]
fn two_moments_are_compared_by_each_clock() {
    let now = |wall, monotonic| Now {
        wall: Duration::from_secs(wall),
        monotonic: Duration::from_secs(monotonic),
    };
    let (one, other) = (now(1, 20), now(2, 10));
    assert_eq!(one.earlier(other), now(1, 10));
    assert_eq!(one.later(other), now(2, 20));
}

#[test]
fn a_token_that_is_rejected_while_the_new_one_is_being_saved_is_handed_out_no_more() {
    let (state, due) = (live(DAY, 0.5), after(DAY - HOUR));
    let asked = started(&state, Exchange::Refresh, due);
    let brought = Event::Renewed {
        id: asked.in_flight.unwrap().id,
        since: due,
        lifetime: DAY,
        chance: 0.5,
    };
    let saving = happen(&asked, brought, due);
    assert_eq!(good(&saving, due), Decision::Use);
    let serial = state.serial;
    let saving = happen(&saving, Event::TokenStale(serial), due);
    assert_eq!(good(&saving, due), Decision::Join);
    assert!(saving.is_replacing_stale());
    // The new one is none that was rejected.
    assert_eq!(good(&completed(&saving, due), due), Decision::Use);
}
