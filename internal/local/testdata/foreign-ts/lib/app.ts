import { App, CfnOutput, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import * as apigateway from "aws-cdk-lib/aws-apigatewayv2";
import { WebSocketLambdaIntegration } from "aws-cdk-lib/aws-apigatewayv2-integrations";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import * as lambda from "aws-cdk-lib/aws-lambda";
import * as logs from "aws-cdk-lib/aws-logs";

// outdir and the switches below only keep what is in git small.
const app = new App({ outdir: "assembly", analyticsReporting: false, treeMetadata: false });
const stack = new Stack(app, "ForeignChat");

const connections = new dynamodb.Table(stack, "Connections", {
  partitionKey: { name: "connectionId", type: dynamodb.AttributeType.STRING },
  billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
  timeToLiveAttribute: "expiresAt",
  removalPolicy: RemovalPolicy.DESTROY,
});
connections.addGlobalSecondaryIndex({
  indexName: "byRoom",
  partitionKey: { name: "roomId", type: dynamodb.AttributeType.STRING },
  sortKey: { name: "connectionId", type: dynamodb.AttributeType.STRING },
  projectionType: dynamodb.ProjectionType.KEYS_ONLY,
});

function handler(id: string, name: string): lambda.Function {
  const made = new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_22_X,
    code: lambda.Code.fromAsset("dist"),
    handler: name,
    timeout: Duration.seconds(10),
    memorySize: 256,
    environment: { CONNECTIONS_TABLE: connections.tableName },
    // Makes a custom resource, and a function of CDK's own behind it.
    logRetention: logs.RetentionDays.ONE_WEEK,
  });
  connections.grantReadWriteData(made);
  return made;
}

const sendMessage = handler("SendMessage", "index.sendMessage");
const fallback = new lambda.Function(stack, "Fallback", {
  runtime: lambda.Runtime.NODEJS_22_X,
  handler: "index.handler",
  code: lambda.Code.fromInline(
    `exports.handler = (event, context, callback) => {
  const body = JSON.stringify({ error: "unknown action", connectionId: event.requestContext.connectionId });
  callback(null, { statusCode: 200, body });
};`,
  ),
});

const api = new apigateway.WebSocketApi(stack, "Api", {
  routeSelectionExpression: "$request.body.action",
  connectRouteOptions: { integration: new WebSocketLambdaIntegration("Connect", handler("Connect", "index.connect")) },
  disconnectRouteOptions: { integration: new WebSocketLambdaIntegration("Disconnect", handler("Disconnect", "index.disconnect")) },
});
api.addRoute("$default", { integration: new WebSocketLambdaIntegration("Fallback", fallback), returnResponse: true });
api.addRoute("sendmessage", { integration: new WebSocketLambdaIntegration("SendMessage", sendMessage) });
const stage = new apigateway.WebSocketStage(stack, "Prod", { webSocketApi: api, stageName: "prod", autoDeploy: true });
stage.grantManagementApiAccess(sendMessage);

new CfnOutput(stack, "Url", { value: stage.url });
new CfnOutput(stack, "TableName", { value: connections.tableName });

app.synth();
