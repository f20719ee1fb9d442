/** Whether the value at `index` stands above the one before it; missing ones do not disturb. */
export function inOrder(values: readonly (number | null | undefined)[], index: number): boolean {
  const [before, value] = [values[index - 1], values[index]];
  return before === null || before === undefined || value === null || value === undefined || before < value;
}
