import { DeleteItemCommand, DynamoDBClient, GetItemCommand, PutItemCommand, QueryCommand, type AttributeValue } from "@aws-sdk/client-dynamodb";

import type { Response, WebSocketEvent } from "./event";

const db = new DynamoDBClient({});
const TableName = process.env.CONNECTIONS_TABLE;

export async function connect(event: WebSocketEvent): Promise<Response> {
  const roomId = event.queryStringParameters?.roomId;
  if (!roomId) return { statusCode: 400, body: "roomId is missing" };
  const expiresAt = Math.floor(Date.now() / 1000) + 2 * 60 * 60;
  await db.send(
    new PutItemCommand({
      TableName,
      Item: { connectionId: { S: event.requestContext.connectionId }, roomId: { S: roomId }, expiresAt: { N: String(expiresAt) } },
      ConditionExpression: "attribute_not_exists(connectionId)",
    }),
  );
  return { statusCode: 200 };
}

export async function disconnect(event: WebSocketEvent): Promise<Response> {
  console.log("disconnected", event.requestContext.connectionId);
  await remove(event.requestContext.connectionId);
  return { statusCode: 200 };
}

export async function remove(connectionId: string): Promise<void> {
  await db.send(new DeleteItemCommand({ TableName, Key: { connectionId: { S: connectionId } } }));
}

export async function roomOf(connectionId: string): Promise<string | undefined> {
  const { Item } = await db.send(new GetItemCommand({ TableName, Key: { connectionId: { S: connectionId } } }));
  return Item?.roomId?.S;
}

// members reads the index page by page.
export async function members(roomId: string): Promise<string[]> {
  const found: string[] = [];
  let ExclusiveStartKey: Record<string, AttributeValue> | undefined;
  do {
    const page = await db.send(
      new QueryCommand({
        TableName,
        IndexName: "byRoom",
        KeyConditionExpression: "roomId = :room",
        ExpressionAttributeValues: { ":room": { S: roomId } },
        Limit: 5,
        ExclusiveStartKey,
      }),
    );
    for (const item of page.Items ?? []) found.push(item.connectionId!.S!);
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return found;
}
