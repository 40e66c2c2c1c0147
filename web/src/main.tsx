import "./nonce";
import "./workers";

import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import "./theme.css";
import "./bar.css";
import "./panel.css";

import { createRoot } from "react-dom/client";

import { Workbench } from "./workbench";

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(<Workbench />);
}
