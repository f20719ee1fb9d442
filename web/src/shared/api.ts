import createClient, { type Middleware } from "openapi-fetch";

import type { components, paths } from "./api.gen";

/** A shape of the API by its name in the OpenAPI document. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** What a GET of the API answers. */
export type Answer<Path extends keyof paths> = paths[Path] extends { get: { responses: { 200: { content: { "application/json": infer Out } } } } } ? Out : never;

/** A refused or failed request, as problem+json tells it. `status` 0: no answer came. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Record<string, unknown>;
  readonly requestId: string | null;

  constructor(status: number, code: string, params: Record<string, unknown> = {}, requestId: string | null = null) {
    super(code);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.params = params;
    this.requestId = requestId;
  }
}

/** Reads an answer that is not a success. Answers of a proxy or of a crashed server have no problem+json; their status speaks then. */
export async function errorOf(response: Response): Promise<ApiError> {
  const requestId = response.headers.get("x-request-id");
  try {
    const body = (await response.json()) as { code?: string; params?: Record<string, unknown>; request_id?: string };
    return new ApiError(response.status, body.code ?? `http.${response.status}`, body.params ?? {}, body.request_id ?? requestId);
  } catch {
    return new ApiError(response.status, `http.${response.status}`, {}, requestId);
  }
}

/** What a malformed id in an address says: that no such thing exists, as an id that nothing bears. Ids are what `path` names, such as `/api/customers/{id}`. */
export function missingThing(problem: ApiError, path: string): ApiError {
  const fields = faultyFields(problem);
  if (fields.length === 0 || !fields.every((field) => path.includes(`{${field}}`))) return problem;
  const [, , things = ""] = path.split("/");
  return new ApiError(404, `${things.replace(/s$/, "")}.not_found`, {}, problem.requestId);
}

function faultyFields(problem: ApiError): string[] {
  if (problem.code === "text.unprintable") return [String(problem.params["field"])];
  return problem.code === "invalid" ? ((problem.params["fields"] ?? []) as { field: string }[]).map(({ field }) => field) : [];
}

type Listener = () => void;
const signedOut = new Set<Listener>();

/** Calls `listener` when the server no longer knows the session. */
export function onSignedOut(listener: Listener): () => void {
  signedOut.add(listener);
  return () => signedOut.delete(listener);
}

/** A key that makes a repeated write act once. One per attempt of the user, so that a retry after a broken line changes nothing twice. */
export function idempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const answers: Middleware = {
  onRequest({ request }) {
    if (request.method !== "GET" && !request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", idempotencyKey());
    return request;
  },
  async onResponse({ request, response, schemaPath }) {
    if (response.ok) return response;
    const failure = await errorOf(response);
    const problem = request.method === "GET" ? missingThing(failure, schemaPath) : failure;
    if (problem.code === "session.none" || problem.code === "session.required" || (problem.status === 401 && problem.code.startsWith("http."))) for (const listener of signedOut) listener();
    throw problem;
  },
  onError() {
    return new ApiError(0, "network");
  },
};

/** Asks for the password once more; resolves true when it was given. The console sets it. */
let prove: (() => Promise<boolean>) | null = null;

export function onStale(ask: () => Promise<boolean>): () => void {
  prove = ask;
  return () => {
    prove = null;
  };
}

/** `fetch`, but an act that wants a fresh password gets one and is tried again, so that nothing typed is lost. */
async function withProof(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(request);
  if (response.status !== 403 || !prove) return response;
  const problem = await errorOf(response.clone());
  return problem.code === "session.stale" && (await prove()) ? fetch(again) : response;
}

export const client = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin", fetch: withProof });
client.use(answers);

/** The body of a successful answer; a failed one has already thrown ApiError. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<T> {
  return (await call).data as T;
}

/** Sends a file with its progress, which `fetch` cannot tell. Resolves with the answer's JSON, rejects with ApiError. */
export function upload<T>(path: string, fields: Record<string, string | Blob>, progress: (share: number) => void, signal?: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    request.open("POST", path);
    request.setRequestHeader("Idempotency-Key", idempotencyKey());
    request.upload.addEventListener("progress", (event) => progress(event.total ? event.loaded / event.total : 0));
    request.addEventListener("error", () => reject(new ApiError(0, "network")));
    request.addEventListener("abort", () => reject(new ApiError(0, "aborted")));
    request.addEventListener("load", () => {
      const id = request.getResponseHeader("x-request-id") ?? "";
      const response = new Response(request.responseText, { status: request.status, headers: { "x-request-id": id } });
      if (response.ok) resolve(JSON.parse(request.responseText) as T);
      else errorOf(response).then(reject, reject);
    });
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}
