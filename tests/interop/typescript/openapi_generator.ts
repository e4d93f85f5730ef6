// A whole session through the client that openapi-generator makes.
import {
  AuthenticationApi,
  Configuration,
  type Credentials,
  ErrorEnvelopeFromJSON,
  ResponseError,
} from "@prancer/auth-api";

function api(portal: string, accessToken?: string): AuthenticationApi {
  // Refresh and logout want it too, although they have no body.
  // Written as the generated code writes it, else login sends it twice.
  const headers = { "Content-Type": "application/json" };
  // A redirect would carry a secret elsewhere.
  const fetchApi: typeof fetch = (input, init) => fetch(input, { ...init, redirect: "error" });
  const bearer = accessToken === undefined ? {} : { accessToken };
  return new AuthenticationApi(new Configuration({ basePath: portal, headers, fetchApi, ...bearer }));
}

/** The status and the message of a refusal. */
async function refusal(call: Promise<unknown>): Promise<[number, string | undefined]> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ResponseError) {
      const envelope = ErrorEnvelopeFromJSON(await error.response.json());
      return [error.response.status, envelope.message];
    }
    throw error;
  }
  return [200, undefined];
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
    customerId: variable("PRANCER_CUSTOMER_ID"),
  };

  const wrong = await refusal(api(portal).login({ credentials }));
  check("wrong password rejected", wrong[0] === 400 && wrong[1] === "Invalid Email or Password");

  const { data: tokens } = await api(portal).login({ credentials: { ...credentials, password } });
  check("logged in", isGiven(tokens.token) && isGiven(tokens.refreshToken));

  const headers = { authorization: `Bearer ${tokens.token}` };
  const user = await fetch(`${portal}/api/user/get/`, { headers });
  check("secure call", user.status === 200);

  const { data: renewed } = await api(portal, tokens.refreshToken).refresh();
  check("refreshed", isGiven(renewed.token) && renewed.token !== tokens.token);

  const mistaken = await refusal(api(portal, renewed.token).refresh());
  check("wrong token rejected by refresh", mistaken[0] === 422);

  const { message } = await api(portal, renewed.token).logout();
  check("logged out", message === "User logged out successfully!");

  const ended = await refusal(api(portal, tokens.refreshToken).refresh());
  check("refresh rejected after logout", ended[0] === 401 && isGiven(ended[1]));
}

main().catch((error: unknown) => {
  // Others' errors are named only: their text may hold a token, or what the portal answered.
  const name = error instanceof Error ? error.name : typeof error;
  console.error(error instanceof Error && name === "Error" ? error.message : `the session failed: ${name}`);
  process.exitCode = 1;
});
