// DynamoDB: dynalite, in memory.
import { announce, endWithParent, keepConnections, refuseWebPages } from "./child.mjs";

endWithParent();

// dynalite builds its ARNs from these.
process.env.AWS_ACCOUNT_ID = "000000000000";
process.env.AWS_REGION = "us-east-1";

const { default: dynalite } = await import("dynalite");
const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
keepConnections(server);

// dynalite throws, and so would end, when a caller goes away in the middle of
// its request. That caller is gone: there is nobody to tell.
server.on("request", (request) => {
  request.removeAllListeners("error");
  request.on("error", () => {});
});

refuseWebPages(server);
server.listen(0, "127.0.0.1", () => announce(server.address().port));
