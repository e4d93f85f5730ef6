//! `prancer-auth api`: what is sent, and what is printed, byte by byte.

use std::io::{Read as _, Write as _};
use std::process::Stdio;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use prancer_auth_emulator::{Emulator, Fault, Operation};
use reqwest::StatusCode;

use crate::person::Person;
use crate::raw_server::{self, Request};

/// The most memory that a command may take, in KiB.
const MEMORY: u64 = 32 * 1024;

/// Somebody who is logged in at a portal of the test's own.
fn person_at(portal: impl Fn(Request) + Send + Sync + 'static) -> Person {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    person.moves(&emulator.url(), &raw_server::serve(portal));
    person
}

#[test]
fn a_page_that_the_caller_names_is_replaced_by_the_next_one() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let whole = person.says(&["api", "logs/?count=100", "--data"], "").out;
    for arguments in [
        &["api", "logs/?index=0&count=3"][..],
        &["api", "logs/?count=3", "--query", "index=0"],
        &["api", "logs/?count=3"],
    ] {
        let said = person.says(&[arguments, &["--paginate"]].concat(), "");
        assert_eq!(
            (said.code, said.out.as_str()),
            (0, whole.as_str()),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_page_that_is_named_in_the_body_is_replaced_there() {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let bodies = Arc::clone(&sent);
    let person = person_at(move |mut request| {
        let body = request.body();
        let next = if body.contains("\"index\":0") { 5 } else { -1 };
        bodies.lock().unwrap().push((request.line.clone(), body));
        request.answers_json(&format!(
            r#"{{"data": [{next}], "metadata": {{"next_index": {next}}}, "status": 200}}"#
        ));
    });
    let call = [
        "api",
        "POST",
        "search/",
        "-d",
        r#"{"index":0,"q":"x"}"#,
        "--paginate",
    ];
    let said = person.says(&call, "");
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "[5,-1]\n"),
        "{}",
        said.err
    );
    let sent = sent.lock().unwrap();
    assert_eq!(sent[1].1, r#"{"index":5,"q":"x"}"#);
    assert_eq!(sent[1].0, "POST /api/search/ HTTP/1.1");
}

#[test]
fn a_list_that_does_not_move_on_is_an_error() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    for pages in [&["3", "3"][..], &["3", "6", "3"], &["0"]] {
        let calls = emulator.calls(Operation::Logs);
        for (page, next) in pages.iter().enumerate() {
            let body = format!(
                r#"{{"data": [{page}], "metadata": {{"next_index": {next}}}, "status": 200}}"#
            );
            emulator.fail_next(Operation::Logs, Fault::json(StatusCode::OK, body));
        }
        let said = person.says(&["api", "logs/", "--paginate"], "");
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{pages:?}");
        assert!(said.err.contains("was returned twice"), "{}", said.err);
        let asked = usize::try_from(emulator.calls(Operation::Logs) - calls).unwrap();
        assert_eq!(asked, pages.len());
    }
}

#[test]
fn a_list_ends_where_the_portal_says_so_and_nowhere_else() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let says = |next: &str| {
        let body = format!(r#"{{"data": [1], "metadata": {next}, "status": 200}}"#);
        emulator.fail_next(Operation::Logs, Fault::json(StatusCode::OK, body));
        person.says(&["api", "logs/", "--paginate"], "")
    };
    for next in ["{}", r#"{"next_index": null}"#, r#"{"next_index": -1}"#] {
        let said = says(next);
        assert_eq!((said.code, said.out.as_str()), (0, "[1]\n"), "{next}");
    }
    for next in ["true", "[2]", "{}", r#""""#] {
        let said = says(&format!(r#"{{"next_index": {next}}}"#));
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{next}");
        assert!(said.err.contains("next_index"), "{}", said.err);
    }
}

#[test]
fn a_page_with_the_data_of_the_one_before_is_an_error() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let calls = emulator.calls(Operation::Logs);
    for next in [1, 2, -1] {
        let body =
            format!(r#"{{"data": [7], "metadata": {{"next_index": {next}}}, "status": 200}}"#);
        emulator.fail_next(Operation::Logs, Fault::json(StatusCode::OK, body));
    }
    let said = person.says(&["api", "logs/", "--paginate"], "");
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
    assert!(said.err.contains("same data"), "{}", said.err);
    assert_eq!(emulator.calls(Operation::Logs) - calls, 2);
}

#[test]
fn what_the_api_sends_is_printed_unchanged() {
    let person = person_at(|mut request| {
        let empty = request.line.contains("empty");
        request.answers(if empty {
            "HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n"
        } else {
            "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 5\r\nconnection: close\r\n\r\n{ \"a\""
        });
    });
    let said = person.says(&["api", "GET", "empty"], "");
    assert_eq!((said.code, said.out.as_str()), (0, ""), "{}", said.err);
    let said = person.says(&["api", "GET", "some"], "");
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "{ \"a\""),
        "{}",
        said.err
    );
    let said = person.says(&["api", "GET", "some", "--include"], "");
    let head = "HTTP/1.1 200 OK\r\nx-a: b\r\ncontent-length: 5\r\nconnection: close\r\n\r\n";
    assert_eq!(said.out, format!("{head}{{ \"a\""));
}

#[test]
fn fields_make_a_json_body_and_a_path_alone_is_a_get() {
    let person = person_at(|mut request| {
        let body = request.body();
        let kind = request.header("content-type").unwrap_or_default();
        let text = format!("{} {kind} {body}", request.line);
        let length = text.len();
        request.answers(&format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{text}"
        ));
    });
    let said = person.says(&["api", "user/get/"], "");
    assert_eq!(said.out, "GET /api/user/get/ HTTP/1.1  ");
    let said = person.says(&["api", "x", "-f", "name=a=b", "-f", "other=1"], "");
    assert_eq!(
        said.out,
        r#"POST /api/x HTTP/1.1 application/json {"name":"a=b","other":"1"}"#
    );
    let file = person.home().join("body.bin");
    std::fs::write(&file, "from a file").unwrap();
    let file = file.to_str().unwrap();
    let said = person.says(
        &[
            "api",
            "PUT",
            "x",
            "--input",
            file,
            "-H",
            "content-type: a/b",
        ],
        "",
    );
    assert_eq!(said.out, "PUT /api/x HTTP/1.1 a/b from a file");
}

#[test]
fn a_method_may_be_typed_in_small_letters_and_a_status_may_have_no_name() {
    let person = person_at(|mut request| {
        let length = request.line.len();
        let line = request.line.clone();
        request.answers(&format!(
            "HTTP/1.1 299 Odd\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{line}"
        ));
    });
    let said = person.says(&["api", "get", "x", "--include"], "");
    assert!(said.out.starts_with("HTTP/1.1 299 \r\n"), "{}", said.out);
    assert!(said.out.ends_with("GET /api/x HTTP/1.1"), "{}", said.out);
}

#[test]
fn a_time_limit_that_was_too_short_is_named_with_the_url() {
    let silent = Mutex::new(Vec::new());
    let person = person_at(move |request| silent.lock().unwrap().push(request));
    let said = person.says(&["api", "x/?key=canary", "--timeout", "1s"], "");
    assert_eq!(said.code, 5, "{}", said.err);
    assert!(
        said.err.contains("/api/x/: no response within 1s"),
        "{}",
        said.err
    );
    assert!(said.err.contains("--timeout\n"), "{}", said.err);
    assert!(
        !said.err.contains("--portal") && !said.err.contains("canary"),
        "{}",
        said.err
    );
}

#[test]
fn a_page_without_end_is_not_read_to_its_end() {
    let person = person_at(|mut request| {
        request.answers("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n[");
        let piece = [b'1'; 64 * 1024];
        while request.stream.get_mut().write_all(&piece).is_ok() {}
    });
    let said = person.says(&["api", "logs/", "--paginate"], "");
    assert_eq!((said.code, said.out.as_str()), (1, ""), "{}", said.err);
    assert!(said.err.contains("larger than"), "{}", said.err);
}

#[test]
fn a_file_is_sent_again_when_its_token_was_rejected() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    emulator.fail_next(Operation::User, Fault::status(StatusCode::UNAUTHORIZED));
    let file = person.home().join("body.bin");
    std::fs::write(&file, "from a file").unwrap();
    let call = ["api", "GET", "user/get/", "--input", file.to_str().unwrap()];
    let said = person.says(&call, "");
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(emulator.calls(Operation::Refresh), 1);
}

/// The most memory that a process has taken by now, in KiB.
fn memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Runs a command with the portal in the test's hand: it is measured when the portal says so, and the portal goes on after that.
fn measured(arguments: &[&str], person: &Person, now: &Receiver<()>, go_on: &Sender<()>) -> u64 {
    let mut command = person.command(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    let mut child = command.spawn().unwrap();
    now.recv_timeout(std::time::Duration::from_secs(120))
        .unwrap();
    let memory = memory(child.id());
    go_on.send(()).unwrap();
    assert!(child.wait().unwrap().success());
    memory
}

#[test]
fn a_large_answer_takes_little_memory_and_is_saved() {
    static PIECE: [u8; 1024 * 1024] = [b'x'; 1024 * 1024];
    let ((tell, now), (go_on, wait)) = (channel(), channel());
    let hands = Mutex::new((tell, wait));
    let person = person_at(move |mut request| {
        let length = 50 * PIECE.len();
        request.answers(&format!(
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
        ));
        for _ in 0..49 {
            request.stream.get_mut().write_all(&PIECE).unwrap();
        }
        let (tell, wait) = &*hands.lock().unwrap();
        tell.send(()).unwrap();
        wait.recv().unwrap();
        request.stream.get_mut().write_all(&PIECE).unwrap();
    });
    let file = person.home().join("answer.bin");
    let path = file.to_str().unwrap();
    for more in [&[][..], &["--output", path]] {
        let call = [&["api", "GET", "report"], more].concat();
        let taken = measured(&call, &person, &now, &go_on);
        assert!(taken < MEMORY, "{taken} KiB");
    }
    assert_eq!(std::fs::metadata(file).unwrap().len(), 50 * 1024 * 1024);
}

#[test]
fn a_large_upload_takes_little_memory() {
    let ((tell, now), (go_on, wait)) = (channel(), channel());
    let hands = Mutex::new((tell, wait));
    let person = person_at(move |mut request| {
        let length = request.header("content-length").unwrap().parse().unwrap();
        let mut body = (&mut request.stream).take(length);
        let read = std::io::copy(&mut body, &mut std::io::sink()).unwrap();
        assert_eq!(read, length);
        let (tell, wait) = &*hands.lock().unwrap();
        tell.send(()).unwrap();
        wait.recv().unwrap();
        request.answers("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
    });
    let file = person.home().join("upload.bin");
    let length = 200 * 1024 * 1024;
    std::fs::File::create(&file)
        .unwrap()
        .set_len(length)
        .unwrap();
    let call = ["api", "PUT", "files/", "--input", file.to_str().unwrap()];
    let taken = measured(&call, &person, &now, &go_on);
    assert!(taken < MEMORY, "{taken} KiB");
}

#[test]
fn a_terminal_obeys_nothing_that_the_portal_says() {
    let person = person_at(|mut request| {
        let json = r#"{"data": null, "error": "", "message": "gone\u001b[2J\u0007\nprancer-auth: fine", "metadata": {}, "status": 400}"#;
        request.body();
        let length = json.len();
        request.answers(&format!(
            "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{json}"
        ));
    });
    for arguments in [&["api", "GET", "x"][..], &["refresh"]] {
        let said = person.says(arguments, "");
        assert_ne!(said.code, 0);
        let controls = said.err.chars().filter(|c| c.is_control() && *c != '\n');
        assert_eq!(controls.count(), 0, "{:?}", said.err);
        let own = said
            .err
            .lines()
            .filter(|it| it.starts_with("prancer-auth:"));
        assert_eq!(own.count(), 1, "{:?}", said.err);
    }
}
