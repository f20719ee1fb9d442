/** Codes of refusals because of what others have done meanwhile: the broadcast is read anew and shows it. */
export const elsewhere = new Set(["broadcast.changed", "segment.not_found", "material.not_found"]);
