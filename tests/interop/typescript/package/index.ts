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
    fetch: documented,
    // A redirect would carry a secret elsewhere.
    redirect: "error",
    headers: {
      // Refresh and logout want it too, although they have no body.
      "content-type": "application/json",
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
  });
}

/** The calls whose success hands out tokens; the document's are put in when this is packed. */
const handsOut: (keyof paths)[] = ["/api/login/"];

/** Both tokens, or nothing. */
const tokensOf = (answer: { data?: Partial<TokenPair> } | null) => answer?.data?.token && answer.data.refresh_token;

/** An answer in JSON, with tokens where it hands out some; whatever else comes is an error whose text quotes nothing of it. */
async function documented(request: Request): Promise<Response> {
  const response = await fetch(request);
  const text = await response.text();
  const { status, statusText, headers } = response;
  const undocumented = new Error(`the portal did not answer as documented: status ${status}`);
  try {
    const answer = JSON.parse(text);
    if (status === 200 && handsOut.some((path) => request.url.endsWith(path)) && !tokensOf(answer)) throw undocumented;
  } catch {
    throw undocumented;
  }
  return new Response(text, { status, statusText, headers: { "content-type": headers.get("content-type") ?? "" } });
}
