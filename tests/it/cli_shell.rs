//! The command in scripts and shells: what it runs, what it reads, what a shell completes.

use prancer_auth_emulator::{Emulator, Operation};

use crate::needs::needs;
use crate::person::{Person, run};

#[test]
fn a_command_runs_with_a_token_and_its_end_is_its_own() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let token = person.says(&["token"], "").out;
    let mut command = person.command(&["run", "--", "/bin/sh", "-c"]);
    command.arg("echo $PRANCER_TOKEN; echo $PRANCER_PASSWORD; exit 7");
    command.env("PRANCER_PASSWORD", "canary");
    let said = run(command, "");
    assert_eq!((said.code, said.out), (7, format!("{token}\n")));
    let ended = person.shell(
        "sh",
        "prancer-auth run -- sh -c 'kill -TERM $$'; echo $?",
        &[],
    );
    assert_eq!(ended.out, "143\n", "{}", ended.err);
}

#[test]
fn a_flag_counts_more_than_the_environment_and_that_more_than_the_profile() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let url = emulator.url();
    let user = "email = \"user@example.com\"\ncustomer_id = \"customer1\"\n";
    person.config(&format!(
        "profile = \"b\"\n[profiles.a]\nportal = \"{url}\"\n{user}# By hand.\n[profiles.b]\nportal = \"https://b.example\"\n"
    ));
    let password = "correct horse battery staple\n";
    let said = person.says(&["login", "--profile", "a", "--password-stdin"], password);
    assert_eq!(said.code, 0, "{}", said.err);
    let status = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = person.command(&[&["status", "--json"], arguments].concat());
        command.envs(variables.iter().copied());
        run(command, "")
    };
    // The profile that the file chooses has no session.
    assert_eq!(status(&[], &[]).code, 4);
    let of_environment = status(&[], &[("PRANCER_PROFILE", "a")]).out;
    assert!(
        of_environment.contains(r#""profile":"a","profile_source":"environment""#),
        "{of_environment}"
    );
    assert!(
        of_environment.contains(r#""portal_source":"profile""#),
        "{of_environment}"
    );
    let of_flag = status(&["--profile", "a"], &[("PRANCER_PROFILE", "b")]).out;
    assert!(of_flag.contains(r#""profile_source":"flag""#), "{of_flag}");
    let elsewhere = status(
        &["--profile", "a"],
        &[("PRANCER_PORTAL", "https://c.example")],
    );
    assert_eq!(elsewhere.code, 4, "{}", elsewhere.err);

    // Choosing and removing leave the rest of the file as it was written.
    assert_eq!(person.says(&["profile", "use", "a"], "").code, 0);
    let refused = person.says(&["profile", "remove", "a"], "");
    assert!(
        refused.err.contains("prancer-auth logout --profile a"),
        "{}",
        refused.err
    );
    assert_eq!(person.says(&["logout", "--all"], "").code, 0);
    assert_eq!(person.says(&["profile", "remove", "a"], "").code, 0);
    let left = std::fs::read_to_string(person.config_file()).unwrap();
    assert_eq!(
        left,
        "# By hand.\n[profiles.b]\nportal = \"https://b.example\"\n"
    );
    assert_eq!(emulator.calls(Operation::Logout), 1);
}

#[test]
fn debugging_shows_requests_and_no_secret() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let said = person.logs_in(&emulator);
    assert_eq!(said.code, 0, "{}", said.err);
    let token = person.says(&["token"], "").out;
    let renewed = person.says(&["refresh", "--debug"], "").err;
    let line = format!(
        "url={}/api/refresh/token/ headers=content-type: application/json",
        emulator.url()
    );
    assert!(
        renewed.contains("method=GET path=/api/refresh/token/ status=200 took_ms="),
        "{renewed}"
    );
    assert!(
        renewed.contains(&line) && !renewed.contains("eyJ"),
        "{renewed}"
    );
    let call = [
        "api",
        "GET",
        "user/get/?key=canary",
        "--debug",
        "-H",
        "x-key: canary",
    ];
    let said = person.says(&call, "");
    assert!(said.err.contains("path=/api/user/get/"), "{}", said.err);
    assert!(
        !said.err.contains("canary") && !said.err.contains(token.trim()),
        "{}",
        said.err
    );
}

#[test]
fn no_core_file_can_hold_a_secret() {
    needs!("bash");
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let said = person.shell(
        "bash",
        r#"
        ulimit -S -c unlimited
        prancer-auth run -- bash -c 'ulimit -S -c'
        prancer-auth emulator > /dev/null &
        until grep -q 'Max core file size *0' /proc/$!/limits; do :; done
        kill $!
        "#,
        &[],
    );
    assert_eq!(
        said.out, "unlimited\n",
        "what it runs has the limit of the caller: {}",
        said.err
    );
}

#[test]
fn what_cannot_be_run_has_the_exit_codes_of_shells() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let file = person.home().join("not-executable");
    std::fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    assert_eq!(person.says(&["run", "--", "/nowhere"], "").code, 127);
    assert_eq!(person.says(&["run", "--", file], "").code, 126);
}

#[test]
fn a_full_standard_error_is_no_panic() {
    let person = Person::new();
    for arguments in ["token", "logout", "token --debug", "status --profile x"] {
        let script = format!("prancer-auth {arguments} 2> /dev/full; echo $?");
        let said = person.shell("sh", &script, &[]);
        assert!(
            ["0\n", "2\n", "4\n"].contains(&said.out.as_str()),
            "{}",
            said.out
        );
    }
}

#[test]
fn a_signal_that_was_to_be_ignored_is_ignored() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let script = r#"
        trap '' HUP
        prancer-auth run -- sh -c 'kill -HUP $$; echo lives'
        prancer-auth token > /dev/null; echo $?
    "#;
    let said = person.shell("sh", script, &[]);
    assert_eq!(said.out, "lives\n0\n", "{}", said.err);
}

#[test]
fn a_reader_that_has_gone_is_no_error() {
    needs!("bash");
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let said = person.shell(
        "bash",
        "prancer-auth status | true; echo ${PIPESTATUS[0]}",
        &[],
    );
    assert_eq!(said.out, "0\n", "{}", said.err);
}

#[test]
fn shells_load_the_completions() {
    needs!("bash", "zsh", "fish");
    let person = Person::new();
    let bash = person.shell(
        "bash",
        "source <(prancer-auth completions bash) && complete -p prancer-auth",
        &[],
    );
    assert!(
        bash.out.contains("-F _prancer__auth prancer-auth"),
        "{}{}",
        bash.out,
        bash.err
    );
    let zsh = "autoload -U compinit && compinit -u -D && source <(prancer-auth completions zsh) && echo $_comps[prancer-auth]";
    let zsh = person.shell("zsh", zsh, &[]);
    assert_eq!(zsh.out, "_prancer-auth\n", "{}", zsh.err);
    let fish = "prancer-auth completions fish | source; complete -C 'prancer-auth to'";
    let fish = person.shell("fish", fish, &[]);
    assert!(fish.out.contains("token"), "{}{}", fish.out, fish.err);
}

#[test]
fn shells_complete_the_names_of_profiles() {
    needs!("bash", "zsh", "fish");
    let person = Person::new();
    person.config("[profiles.staging]\n[profiles.production]\n");
    for words in ["token --profile st", "profile use st", "profile remove st"] {
        let bash = format!(
            r#"source <(prancer-auth completions bash)
            COMP_WORDS=(prancer-auth {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
            _prancer__auth prancer-auth st "${{COMP_WORDS[COMP_CWORD - 1]}}"; echo "${{COMPREPLY[@]}}""#
        );
        let said = person.shell("bash", &bash, &[]);
        assert_eq!(said.out, "staging\n", "{words}: {}", said.err);
        let fish =
            format!("prancer-auth completions fish | source; complete -C 'prancer-auth {words}'");
        let said = person.shell("fish", &fish, &[]);
        assert!(
            said.out.contains("staging"),
            "{words}: {}{}",
            said.out,
            said.err
        );
    }
    let zsh = person.says(&["completions", "zsh"], "").out;
    let names = ":NAME:($(prancer-auth profile list --names 2>/dev/null))'";
    assert!(zsh.contains(names), "{zsh}");
    let loads = "autoload -U compinit && compinit -u -D && source <(prancer-auth completions zsh)";
    assert_eq!(person.shell("zsh", loads, &[]).code, 0);
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    needs!("man");
    let person = Person::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let said = person.says(&["man", path], "");
    assert_eq!(said.code, 0, "{}", said.err);
    let rendered = person.shell("sh", &format!("man -l {path}/prancer-auth-token.1"), &[]);
    assert!(
        rendered.out.contains("--min-validity"),
        "{}{}",
        rendered.out,
        rendered.err
    );
    let pages = std::fs::read_dir(folder.path()).unwrap().count();
    assert!(pages >= 12, "{pages} pages");
}

#[test]
fn one_binary_is_enough_to_try_everything() {
    needs!("bash", "curl");
    let person = Person::new();
    let said = person.shell("bash", r#"
        set -eu
        coproc EMULATOR { exec prancer-auth emulator; }
        read -r url <&"${EMULATOR[0]}"
        echo 'correct horse battery staple' | prancer-auth login --portal "$url" --email user@example.com --customer-id customer1 --password-stdin
        curl --silent --fail --header "$(prancer-auth token --header)" "$url/api/user/get/"
        prancer-auth logout
        kill "$EMULATOR_PID"
        "#, &[]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.out.contains("user@example.com"),
        "{}{}",
        said.out,
        said.err
    );
}
