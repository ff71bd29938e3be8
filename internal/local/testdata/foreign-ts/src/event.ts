// The parts of API Gateway's event that the handlers use.
export interface WebSocketEvent {
  body?: string;
  queryStringParameters?: Record<string, string | undefined>;
  requestContext: { connectionId: string; domainName: string; stage: string };
}

export interface Response {
  statusCode: number;
  body?: string;
}
