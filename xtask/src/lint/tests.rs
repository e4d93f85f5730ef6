//! One broken document for each finding: that of the seeds, with one edit.

use super::Finding;
use crate::seed::DOCUMENT;

fn lint(text: &str) -> Vec<Finding> {
    super::lint(text).1
}

/// A property that is no secret.
const EMAIL: &str = "        email:\n          type: string";

/// What the lint says of the document with `old` replaced by `new` at its first place.
fn lint_with(old: &str, new: &str) -> Vec<Finding> {
    assert!(DOCUMENT.contains(old), "the document has no {old:?}");
    lint(&DOCUMENT.replacen(old, new, 1))
}

/// The only finding, checked to lie on the line that holds `text`.
fn only(findings: &[Finding], edited: &str, text: &str) -> Finding {
    let [finding] = findings else {
        panic!("{} findings: {findings:#?}", findings.len());
    };
    let line = edited.lines().nth(finding.line - 1).unwrap();
    assert!(line.contains(text), "line {}: {line}", finding.line);
    assert!(!finding.remedy.is_empty());
    finding.clone()
}

fn assert_finding(old: &str, new: &str, on_line_with: &str, pointer: &str, problem: &str) {
    let edited = DOCUMENT.replacen(old, new, 1);
    let finding = only(&lint_with(old, new), &edited, on_line_with);
    assert_eq!(finding.pointer, pointer);
    assert!(finding.problem.contains(problem), "{finding}");
}

#[test]
fn the_document_is_clean() {
    assert_eq!(lint(DOCUMENT), []);
}

#[test]
fn an_unknown_key_is_found() {
    assert_finding(
        "      requestBody:",
        "      requestBdy:",
        "requestBdy:",
        "/paths/~1api~1login~1/post/requestBdy",
        "unknown key `requestBdy`",
    );
    assert_finding(
        "      security: []",
        "      securty: []",
        "securty:",
        "/paths/~1api~1login~1/post/securty",
        "unknown key `securty`",
    );
    assert_finding(
        "      required: [email",
        "      requird: [email",
        "requird:",
        "/components/schemas/Credentials/requird",
        "unknown key `requird`",
    );
    assert_finding(
        "  license:",
        "  licence:",
        "licence:",
        "/info/licence",
        "unknown key `licence`",
    );
}

#[test]
fn an_extension_and_a_default_that_is_written_out_are_no_findings() {
    let findings = lint_with(
        "      operationId: login",
        "      operationId: login\n      x-internal: true\n      deprecated: false\n      parameters: []",
    );
    assert_eq!(findings, []);
}

#[test]
fn a_path_without_a_leading_slash_is_found() {
    assert_finding(
        "  /api/logout/:",
        "  api/logout/:",
        "api/logout/:",
        "/paths/api~1logout~1",
        "no leading `/`",
    );
}

#[test]
fn a_second_error_type_is_found_and_the_operation_named() {
    assert_finding(
        "                $ref: '#/components/schemas/ErrorEnvelope'",
        "                $ref: '#/components/schemas/EmptyEnvelope'\n        '422':\n          description: d\n          content:\n            application/json:\n              schema:\n                $ref: '#/components/schemas/ErrorEnvelope'",
        "responses:",
        "/paths/~1api~1login~1/post/responses",
        "operation POST /api/login/ has 2 error types, `EmptyEnvelope` (400) and `ErrorEnvelope` (422)",
    );
    assert_finding(
        "        '401':",
        "        '403':\n          description: no body\n        '401':",
        "responses:",
        "/paths/~1api~1refresh~1token~1/get/responses",
        "operation GET /api/refresh/token/ has 2 error types",
    );
}

#[test]
fn a_second_success_type_is_found_and_the_operation_named() {
    assert_finding(
        "        '400':",
        "        '204':\n          description: no body\n        '400':",
        "responses:",
        "/paths/~1api~1login~1/post/responses",
        "operation POST /api/login/ has 2 success types, `TokenEnvelope` (200) and no body (204)",
    );
}

#[test]
fn a_default_response_counts_as_success_and_as_error() {
    let findings = lint_with(
        "        '401':",
        "        default:\n          description: no body\n        '401':",
    );
    let problems: Vec<_> = findings.iter().map(|it| it.problem.as_str()).collect();
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems.iter().any(|it| it.contains("success types")));
    assert!(problems.iter().any(|it| it.contains("error types")));
}

#[test]
fn a_missing_operation_id_is_found() {
    assert_finding(
        "      operationId: refresh\n",
        "",
        "get:",
        "/paths/~1api~1refresh~1token~1/get",
        "operation GET /api/refresh/token/ has no operationId",
    );
}

#[test]
fn a_reserved_operation_id_is_found() {
    for id in ["pre", "post", "exec", "new", "newWithClient", "baseurl"] {
        assert_finding(
            "operationId: logout",
            &format!("operationId: {id}"),
            "operationId:",
            "/paths/~1api~1logout~1/post/operationId",
            "is reserved",
        );
    }
}

#[test]
fn an_operation_id_that_is_there_twice_is_found() {
    assert_finding(
        "operationId: logout",
        "operationId: Login",
        "operationId: Login",
        "/paths/~1api~1logout~1/post/operationId",
        "is also that of POST /api/login/",
    );
}

#[test]
fn a_property_that_looks_like_a_secret_and_is_none_is_found() {
    let old = "          $ref: '#/components/schemas/Password'";
    for new in [
        "          type: string",
        "          type: string\n          minLength: 8",
        "          $ref: '#/components/schemas/EmptyData'",
    ] {
        assert_finding(
            old,
            new,
            "password:",
            "/components/schemas/Credentials/properties/password",
            "looks like a secret",
        );
    }
    for name in ["apiKey", "new_password", "clientSecret", "token", "tokens"] {
        let findings = lint_with(EMAIL, &EMAIL.replace("email", name));
        assert!(
            findings
                .iter()
                .any(|it| it.problem.contains("looks like a secret")),
            "{name}"
        );
    }
    let findings = lint_with(EMAIL, &EMAIL.replace("email", "token_type"));
    assert!(!findings.iter().any(|it| it.problem.contains("secret")));
}

#[test]
fn a_format_for_secrets_and_a_parameter_that_looks_like_one_are_found() {
    assert_finding(
        EMAIL,
        &format!("{EMAIL}\n          format: password"),
        "format:",
        "/components/schemas/Credentials/properties/email/format",
        "`format: password` looks like a secret",
    );
    assert_finding(
        "      operationId: refresh",
        "      operationId: refresh\n      parameters:\n        - in: query\n          name: apiKey\n          schema:\n            type: string",
        "- in:",
        "/paths/~1api~1refresh~1token~1/get/parameters/0",
        "parameter `apiKey` looks like a secret",
    );
}

#[test]
fn a_replacement_that_names_no_schema_is_found() {
    // Renamed everywhere, so that nothing else is wrong but that properties are no secrets any more.
    let edited = DOCUMENT.replace("RefreshToken", "RenewalToken");
    let findings = lint(&edited);
    let missing = findings
        .iter()
        .find(|it| it.problem.contains("does not exist"));
    let missing = missing.unwrap();
    assert_eq!(missing.pointer, "/components/schemas/RefreshToken");
    assert!(
        missing.problem.contains("`crate::RefreshToken`"),
        "{missing}"
    );
    let line = edited.lines().nth(missing.line - 1).unwrap();
    assert!(line.contains("schemas:"), "{line}");
}

#[test]
fn a_version_that_is_not_ascii_is_found() {
    for version in ["1.0.0-ü", "\"1.0.0\\n\"", "1.0 0"] {
        let new = format!("  version: {version}");
        assert_finding(
            "  version: 1.0.0",
            &new,
            "version:",
            "/info/version",
            "not plain ASCII",
        );
    }
}

#[test]
fn what_cannot_be_read_is_found() {
    let finding = &lint("a: [")[0];
    assert!(
        finding.problem.contains("not readable as YAML"),
        "{finding}"
    );
    let finding = &lint("")[0];
    assert!(
        finding.problem.contains("not readable as OpenAPI"),
        "{finding}"
    );
    let finding = &lint_with("        '200':", "        200:")[0];
    assert!(
        finding.problem.contains("a key that is not text"),
        "{finding}"
    );
    let finding = &lint_with("      summary: Log in", "      summary: [Log, in]")[0];
    assert!(
        finding.problem.contains("not readable as OpenAPI"),
        "{finding}"
    );
}

#[test]
fn what_cannot_be_read_has_its_place_and_hides_nothing_else() {
    let edited = DOCUMENT
        .replacen("      summary: Log in", "      summary: [Log, in]", 1)
        .replacen("      required: [email", "      requird: [email", 1);
    let findings = lint(&edited);
    let pointers: Vec<_> = findings.iter().map(|it| it.pointer.as_str()).collect();
    let unknown = "/components/schemas/Credentials/requird";
    assert_eq!(pointers, ["/paths/~1api~1login~1/post", unknown]);
    assert!(
        findings[0]
            .problem
            .contains("not readable as OpenAPI 3.0: invalid type: sequence")
    );
    assert!(
        edited
            .lines()
            .nth(findings[0].line - 1)
            .unwrap()
            .contains("post:")
    );
}

#[test]
fn several_findings_are_told_together_in_the_order_of_their_lines() {
    let edited = DOCUMENT
        .replacen("version: 1.0.0", "version: 1.0.0-ü", 1)
        .replacen("requestBody:", "requestBdy:", 1)
        .replacen("operationId: logout", "operationId: new", 1);
    let findings = lint(&edited);
    assert_eq!(findings.len(), 3, "{findings:#?}");
    assert!(findings.is_sorted_by_key(|it| it.line));
}

#[test]
fn a_finding_says_file_line_pointer_problem_and_remedy() {
    let text = lint_with("requestBody:", "requestBdy:")[0].to_string();
    let mut lines = DOCUMENT.lines();
    let line = 1 + lines
        .position(|line| line.contains("requestBody:"))
        .unwrap();
    let start =
        format!("openapi/prancer-auth.yaml:{line}: #/paths/~1api~1login~1/post/requestBdy: ");
    assert!(text.starts_with(&start), "{text}");
    assert!(text.contains("\n    mend its spelling"), "{text}");
}
