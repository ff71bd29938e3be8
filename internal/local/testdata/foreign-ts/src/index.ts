export { connect, disconnect } from "./connections";
export { sendMessage } from "./message";
