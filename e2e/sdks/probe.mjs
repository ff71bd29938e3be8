// Uses each service of a run through the AWS SDK for JavaScript as it comes: no
// option but those in the environment. Arguments: the name of a table, the URL
// and the name of a queue, the ARN of a secret.
import assert from "node:assert/strict";
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import {
  CreateQueueCommand, DeleteMessageCommand, GetQueueAttributesCommand, GetQueueUrlCommand, ListQueuesCommand,
  ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

const [table, queueURL, queueName, secret] = process.argv.slice(2);

const dynamodb = new DynamoDBClient();
assert((await dynamodb.send(new ListTablesCommand())).TableNames.includes(table));
const key = { pk: { S: "probe" }, sk: { S: "javascript" } };
await dynamodb.send(new PutItemCommand({ TableName: table, Item: { ...key, n: { N: "1" } } }));
assert.equal((await dynamodb.send(new GetItemCommand({ TableName: table, Key: key }))).Item.n.N, "1");
const query = { TableName: table, KeyConditionExpression: "pk = :p", ExpressionAttributeValues: { ":p": { S: "probe" } } };
assert((await dynamodb.send(new QueryCommand(query))).Count >= 1);

const sqs = new SQSClient();
const urls = [queueURL, (await sqs.send(new GetQueueUrlCommand({ QueueName: queueName }))).QueueUrl];
urls.push(...(await sqs.send(new ListQueuesCommand({ QueueNamePrefix: queueName }))).QueueUrls);
assert.equal(urls.length, 3);
for (const QueueUrl of urls) {
  assert(new URL(QueueUrl).host === new URL(process.env.AWS_ENDPOINT_URL).host, QueueUrl);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }));
  assert(Attributes.QueueArn.endsWith(":" + queueName));
}
const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "javascript" }));
await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "one", MessageAttributes: { a: { DataType: "String", StringValue: "b" } } }));
await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: "2", MessageBody: "two" }] }));
const bodies = [];
while (bodies.length < 2) {
  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }));
  for (const { Body, ReceiptHandle } of Messages) {
    bodies.push(Body);
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
}
assert.deepEqual(bodies.sort(), ["one", "two"]);

const secrets = new SecretsManagerClient();
assert((await secrets.send(new GetSecretValueCommand({ SecretId: secret }))).SecretString);

const ssm = new SSMClient();
await ssm.send(new PutParameterCommand({ Name: "/probe/javascript", Value: "v", Type: "String" }));
assert.equal((await ssm.send(new GetParameterCommand({ Name: "/probe/javascript" }))).Parameter.Value, "v");

// Errors have the names that programs catch.
await assert.rejects(sqs.send(new GetQueueUrlCommand({ QueueName: "nobody" })), { name: "QueueDoesNotExist" });
await assert.rejects(dynamodb.send(new GetItemCommand({ TableName: "Nobody", Key: key })), { name: "ResourceNotFoundException" });
console.log("ok");
