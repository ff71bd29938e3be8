import { ApiGatewayManagementApiClient, GoneException, PostToConnectionCommand } from "@aws-sdk/client-apigatewaymanagementapi";

import { members, remove, roomOf } from "./connections";
import type { Response, WebSocketEvent } from "./event";

export async function sendMessage(event: WebSocketEvent): Promise<Response> {
  const { connectionId, domainName, stage } = event.requestContext;
  const { message } = JSON.parse(event.body ?? "{}");
  const roomId = await roomOf(connectionId);
  if (!roomId) return { statusCode: 404 };

  const api = new ApiGatewayManagementApiClient({ endpoint: `https://${domainName}/${stage}` });
  const Data = JSON.stringify({ from: connectionId, roomId, message });
  await Promise.all(
    (await members(roomId)).map(async (ConnectionId) => {
      try {
        await api.send(new PostToConnectionCommand({ ConnectionId, Data }));
      } catch (error) {
        if (!(error instanceof GoneException)) throw error;
        console.log("gone", ConnectionId);
        await remove(ConnectionId);
      }
    }),
  );
  return { statusCode: 200 };
}
