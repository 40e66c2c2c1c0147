// A certified OpenID provider on a free port of this machine: says where it is, then serves.
// Whoever signs in as `officer-card` is a privacy officer of card, and everybody else a member under that key.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [back, home] = process.argv.slice(2);
const server = createServer().listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: "pages",
        token_endpoint_auth_method: "none",
        redirect_uris: [back],
        post_logout_redirect_uris: [home],
      },
      {
        // Of a server on whatever port of this machine.
        client_id: "loopback",
        application_type: "native",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://127.0.0.1/sign-in/back"],
        post_logout_redirect_uris: ["http://127.0.0.1/"],
      },
    ],
    cookies: { keys: ["a key of this run"] },
    pkce: { required: () => true },
    features: {
      resourceIndicators: {
        enabled: true,
        defaultResource: () => "urn:sekisho",
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "",
          audience: "sekisho",
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
        }),
      },
    },
    findAccount: (_context, login) => ({ accountId: login, claims: () => ({ sub: login }) }),
    extraTokenClaims: (_context, token) => {
      const [, company] = token.accountId.match(/^officer-(.*)$/) ?? [];
      return company ? { role: "officer", company } : { role: "member", acr: "RAKUTEN_ID" };
    },
  });
  server.on("request", provider.callback());
  console.log(issuer);
});
