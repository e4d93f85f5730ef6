"""A whole session through the client that openapi-generator makes."""

import os
import sys
import urllib.request

from prancer_auth_api import (
    ApiClient,
    ApiException,
    AuthenticationApi,
    Configuration,
    Credentials,
    ErrorEnvelope,
)
from urllib3 import Retry
from urllib3.exceptions import HTTPError


def api(portal: str, access_token: str | None = None) -> AuthenticationApi:
    configuration = Configuration(host=portal, access_token=access_token)
    # A redirect would carry a secret elsewhere.
    configuration.retries = Retry(3, redirect=0, raise_on_redirect=False)
    # Refresh and logout want it too, although they have no body.
    # Written as the generated code writes it, else login sends it twice.
    client = ApiClient(configuration, "Content-Type", "application/json")
    return AuthenticationApi(client)


def variable(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"{name} is not set")


def check(what: str, good: bool) -> None:
    if not good:
        sys.exit(f"not {what}")
    print(f"ok {what}")


def refused(portal: str, refresh_token: str) -> ApiException:
    try:
        api(portal, refresh_token).refresh()
    except ApiException as refusal:
        return refusal
    sys.exit("refresh was not refused")


def main() -> None:
    portal = variable("PRANCER_PORTAL")
    password = variable("PRANCER_PASSWORD")
    credentials = Credentials(
        email=variable("PRANCER_EMAIL"),
        password=password + "?",
        customer_id=variable("PRANCER_CUSTOMER_ID"),
    )
    try:
        api(portal).login(credentials)
        sys.exit("a wrong password was not refused")
    except ApiException as refusal:
        envelope = refusal.data
        check(
            "wrong password rejected",
            refusal.status == 400
            and isinstance(envelope, ErrorEnvelope)
            and envelope.message == "Invalid Email or Password",
        )

    credentials.password = password
    tokens = api(portal).login(credentials).data
    check("logged in", bool(tokens.token and tokens.refresh_token))

    call = urllib.request.Request(f"{portal}/api/user/get/")
    call.add_header("authorization", f"Bearer {tokens.token}")
    with urllib.request.urlopen(call) as user:
        check("secure call", user.status == 200)

    renewed = api(portal, tokens.refresh_token).refresh().data
    check("refreshed", bool(renewed.token) and renewed.token != tokens.token)

    mistaken = refused(portal, renewed.token)
    check("wrong token rejected by refresh", mistaken.status == 422)

    message = api(portal, renewed.token).logout().message
    check("logged out", message == "User logged out successfully!")

    ended = refused(portal, tokens.refresh_token)
    check(
        "refresh rejected after logout",
        ended.status == 401
        and isinstance(ended.data, ErrorEnvelope)
        and bool(ended.data.message),
    )


if __name__ == "__main__":
    try:
        main()
    except (ApiException, HTTPError, OSError, ValueError) as problem:
        # Its text may hold a token, or what the portal answered.
        sys.exit(f"the session failed: {type(problem).__name__}")
