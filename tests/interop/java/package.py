"""Makes of what openapi-generator generates for Java a package: no secret in a text, answers checked, its licences and its README."""

import pathlib
import re
import shutil
import sys

project = pathlib.Path(sys.argv[1])
root = pathlib.Path(__file__).resolve().parents[3]
ours = pathlib.Path(__file__).parent / "package"
sources = project / "src/main/java/io/prancer/auth"


def edit(file: pathlib.Path, old: str, new: str) -> None:
    text = file.read_text()
    if not re.search(old, text):
        sys.exit(f"{file.name} has no {old!r}")
    file.write_text(re.sub(old, new, text))


# One, as long as the operations have one tag, whose name it has.
(api,) = (sources / "api").glob("*Api.java")
# The answer may hold a secret; it stays in `getResponseBody`.
edit(api, r'\+ statusCode \+ " - " \+ body;', "+ statusCode;")
# An empty answer, or one that is no JSON, is none of the documented ones. A reader's message quotes what it reads.
edit(
    api,
    r"responseBody\.isBlank\(\)\? ?null: ?(memberVarObjectMapper\.readValue\(responseBody, new TypeReference<(\w+)>\(\) \{\}\));",
    r"documented(responseBody, localVarResponse, new TypeReference<\2>() {});",
)
edit(
    api,
    r"\n  private String formatExceptionMessage",
    """
  private <T> T documented(String body, HttpResponse<InputStream> response, TypeReference<T> type) throws ApiException {
    try {
      T value = memberVarObjectMapper.readValue(body, type);
      com.fasterxml.jackson.databind.JsonNode data = memberVarObjectMapper.valueToTree(value).path("data");
      // A required member that is missing is null there; what an answer need not have is not there at all.
      boolean lacks = value == null || data.isNull();
      for (com.fasterxml.jackson.databind.JsonNode member : data) {
        lacks |= member.isNull();
      }
      if (!lacks) {
        return value;
      }
    } catch (com.fasterxml.jackson.core.JsonProcessingException undocumented) {
      // Told below.
    }
    throw new ApiException(response.statusCode(), "the portal did not answer as documented", response.headers(), body);
  }

  private String formatExceptionMessage""",
)
edit(
    api,
    r"(if \(localVarResponseBody == null\) \{\s*)return[^;]*;",
    r'\1throw getApiException("the call was answered by nothing; it", localVarResponse);',
)
# Passwords and tokens do not print.
for file in (sources / "model").glob("*.java"):
    text = file.read_text()
    hidden = re.sub(r'append\(toIndentedString\((password|token|refreshToken)\)\)', 'append("..")', text)
    file.write_text(hidden)
(sources / "Portal.java").write_text((ours / "Portal.java").read_text().replace("AuthenticationApi", api.stem))
# What lies in the jar beside the classes.
meta = project / "classes/META-INF"
maven = meta / "maven/io.prancer/prancer-auth-api"
maven.mkdir(parents=True)
(maven / "pom.xml").write_text((ours / "pom.xml").read_text().replace("VERSION", sys.argv[2]))
for file in (root / "LICENSE-APACHE", root / "LICENSE-MIT", ours / "README.md"):
    shutil.copy(file, meta)
