import "./api.gen";

/** Endpoints of the contract that the server does not serve yet; each leaves this file when the generated one has it. */
type Get<Out, Query = never> = { parameters: { query?: Query; path?: never }; responses: { 200: { content: { "application/json": Out } } } };

interface Figure {
  id: string;
  zh: string;
  en: string;
  value: number | null;
  unit: "fen" | "people" | "count" | "rate";
  compare?: { value: number | null; zh: string; en: string } | null;
  definition_zh: string;
  definition_en: string;
  link: string | null;
}

interface Today {
  as_of: string | null;
  figures: Figure[];
  tasks: { id: string; zh: string; en: string; count: number; link: string; due_at?: string | null }[];
  checklist: { id: string; done: boolean; link: string }[];
}

declare module "./api.gen" {
  interface paths {
    "/api/today": { get: Get<Today> };
    "/api/search": {
      get: Get<
        { customers: { id: string; name: string | null; city: string | null }[]; orders: { id: string; order_no: string; customer?: { id: string | null; name: string | null } | null }[] },
        { q: string }
      >;
    };
  }
}
