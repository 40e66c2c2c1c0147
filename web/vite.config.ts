import react from "@vitejs/plugin-react";
import { readFile } from "node:fs/promises";
import { defineConfig, type Plugin } from "vite";

/** Libraries that the page needs at once; Monaco and Prettier come in pieces of their own. */
const VENDOR = /node_modules\/(?!monaco-|prettier\/|graphql-language-service|vscode-|@graphiql\/react\/dist\/setup)/;

/** What Monaco was made of itself, which the list of licences does not say. */
const monacoNotices: Plugin = {
  name: "monaco-notices",
  async generateBundle() {
    const source = await readFile("node_modules/monaco-editor/ThirdPartyNotices.txt", "utf8");
    this.emitFile({ type: "asset", fileName: "licences-of-monaco.txt", source });
  },
};

export default defineConfig({
  base: "./",
  plugins: [react(), monacoNotices],
  html: { cspNonce: "{nonce}" },
  worker: { format: "es" },
  build: {
    outDir: "../server/static/workbench",
    emptyOutDir: true,
    target: "es2023",
    // A font or picture within a style sheet would need `data:` in the policy of the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 5_000,
    license: { fileName: "licences.md" },
    rolldownOptions: {
      checks: { moduleLevelDirective: false },
      output: {
        codeSplitting: { groups: [{ name: "vendor", test: VENDOR }] },
      },
    },
  },
});
