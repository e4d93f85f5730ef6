// A whole session through openapi-fetch, with the types that openapi-typescript makes.
import { type Credentials, type ErrorEnvelope, type TokenPair, portalClient } from "@prancer/auth-api";

async function logIn(portal: string, credentials: Credentials): Promise<TokenPair> {
  const client = portalClient(portal);
  const { data, error, response } = await client.POST("/api/login/", { body: credentials });
  if (!data) {
    throw new Error(error?.message ?? `not documented: HTTP ${response.status}`);
  }
  return data.data;
}

async function refresh(portal: string, refreshToken: string): Promise<TokenPair> {
  const client = portalClient(portal, refreshToken);
  const { data, error, response } = await client.GET("/api/refresh/token/");
  if (!data) {
    throw new Error(error?.message ?? `not documented: HTTP ${response.status}`);
  }
  return data.data;
}

async function logOut(portal: string, accessToken: string): Promise<string> {
  const client = portalClient(portal, accessToken);
  const { data, error, response } = await client.POST("/api/logout/");
  if (!data) {
    throw new Error(error?.message ?? `not documented: HTTP ${response.status}`);
  }
  return data.message;
}

function variable(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}

function check(what: string, good: boolean): void {
  if (!good) {
    throw new Error(`not ${what}`);
  }
  console.log(`ok ${what}`);
}

/** Whether an answer has this text: no generated code looks whether it is there. */
function isGiven(text: unknown): boolean {
  return typeof text === "string" && text !== "";
}

async function main(): Promise<void> {
  const portal = variable("PRANCER_PORTAL");
  const password = variable("PRANCER_PASSWORD");
  const credentials: Credentials = {
    email: variable("PRANCER_EMAIL"),
    password: `${password}?`,
    customer_id: variable("PRANCER_CUSTOMER_ID"),
  };

  const wrong = await portalClient(portal).POST("/api/login/", { body: credentials });
  const refusal: ErrorEnvelope | undefined = wrong.error;
  check(
    "wrong password rejected",
    wrong.response.status === 400 && refusal?.message === "Invalid Email or Password",
  );

  const tokens = await logIn(portal, { ...credentials, password });
  check("logged in", isGiven(tokens.token) && isGiven(tokens.refresh_token));

  const headers = { authorization: `Bearer ${tokens.token}` };
  const user = await fetch(`${portal}/api/user/get/`, { headers });
  check("secure call", user.status === 200);

  const renewed = await refresh(portal, tokens.refresh_token);
  check("refreshed", isGiven(renewed.token) && renewed.token !== tokens.token);

  const mistaken = await portalClient(portal, renewed.token).GET("/api/refresh/token/");
  check("wrong token rejected by refresh", !mistaken.data && mistaken.response.status === 422);

  const message = await logOut(portal, renewed.token);
  check("logged out", message === "User logged out successfully!");

  const ended = await portalClient(portal, tokens.refresh_token).GET("/api/refresh/token/");
  check(
    "refresh rejected after logout",
    ended.response.status === 401 && isGiven(ended.error?.message),
  );
}

main().catch((error: unknown) => {
  // Others' errors are named only: their text may hold a token, or what the portal answered.
  const name = error instanceof Error ? error.name : typeof error;
  console.error(error instanceof Error && name === "Error" ? error.message : `the session failed: ${name}`);
  process.exitCode = 1;
});
