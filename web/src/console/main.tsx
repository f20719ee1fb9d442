import "@/shared/base.css";
import "./console.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { startI18n } from "@/shared/i18n";
import { App } from "./App";

async function start(): Promise<void> {
  await startI18n();
  const root = document.querySelector("#root");
  if (!root) throw new Error("the page has no #root");
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void start();
