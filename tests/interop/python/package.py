"""Makes of what openapi-python-client generates a package: named arguments, no `None` for what is not documented, license, README."""

import pathlib
import shutil
import sys

project = pathlib.Path(sys.argv[1])
root = pathlib.Path(__file__).resolve().parents[3]
package = project / "prancer_auth_api"
ours = pathlib.Path(__file__).parent / "package"


def edit(file: pathlib.Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in changes:
        if old not in text:
            sys.exit(f"{file.name} has no {old!r}")
        text = text.replace(old, new)
    file.write_text(text)


for file in package.glob("models/*.py"):
    if "@_attrs_define" in file.read_text():
        edit(file, ("@_attrs_define\n", "@_attrs_define(kw_only=True)\n"))
for file in package.glob("api/*/*.py"):
    if file.name == "__init__.py":
        continue
    edit(
        file,
        (
            "    if client.raise_on_unexpected_status:\n"
            "        raise errors.UnexpectedStatus(response.status_code, response.content)\n"
            "    else:\n"
            "        return None\n",
            "    raise errors.UnexpectedAnswer(response.status_code, response.content)\n",
        ),
        (" | None:\n", ":\n"),
        (
            "parsed=_parse_response(client=client, response=response)",
            "parsed=errors.documented(_parse_response, response, client=client)",
        ),
        ("status_code=HTTPStatus(response.status_code)", "status_code=errors.known(response.status_code)"),
        ("from http import HTTPStatus\n", ""),
    )
edit(
    package / "__init__.py",
    ("A client library for accessing Prancer Authentication API", "Log in to Prancer Enterprise, renew the token, log out."),
)
edit(package / "types.py", ("    parsed: T | None", "    parsed: T"))
edit(
    project / "pyproject.toml",
    ("authors = []\n", 'license = "MIT OR Apache-2.0"\nlicense-files = ["LICENSE-APACHE", "LICENSE-MIT"]\n'),
    ("A client library for accessing Prancer Authentication API", "Log in to Prancer Enterprise, renew the token, log out."),
)
shutil.copy(ours / "portal.py", package)
shutil.copy(ours / "README.md", project)
for name in ("LICENSE-APACHE", "LICENSE-MIT"):
    shutil.copy(root / name, project)
