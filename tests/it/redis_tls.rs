//! A session in a Redis behind TLS: it is saved where the server shows who it is, and nothing is said where it does not.

use std::fs;

use prancer_auth_emulator::Emulator;

use crate::needs::needs;
use crate::person::{Person, Said, run};
use crate::redis_server::RedisServer;
use crate::tls_portal::Authority;

/// A Redis that speaks TLS alone, with this certificate of this authority.
fn server(authority: &Authority, (certificate, key): (String, String)) -> RedisServer {
    let arguments = [
        ["--tls-cert-file", "server.pem"],
        ["--tls-key-file", "server.key"],
        ["--tls-ca-cert-file", "authority.pem"],
        ["--tls-auth-clients", "no"],
    ];
    RedisServer::start_with(&arguments.concat(), |folder| {
        fs::write(folder.join("server.pem"), certificate).unwrap();
        fs::write(folder.join("server.key"), key).unwrap();
        fs::write(folder.join("authority.pem"), authority.pem()).unwrap();
    })
}

/// What the command says that trusts this authority alone.
fn says(
    person: &Person,
    emulator: &Emulator,
    redis: &RedisServer,
    trusts: &Authority,
    line: &str,
) -> Said {
    let file = person.home().join("trusted.pem");
    fs::write(&file, trusts.pem()).unwrap();
    let arguments: Vec<_> = line.split(' ').collect();
    let mut command = person.command(&arguments);
    command
        .env("SSL_CERT_FILE", file)
        .env("PRANCER_PORTAL", emulator.url())
        .env("PRANCER_EMAIL", &emulator.user().email)
        .env("PRANCER_CUSTOMER_ID", &emulator.user().customer_id)
        .env(
            "PRANCER_STORE",
            format!("rediss://default:canary@localhost:{}", redis.port()),
        );
    run(command, "correct horse battery staple\n")
}

#[test]
fn a_session_is_saved_in_a_redis_behind_tls_that_an_own_authority_vouches_for() {
    needs!("redis-server");
    let (emulator, authority, person) =
        (Emulator::start().unwrap(), Authority::new(), Person::new());
    let redis = server(&authority, authority.issues("localhost"));
    let says = |line| says(&person, &emulator, &redis, &authority, line);
    let login = says("login --password-stdin");
    assert_eq!(login.code, 0, "{}", login.err);
    assert!(
        login.err.contains("localhost") && !login.err.contains("canary"),
        "{}",
        login.err
    );
    let token = says("token");
    assert_eq!(
        (token.code, token.out.starts_with("eyJ")),
        (0, true),
        "{}",
        token.err
    );
    let logout = says("logout");
    assert_eq!(logout.code, 0, "{}", logout.err);
    assert_eq!(says("token").code, 4);
}

#[test]
fn a_redis_that_cannot_show_who_it_is_gets_no_session_and_no_password() {
    needs!("redis-server");
    let (emulator, authority) = (Emulator::start().unwrap(), Authority::new());
    let good = authority.issues("localhost");
    for (kind, shows, trusts) in [
        ("of a stranger", good, &Authority::new()),
        (
            "of another name",
            authority.issues("redis.example"),
            &authority,
        ),
        (
            "expired",
            authority.issued_long_ago("localhost"),
            &authority,
        ),
    ] {
        let (redis, person) = (server(&authority, shows), Person::new());
        let login = says(&person, &emulator, &redis, trusts, "login --password-stdin");
        assert_eq!(login.code, 1, "{kind}: {}", login.err);
        assert!(
            login.err.to_lowercase().contains("certificate"),
            "{kind}: {}",
            login.err
        );
        assert!(
            !login.err.contains("panicked") && !login.err.contains("canary"),
            "{}",
            login.err
        );
        // The same server, to one that trusts it.
        let status = says(&person, &emulator, &redis, &authority, "token");
        assert_ne!(status.code, 0, "{kind}");
    }
}
