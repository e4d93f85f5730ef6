"""A whole session through the client that openapi-python-client makes."""

import os
import sys
from http import HTTPStatus

import httpx
from prancer_auth_api import AuthenticatedClient, Client
from prancer_auth_api.api.authentication import login, logout, refresh
from prancer_auth_api.models import (
    Credentials,
    EmptyEnvelope,
    ErrorEnvelope,
    TokenEnvelope,
    TokenPair,
)

# Refresh and logout want it too, although they have no body.
HEADERS = {"content-type": "application/json"}


# sample: login
def log_in(portal: str, credentials: Credentials) -> TokenPair:
    client = Client(base_url=portal, headers=HEADERS)
    answer = login.sync(client=client, body=credentials)
    if isinstance(answer, TokenEnvelope):
        return answer.data
    if isinstance(answer, ErrorEnvelope):
        raise PermissionError(answer.message)
    raise ConnectionError("the portal did not answer as documented")
# end sample


# sample: refresh
def renew(portal: str, refresh_token: str) -> TokenPair:
    client = AuthenticatedClient(base_url=portal, token=refresh_token, headers=HEADERS)
    answer = refresh.sync(client=client)
    if isinstance(answer, TokenEnvelope):
        return answer.data
    raise PermissionError(answer.message if answer else "not documented")
# end sample


# sample: logout
def log_out(portal: str, access_token: str) -> str:
    client = AuthenticatedClient(base_url=portal, token=access_token, headers=HEADERS)
    answer = logout.sync(client=client)
    if isinstance(answer, EmptyEnvelope):
        return answer.message
    raise PermissionError(answer.message if answer else "not documented")
# end sample


def variable(name: str) -> str:
    return os.environ.get(name) or sys.exit(f"{name} is not set")


def check(what: str, good: bool) -> None:
    if not good:
        sys.exit(f"not {what}")
    print(f"ok {what}")


def main() -> None:
    portal = variable("PRANCER_PORTAL")
    credentials = Credentials(
        email=variable("PRANCER_EMAIL"),
        password=variable("PRANCER_PASSWORD") + "?",
        customer_id=variable("PRANCER_CUSTOMER_ID"),
    )
    wrong = login.sync_detailed(
        client=Client(base_url=portal, headers=HEADERS), body=credentials
    )
    check(
        "wrong password refused",
        wrong.status_code == HTTPStatus.BAD_REQUEST
        and isinstance(wrong.parsed, ErrorEnvelope)
        and wrong.parsed.message == "Invalid Email or Password",
    )

    credentials.password = variable("PRANCER_PASSWORD")
    tokens = log_in(portal, credentials)
    check("logged in", bool(tokens.token and tokens.refresh_token))

    bearer = {"authorization": f"Bearer {tokens.token}"}
    user = httpx.get(f"{portal}/api/user/get/", headers=bearer)
    check("secure call", user.status_code == HTTPStatus.OK)

    renewed = renew(portal, tokens.refresh_token)
    check("refreshed", bool(renewed.token) and renewed.token != tokens.token)

    mistaken = AuthenticatedClient(base_url=portal, token=renewed.token, headers=HEADERS)
    refused = refresh.sync_detailed(client=mistaken)
    check(
        "wrong token refused by refresh",
        refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY and refused.parsed is None,
    )

    message = log_out(portal, renewed.token)
    check("logged out", message == "User logged out successfully!")

    ended = AuthenticatedClient(base_url=portal, token=tokens.refresh_token, headers=HEADERS)
    refused = refresh.sync_detailed(client=ended)
    check(
        "refresh refused after logout",
        refused.status_code == HTTPStatus.UNAUTHORIZED
        and isinstance(refused.parsed, ErrorEnvelope)
        and bool(refused.parsed.message),
    )


if __name__ == "__main__":
    try:
        main()
    except OSError as problem:
        sys.exit(f"the session failed: {problem}")
    except (KeyError, TypeError, ValueError, httpx.HTTPError) as problem:
        # Its text may hold a token, or what the portal answered.
        sys.exit(f"the session failed: {type(problem).__name__}")
