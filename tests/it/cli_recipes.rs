//! The recipes of the command's README, taken from there and run.

use prancer_auth_emulator::{Emulator, Operation};

use crate::needs::needs;
use crate::person::Person;

const README: &str = include_str!("../../crates/prancer-auth-cli/README.md");

/// The first block of this language that holds `word`.
fn block(language: &str, word: &str) -> &'static str {
    let start = format!("```{language}\n");
    let mut blocks = README.split(start.as_str()).skip(1);
    let mut blocks = blocks.by_ref().map(|it| it.split("```").next().unwrap());
    blocks.find(|it| it.contains(word)).unwrap()
}

#[test]
fn a_curl_is_always_logged_in() {
    needs!("bash", "curl");
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let url = format!("{}/api/user/get/", emulator.url());
    let script = format!("{}\npcurl --silent --fail {url}", block("sh", "pcurl"));
    let said = person.shell("bash", &script, &[]);
    assert!(
        said.code == 0 && said.out.contains("user@example.com"),
        "{}",
        said.err
    );
}

#[test]
fn terraform_gets_a_flat_object_of_texts() {
    needs!("bash");
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let recipe = block("hcl", "external");
    let program = recipe.split('[').nth(1).unwrap().split(']').next().unwrap();
    let said = person.shell("bash", &program.replace([',', '"'], " "), &[]);
    let result: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let members = result.as_object().unwrap();
    assert!(members.len() == 3 && members.values().all(serde_json::Value::is_string));
    assert!(members.contains_key("access_token"));
}

#[test]
fn a_curl_without_a_token_is_not_run() {
    needs!("bash");
    let person = Person::new();
    let script = format!(
        "curl() {{ echo called; }}\n{}\npcurl https://portal.example; echo $?",
        block("sh", "pcurl")
    );
    let said = person.shell("bash", &script, &[]);
    assert_eq!(said.out, "4\n", "{}", said.err);
}

#[test]
fn no_script_goes_on_without_a_token() {
    needs!("bash");
    let person = Person::new();
    let says = |script: &str| person.shell("bash", &format!("{script}\necho went on"), &[]);
    let of_readme = block("sh", "--format env");
    let said = says(of_readme);
    assert_eq!((said.code, said.out.as_str()), (4, ""), "{}", said.err);
    // The examples of the help end as a failed command does.
    let help = person.says(&["token", "--help"], "").out;
    let examples = help.lines().map(str::trim).filter(|it| it.contains("$("));
    for example in examples {
        let script = format!("curl() {{ echo called; }}\n{example}\necho $?");
        let said = person.shell("bash", &script, &[]);
        assert_eq!(said.out, "4\n", "{example}: {}", said.err);
    }
    let emulator = Emulator::start().unwrap();
    person.logs_in(&emulator);
    let said = says(&format!("{of_readme}\nenv | grep -c ^PRANCER_TOKEN"));
    assert_eq!(said.out, "2\nwent on\n", "{}", said.err);
}

#[test]
fn docker_gets_what_a_credential_helper_prints() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    let helper = person.home().join("docker-credential-prancer");
    std::fs::write(&helper, block("sh", "ServerURL")).unwrap();
    let asks = || {
        let script = format!("echo registry.example.com | sh {} get", helper.display());
        person.shell("sh", &script, &[])
    };
    let said = asks();
    assert_eq!((said.code, said.out.as_str()), (4, ""), "{}", said.err);
    person.logs_in(&emulator);
    let said = asks();
    let result: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    assert_eq!(result["ServerURL"], "registry.example.com");
    assert_eq!(result["Username"], "<token>");
    assert_eq!(result["Secret"], person.says(&["token"], "").out.trim());
}

#[test]
fn the_first_example_gives_no_program_a_token_as_an_argument() {
    let first = block("console", "prancer-auth login");
    assert!(!first.contains("$(prancer-auth token"), "{first}");
}

#[test]
fn a_plugin_prints_what_kubectl_takes() {
    let (emulator, person) = (Emulator::start().unwrap(), Person::new());
    person.logs_in(&emulator);
    let recipe = block("yaml", "interactiveMode");
    let arguments = recipe.split("args: [").nth(1).unwrap();
    let arguments = arguments.split(']').next().unwrap().replace('"', "");
    let arguments: Vec<_> = arguments.split(", ").collect();
    let said = person.says(&arguments, "");
    let result: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let token = person.says(&["token"], "").out;
    assert_eq!(result["status"]["token"], token.trim());
    assert!(
        result["status"]["expirationTimestamp"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
}

/// The commands of a recipe's steps: of each `run: |`, `run:` or list item below `script:`.
fn steps(recipe: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut lines = recipe.lines().peekable();
    while let Some(line) = lines.next() {
        let line = line.trim();
        if line.ends_with("run: |") {
            let mut step = String::new();
            while lines
                .peek()
                .is_some_and(|it| it.starts_with("      ") || it.trim().is_empty())
            {
                step += lines.next().unwrap().trim();
                step += "\n";
            }
            steps.push(step);
        } else if let Some((_, step)) = line.split_once("run: ") {
            steps.push(step.to_owned());
        } else if let Some(step) = line
            .strip_prefix("- ")
            .filter(|it| !it.starts_with("name:"))
        {
            steps.push(step.to_owned());
        }
    }
    steps
}

#[test]
fn the_ci_recipes_log_in_call_and_log_out() {
    needs!("bash");
    for (word, secret) in [("add-mask", "PASSWORD"), ("after_script", "PRANCER_SECRET")] {
        let emulator = Emulator::start().unwrap();
        let person = Person::new();
        let url = emulator.url();
        let password = emulator.user().password.clone();
        let variables = [
            ("PRANCER_PORTAL", url.as_str()),
            ("PRANCER_STORE", "file"),
            (secret, password.expose()),
        ];
        let steps = steps(block("yaml", word));
        assert_eq!(steps.len(), 3, "{steps:?}");
        let mut printed = String::new();
        for step in steps {
            // As a runner does: a shell a step, which ends at the first failure.
            let step = step.replace("ci@example.com", "user@example.com");
            let said = person.shell("bash", &format!("set -eo pipefail\n{step}"), &variables);
            assert_eq!(said.code, 0, "{step}\n{}", said.err);
            printed += &said.out;
        }
        // The one line that shows the token is the one that has the runner mask it.
        let shows = printed.lines().filter(|line| line.contains("eyJ"));
        assert!(
            shows
                .into_iter()
                .all(|line| line.starts_with("::add-mask::")),
            "{printed}"
        );
        assert_eq!(emulator.calls(Operation::Login), 1);
        assert_eq!(emulator.calls(Operation::Logout), 1);
    }
}
