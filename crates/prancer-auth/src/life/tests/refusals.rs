//! What is refused: a token, a refresh, a password; and a logout.

use super::*;

#[test]
fn a_refused_refresh_goes_on_to_log_in_where_it_can() {
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, after(DAY));
    let with = refused(&asked, after(DAY));
    assert_eq!(with.phase, Phase::Expired);
    assert_eq!(with.flight.unwrap().exchange, Exchange::LogIn);
    let without = State {
        credentials: false,
        ..asked
    };
    let without = refused(&without, after(DAY));
    assert_eq!(without.flight, None);
    let expired = Decision::Refuse(Why::SessionExpired);
    assert_eq!(good(&without, after(DAY)), expired);
}

#[test]
fn a_refused_refresh_leaves_the_token_that_is_still_good() {
    let due = after(DAY - HOUR);
    let without = State {
        credentials: false,
        ..started(&live(DAY, 0.5), Exchange::Refresh, due)
    };
    let without = refused(&without, due);
    // Served to its end, and the dead refresh token is not tried again.
    assert_eq!(without.flight, None);
    assert_eq!(good(&without, due.after(HOUR / 2)), Decision::Use);
    let expired = Decision::Refuse(Why::SessionExpired);
    assert_eq!(good(&without, after(DAY)), expired);
    assert_eq!(
        decide(&without, Demand::NewerThan(1), due, &policy()),
        expired
    );

    let with = refused(&started(&live(DAY, 0.5), Exchange::Refresh, due), due);
    assert_eq!(with.flight.unwrap().exchange, Exchange::LogIn);
    assert_eq!(good(&with, due), Decision::Use);
    // The login fails for now: it is what follows, not another refresh.
    let trouble = failed(&with, None, due);
    assert_eq!(good(&trouble, due), Decision::Use);
    assert_eq!(good(&trouble, after(DAY)), Decision::Start(Exchange::LogIn));
    // It is refused: the password is not repeated, and the token is served to its end.
    let dead = refused(&with, due);
    assert_eq!(good(&dead, due.after(HOUR / 2)), Decision::Use);
    let credentials = Decision::Refuse(Why::CredentialsRefused);
    assert_eq!(good(&dead, after(DAY)), credentials);
}

#[test]
fn a_new_token_that_is_refused_at_once_is_not_renewed_at_every_refusal() {
    let state = live(DAY, 0.5);
    let refuse = |state: &State, now| {
        let refused = Event::TokenRefused { generation: 1 };
        good(&happen(state, refused, now), now)
    };
    let start_refresh = Decision::Start(Exchange::Refresh);
    assert_eq!(refuse(&state, start()), start_refresh);
    let again = Event::RefusedAgain { generation: 1 };
    let disputed = happen(&state, again, start());
    assert_eq!(refuse(&disputed, start()), Decision::Use);
    assert_eq!(refuse(&disputed, after(policy().dispute)), start_refresh);
}

#[test]
fn a_refused_password_is_not_repeated_until_another_is_given() {
    let state = refused(&started(&new(true), Exchange::LogIn, start()), start());
    let why = Decision::Refuse(Why::CredentialsRefused);
    assert_eq!(good(&state, after(1000 * DAY)), why);
    let given = happen(&state, Event::CredentialsGiven, start());
    assert_eq!(good(&given, start()), Decision::Start(Exchange::LogIn));
}

#[test]
fn other_credentials_that_are_refused_leave_the_tokens_that_are_there() {
    let before = live(7 * DAY, 0.5);
    let state = refused(&started(&before, Exchange::Offer, start()), start());
    assert_eq!(good(&state, start()), Decision::Use);
    assert!(state.credentials, "those that it holds were not refused");
    // Those that it holds are not tried again, but the refresh token is.
    let state = refused(&started(&before, Exchange::LogIn, start()), start());
    assert_eq!(good(&state, start()), Decision::Use);
    assert!(!state.credentials);
    assert_eq!(
        good(&state, after(7 * DAY)),
        Decision::Start(Exchange::Refresh)
    );
}

#[test]
fn a_logout_voids_what_is_under_way_and_nothing_logs_in_by_itself() {
    let asked = started(&live(DAY, 0.5), Exchange::Refresh, start());
    let out = happen(&asked, Event::LoggedOut, start());
    let late = Event::Renewed {
        flight: asked.flight.unwrap().id,
        since: start(),
        lifetime: DAY,
        chance: 0.5,
    };
    let late = happen(&out, late, start());
    assert_eq!(late, out);
    assert!(late.credentials);
    assert_eq!(good(&late, start()), Decision::Refuse(Why::LoggedOut));
}
