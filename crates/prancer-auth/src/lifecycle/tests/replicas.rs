//! The one comparison that orders a shared session, by a table.

use super::*;

fn version(generation: u64, issued_at_ms: u64) -> Version {
    Version {
        generation,
        logged_out: false,
        issued_at_ms,
    }
}

fn logout(generation: u64) -> Version {
    Version {
        logged_out: true,
        ..version(generation, 0)
    }
}

fn us() -> Identity {
    Identity::new("https://portal/")
        .with_customer_id("customer1")
        .with_email("user1")
}

/// What follows for a session that holds `local`, where the store holds `remote` of the same identity.
fn verdict(local: Option<Version>, remote: Option<(Version, bool)>) -> Verdict {
    with(us(), local, remote, false)
}

fn with(
    theirs: Identity,
    version: Option<Version>,
    remote: Option<(Version, bool)>,
    supersedes: bool,
) -> Verdict {
    let local = Local {
        identity: &us(),
        version,
        lasting: true,
        supersedes,
    };
    let remote = remote.map(|(version, same)| Remote {
        identity: &theirs,
        version,
        same,
        same_login: true,
    });
    reconcile(local, remote)
}

#[test]
fn of_two_logins_with_one_generation_the_one_in_the_store_stays() {
    let us = us();
    let local = |version, supersedes| Local {
        identity: &us,
        version: Some(version),
        lasting: true,
        supersedes,
    };
    let remote = |same_login| Remote {
        identity: &us,
        version: version(5, 100),
        same: false,
        same_login,
    };
    let later = version(5, 200);
    for (same_login, supersedes, expected) in [
        (true, false, Verdict::Publish),
        (false, false, Verdict::Adopt),
        (false, true, Verdict::Supersede),
    ] {
        let verdict = reconcile(local(later, supersedes), Some(remote(same_login)));
        assert_eq!(verdict, expected, "{same_login} {supersedes}");
    }
    let verdict = reconcile(local(version(6, 1), false), Some(remote(false)));
    assert_eq!(verdict, Verdict::Publish);
    let verdict = reconcile(local(logout(5), false), Some(remote(false)));
    assert_eq!(verdict, Verdict::Publish);
}

#[test]
fn the_later_version_counts_and_a_logout_is_later_than_its_generation() {
    assert_eq!(verdict(None, None), Verdict::InSync);
    assert_eq!(verdict(None, Some((version(1, 1), false))), Verdict::Adopt);
    assert_eq!(verdict(None, Some((logout(1), false))), Verdict::InSync);
    let ours = Some(version(5, 100));
    assert_eq!(verdict(ours, None), Verdict::Publish);
    assert_eq!(
        verdict(ours, Some((version(5, 100), true))),
        Verdict::InSync
    );
    // Two that were made at once: the one in the store counts.
    assert_eq!(
        verdict(ours, Some((version(5, 100), false))),
        Verdict::Adopt
    );
    assert_eq!(
        verdict(ours, Some((version(5, 101), false))),
        Verdict::Adopt
    );
    assert_eq!(
        verdict(ours, Some((version(5, 99), false))),
        Verdict::Publish
    );
    assert_eq!(verdict(ours, Some((version(6, 1), false))), Verdict::Adopt);
    assert_eq!(
        verdict(ours, Some((logout(5), false))),
        Verdict::LoggedOutElsewhere
    );
    assert_eq!(verdict(ours, Some((logout(4), false))), Verdict::Publish);
    assert_eq!(
        verdict(Some(logout(5)), Some((version(5, 200), false))),
        Verdict::Publish
    );
    assert_eq!(
        verdict(Some(logout(5)), Some((version(6, 1), false))),
        Verdict::Adopt
    );
    assert_eq!(
        verdict(Some(logout(5)), Some((logout(5), true))),
        Verdict::InSync
    );
}

#[test]
fn an_expired_session_is_not_written_to_a_store_that_has_lost_its_memory() {
    let local = Local {
        identity: &us(),
        version: Some(version(5, 100)),
        lasting: false,
        supersedes: false,
    };
    assert_eq!(reconcile(local, None), Verdict::InSync);
}

#[test]
fn nothing_of_another_identity_is_adopted_and_its_logout_ends_nothing() {
    let portal = || Identity::new("https://portal/");
    for theirs in [
        Identity::new("https://other/"),
        portal().with_customer_id("customer2"),
        us().with_email("user2"),
    ] {
        let session = Some((version(9, 9), false));
        let marker = Some((logout(9), false));
        for local in [None, Some(version(1, 1)), Some(logout(1))] {
            let verdict = with(theirs.clone(), local, session, false);
            assert_eq!(verdict, Verdict::Foreign);
            let verdict = with(theirs.clone(), local, session, true);
            assert_eq!(verdict, Verdict::Supersede);
        }
        assert_eq!(with(theirs.clone(), None, marker, false), Verdict::InSync);
        let ours = Some(version(1, 1));
        assert_eq!(with(theirs.clone(), ours, marker, false), Verdict::Publish);
        let ours = Some(logout(1));
        assert_eq!(with(theirs, ours, marker, false), Verdict::InSync);
    }
    // An earlier version wrote no customer id.
    let theirs = portal().with_email("user1");
    let session = Some((version(9, 9), false));
    assert_eq!(with(theirs, None, session, false), Verdict::Adopt);
}

#[test]
fn a_login_that_a_caller_asked_for_takes_the_place_of_anything() {
    let ours = Some(version(5, 100));
    for theirs in [version(6, 1), logout(6)] {
        let verdict = with(us(), ours, Some((theirs, false)), true);
        assert_eq!(verdict, Verdict::Supersede);
    }
}

#[test]
fn a_generation_is_later_than_what_it_replaces_whatever_the_clock_says() {
    let replica = Replica {
        local: Some(version(1000, 1)),
        remote: Some(version(2000, 1)),
        ..Replica::default()
    };
    for clock in [0, 1500, 3000] {
        assert!(Some(replica.logged_in(clock)) > replica.remote);
        assert!(Some(replica.logged_out(clock)) > replica.remote);
        assert!(Some(replica.refreshed(clock)) > replica.remote);
    }
    assert_eq!(replica.logged_in(3000).generation, 3000);
    assert_eq!(replica.refreshed(3000).generation, 2001);
    assert!(replica.logged_out(3000).logged_out);
    // What belongs to another identity does not count for a renewal: it is not what that replaces.
    let foreign = Replica {
        foreign: Some(us()),
        ..replica
    };
    assert_eq!(foreign.refreshed(3000).generation, 1001);
}

#[test]
fn the_durations_of_the_policy_relate_as_they_must() {
    let policy = policy();
    let expiry = Duration::from_secs(10);
    assert!(policy.lock_wait > expiry + policy.store_call);
    let step = policy.attempt + policy.longest_pause + policy.store_call * 2;
    assert!(policy.longest_silence > step);
    assert!(policy.store_pause > policy.store_call);
    assert!(policy.store_glance < policy.store_call);
    assert!(policy.refresh_token_lifetime > policy.renewed_lifetime);
}
