import type { Plugin } from "vite";

/** Sends a path without a file to the page of its front, as the product's own server does. */
export function fronts(): Plugin {
  return {
    name: "siyu-fronts",
    apply: "serve",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        const path = (request.url ?? "/").split("?")[0] ?? "/";
        const isPage = request.method === "GET" && !path.startsWith("/api/") && !path.startsWith("/@") && !/^\/(src|node_modules)\//.test(path) && !/\.\w+$/.test(path);
        if (isPage) request.url = path.startsWith("/side") ? "/side.html" : path.startsWith("/h5") ? "/h5.html" : "/index.html";
        next();
      });
    },
  };
}
