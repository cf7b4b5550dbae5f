/** Digest answers, against the examples of RFC 7616 §3.9 and RFC 2617 §3.5, and the rules of RFC 8760. */
import { describe, expect, it } from "vitest";
import { DigestAuthorizer } from "../../../../../sip/backends/embedded/user-agent/digest-authorizer.ts";
import { parsedResponse, requestText, responseText } from "../wire-text.ts";

const MUFASA = { username: "Mufasa", password: "Circle of Life" };

/** A 401 or 407 with these challenges. */
function challenged(...challenges: string[]) {
  const headers = challenges.map((challenge) =>
    challenge.startsWith("Proxy-") ? challenge : `WWW-Authenticate: ${challenge}`,
  );
  return parsedResponse(responseText(requestText("INVITE"), 401, "Unauthorized", { headers }));
}

function fields(value: string | undefined): Record<string, string> {
  return Object.fromEntries(
    [...(value ?? "").matchAll(/([a-z]+)=(?:"([^"]*)"|([^,]+))/g)].map(([, name, quoted, token]) => [
      name,
      quoted ?? token,
    ]),
  );
}

function answer(authorizer: DigestAuthorizer, method = "INVITE", uri = "sip:b@example.com") {
  return authorizer.headers(method, uri, "").map(([name, value]) => ({ name, ...fields(value) }));
}

describe("published examples", () => {
  const challenge = (algorithm: string) =>
    `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';

  it.each([
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ])("RFC 7616 §3.9.1, %s", (algorithm, response) => {
    const authorizer = new DigestAuthorizer(MUFASA, () => "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
    expect(authorizer.take(challenged(challenge(algorithm)))).toBe(true);
    expect(answer(authorizer, "GET", "/dir/index.html")).toEqual([
      {
        name: "Authorization",
        username: "Mufasa",
        realm: "http-auth@example.org",
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        uri: "/dir/index.html",
        response,
        algorithm,
        cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
        qop: "auth",
        nc: "00000001",
        opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
      },
    ]);
  });

  // The printed response is one of plain SHA-512 cut short; the erratum to §3.9.2 has the right one.
  it("RFC 7616 §3.9.2 as corrected, SHA-512-256", () => {
    const authorizer = new DigestAuthorizer(
      { username: "Jäsøn Doe", password: "Secret, or not?" },
      () => "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    );
    authorizer.take(
      challenged(
        'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ' +
          'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK"',
      ),
    );
    expect(answer(authorizer, "GET", "/doe.json")).toMatchObject([
      { response: "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5" },
    ]);
  });

  it("RFC 2617 §3.5, no algorithm named", () => {
    const authorizer = new DigestAuthorizer(
      { username: "Mufasa", password: "Circle Of Life" },
      () => "0a4f113b",
    );
    authorizer.take(
      challenged(
        'Digest realm="testrealm@host.com", qop="auth,auth-int", ' +
          'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
      ),
    );
    const [header] = answer(authorizer, "GET", "/dir/index.html");
    expect(header).toMatchObject({ response: "6629fae49393a05397450978507c4ef1" });
    expect(header).not.toHaveProperty("algorithm");
  });

  it("RFC 2069 form: no qop, no cnonce, no nc", () => {
    const authorizer = new DigestAuthorizer({ username: "Mufasa", password: "CircleOfLife" });
    authorizer.take(
      challenged('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'),
    );
    // The response that the erratum to RFC 2069 §2.4 gives.
    const [header] = answer(authorizer, "GET", "/dir/index.html");
    expect(header).toMatchObject({ response: "1949323746fe6a43ef61f9606e7febea" });
    expect(header).not.toHaveProperty("cnonce");
  });
});

describe("several challenges", () => {
  const digest = (realm: string, algorithm: string, nonce = "n1", more = "") =>
    `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithm}, qop="auth"${more}`;

  it("of one realm: the topmost that is known is answered (RFC 8760 §2.4)", () => {
    const authorizer = new DigestAuthorizer(MUFASA);
    authorizer.take(challenged(digest("r", "SHA3-512"), digest("r", "SHA-256"), digest("r", "MD5")));
    expect(answer(authorizer)).toMatchObject([{ algorithm: "SHA-256" }]);
  });

  it("of different realms are all answered, proxies in their own header", () => {
    const authorizer = new DigestAuthorizer(MUFASA);
    authorizer.take(challenged(digest("a", "MD5"), `Proxy-Authenticate: ${digest("b", "MD5")}`));
    expect(answer(authorizer)).toMatchObject([
      { name: "Authorization", realm: "a" },
      { name: "Proxy-Authorization", realm: "b" },
    ]);
  });

  it("in one line are told apart", () => {
    const authorizer = new DigestAuthorizer(MUFASA);
    authorizer.take(challenged(`Basic realm="x", ${digest("a", "MD5")}, ${digest("b", "SHA-256")}`));
    expect(answer(authorizer)).toMatchObject([{ realm: "a" }, { realm: "b" }]);
  });

  it.each([
    ["another scheme", 'Basic realm="x"'],
    ["an unknown algorithm", digest("r", "SHA3-512")],
    ["an unknown qop", 'Digest realm="r", nonce="n", qop="auth-conf"'],
    ["no nonce", 'Digest realm="r"'],
    ["nothing", ""],
  ])("%s cannot be answered", (_what, challenge) => {
    expect(new DigestAuthorizer(MUFASA).take(challenged(challenge))).toBe(false);
  });

  it("refuse our credentials when they come again without stale", () => {
    const authorizer = new DigestAuthorizer(MUFASA);
    authorizer.take(challenged(digest("r", "MD5", "n1")));
    answer(authorizer);
    expect(authorizer.take(challenged(digest("r", "MD5", "n2")))).toBe(false);
  });

  it("are answered again when the nonce was stale, with a count from 1", () => {
    const authorizer = new DigestAuthorizer(MUFASA);
    authorizer.take(challenged(digest("r", "MD5", "n1")));
    answer(authorizer);
    expect(authorizer.take(challenged(digest("r", "MD5", "n2", ", stale=TRUE")))).toBe(true);
    expect(answer(authorizer)).toMatchObject([{ nonce: "n2", nc: "00000001" }]);
  });

  it("are not followed for ever", () => {
    const authorizer = new DigestAuthorizer(MUFASA);
    let rounds = 0;
    while (authorizer.take(challenged(digest("r", "MD5", `n${rounds}`, ", stale=true")))) {
      answer(authorizer);
      rounds++;
      if (rounds > 100) break;
    }
    expect(rounds).toBe(8);
  });

  it("keep their nonce for the next request, with a growing count", () => {
    const authorizer = new DigestAuthorizer(MUFASA);
    authorizer.take(challenged(digest("r", "MD5-sess")));
    answer(authorizer);
    authorizer.begin();
    expect(answer(authorizer, "BYE")).toMatchObject([{ nonce: "n1", nc: "00000002", algorithm: "MD5-sess" }]);
    // A server that wants a nonce per request may say so.
    expect(authorizer.take(challenged(digest("r", "MD5", "n2")))).toBe(true);
  });
});
