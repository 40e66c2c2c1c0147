import type { CodegenConfig } from "@graphql-codegen/cli";

const config: CodegenConfig = {
  schema: `${process.env["SERVER_URL"] ?? "http://127.0.0.1:8000"}/schema.graphql`,
  documents: ["src/*.ts"],
  importExtension: ".js",
  generates: {
    "src/gql/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: "string",
        strictScalars: true,
        scalars: {
          Date: "string",
          DateTime: "string",
          EmailAddress: "string",
          GeoPoint: "string",
          JsonLd: "Record<string, unknown>",
        },
        enumsAsConst: true,
        useTypeImports: true,
      },
    },
  },
};

export default config;
