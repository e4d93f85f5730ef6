/** A typed client of the Prancer Authentication API: login, refresh, logout. */
import createClient, { type Client } from "openapi-fetch";
import type { components, paths } from "./schema.js";

export type { components, operations, paths } from "./schema.js";

export type Credentials = components["schemas"]["Credentials"];
export type TokenPair = components["schemas"]["TokenPair"];
export type TokenEnvelope = components["schemas"]["TokenEnvelope"];
export type EmptyEnvelope = components["schemas"]["EmptyEnvelope"];
export type ErrorEnvelope = components["schemas"]["ErrorEnvelope"];

/**
 * A client of one portal.
 *
 * @param portal - The base URL, with the tenant where there is one, without a slash at its end.
 * @param bearer - The refresh token for refresh, the access token for logout, nothing for login.
 */
export function portalClient(portal: string, bearer?: string): Client<paths> {
  return createClient<paths>({
    baseUrl: portal,
    // A redirect would carry a secret elsewhere.
    redirect: "error",
    headers: {
      // Refresh and logout want it too, although they have no body.
      "content-type": "application/json",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
  });
}
