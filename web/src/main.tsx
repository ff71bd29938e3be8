import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./App";
import "./styles/theme.css";
import "./styles/layout.css";
import "./styles/controls.css";
import "./styles/header.css";
import "./styles/chat.css";
import "./styles/canvas.css";
import "./styles/side.css";
import "./styles/toasts.css";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
