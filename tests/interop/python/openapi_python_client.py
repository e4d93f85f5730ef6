"""A whole session through the client that openapi-python-client makes."""

import os
import sys
from http import HTTPStatus

import httpx
from prancer_auth_api.api.authentication import login, logout, refresh
from prancer_auth_api.errors import UnexpectedAnswer
from prancer_auth_api.models import Credentials, ErrorEnvelope, TokenPair
from prancer_auth_api.portal import bearer_client, portal_client


def log_in(portal: str, credentials: Credentials) -> TokenPair:
    answer = login.sync(client=portal_client(portal), body=credentials)
    if isinstance(answer, ErrorEnvelope):
        raise PermissionError(answer.message)
    return answer.data


def renew(portal: str, refresh_token: str) -> TokenPair:
    answer = refresh.sync(client=bearer_client(portal, refresh_token))
    if isinstance(answer, ErrorEnvelope):
        raise PermissionError(answer.message)
    return answer.data


def log_out(portal: str, access_token: str) -> str:
    answer = logout.sync(client=bearer_client(portal, access_token))
    if isinstance(answer, ErrorEnvelope):
        raise PermissionError(answer.message)
    return answer.message


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
    wrong = login.sync_detailed(client=portal_client(portal), body=credentials)
    check(
        "wrong password rejected",
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

    try:
        refresh.sync(client=bearer_client(portal, renewed.token))
        mistaken = 0
    except UnexpectedAnswer as problem:
        mistaken = problem.status_code
    check("wrong token rejected by refresh", mistaken == HTTPStatus.UNPROCESSABLE_ENTITY)

    message = log_out(portal, renewed.token)
    check("logged out", message == "User logged out successfully!")

    refused = refresh.sync_detailed(client=bearer_client(portal, tokens.refresh_token))
    check(
        "refresh rejected after logout",
        refused.status_code == HTTPStatus.UNAUTHORIZED
        and isinstance(refused.parsed, ErrorEnvelope)
        and bool(refused.parsed.message),
    )


if __name__ == "__main__":
    try:
        main()
    except (OSError, UnexpectedAnswer, httpx.HTTPError) as problem:
        sys.exit(f"the session failed: {problem}")
