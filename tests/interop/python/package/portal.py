"""A client of one portal, with what all three calls need."""

from .client import AuthenticatedClient, Client

# Refresh and logout want it too, although they have no body.
HEADERS = {"content-type": "application/json"}


def portal_client(portal: str) -> Client:
    """For login. The portal's URL ends in the tenant where there is one, and in no slash. Redirects are not followed."""
    return Client(base_url=portal, headers=dict(HEADERS), raise_on_unexpected_status=True)


def bearer_client(portal: str, token: str) -> AuthenticatedClient:
    """With the refresh token for refresh, with the access token for logout."""
    return AuthenticatedClient(
        base_url=portal, token=token, headers=dict(HEADERS), raise_on_unexpected_status=True
    )
