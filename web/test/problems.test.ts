import { describe, expect, it } from "vitest";

import { ApiError, missingThing } from "@/shared/api";

function invalid(...fields: string[]): ApiError {
  return new ApiError(422, "invalid", { fields: fields.map((field) => ({ field, reason: "…", kind: "…" })) }, "r-1");
}

describe("missingThing", () => {
  it.each([
    ["/api/customers/{id}", "id", "customer.not_found"],
    ["/api/imports/{import_id}", "import_id", "import.not_found"],
    ["/api/group_handovers/{id}/groups", "id", "group_handover.not_found"],
  ])("says of a malformed id in %s that no such thing exists", (path, field, code) => {
    expect(missingThing(invalid(field), path)).toMatchObject({ status: 404, code, requestId: "r-1" });
  });

  it("says the same of an id with a character that cannot be kept", () => {
    const problem = new ApiError(422, "text.unprintable", { field: "order_id" }, "r-2");
    expect(missingThing(problem, "/api/orders/{order_id}")).toMatchObject({ status: 404, code: "order.not_found", requestId: "r-2" });
    expect(missingThing(problem, "/api/orders")).toBe(problem);
  });

  it("leaves what is wrong elsewhere as it is", () => {
    for (const problem of [invalid("cursor"), invalid("id", "cursor"), invalid(), new ApiError(422, "invalid", { field: "id" }), new ApiError(409, "busy")]) {
      expect(missingThing(problem, "/api/customers/{id}")).toBe(problem);
    }
  });
});
