"""Uses each service of a run through boto3 as it comes: no option but those in
the environment. Arguments: the name of a table, the URL and the name of a
queue, the ARN of a secret."""

import os
import sys
from urllib.parse import urlsplit

import boto3
from boto3.dynamodb.conditions import Key

table, queue_url, queue_name, secret = sys.argv[1:]

dynamodb = boto3.client("dynamodb")
assert table in dynamodb.list_tables()["TableNames"]
key = {"pk": {"S": "probe"}, "sk": {"S": "python"}}
dynamodb.put_item(TableName=table, Item={**key, "n": {"N": "1"}})
assert dynamodb.get_item(TableName=table, Key=key)["Item"]["n"]["N"] == "1"
resource = boto3.resource("dynamodb").Table(table)
assert resource.query(KeyConditionExpression=Key("pk").eq("probe"))["Count"] >= 1

sqs = boto3.client("sqs")
urls = [queue_url, sqs.get_queue_url(QueueName=queue_name)["QueueUrl"]]
urls += sqs.list_queues(QueueNamePrefix=queue_name)["QueueUrls"]
assert len(urls) == 3, urls
for url in urls:
    assert urlsplit(url).netloc == urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc, url
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    assert attributes["QueueArn"].endswith(":" + queue_name)
queue = boto3.resource("sqs").create_queue(QueueName="python")
queue.send_message(MessageBody="one", MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
queue.send_messages(Entries=[{"Id": "2", "MessageBody": "two"}])
bodies = []
while len(bodies) < 2:
    for message in queue.receive_messages(MaxNumberOfMessages=10, WaitTimeSeconds=1):
        bodies.append(message.body)
        message.delete()
assert sorted(bodies) == ["one", "two"], bodies

assert boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]

ssm = boto3.client("ssm")
ssm.put_parameter(Name="/probe/python", Value="v", Type="String")
assert ssm.get_parameter(Name="/probe/python")["Parameter"]["Value"] == "v"

# Errors have the names that programs catch.
for call, code in [
    (lambda: sqs.get_queue_url(QueueName="nobody"), sqs.exceptions.QueueDoesNotExist),
    (lambda: dynamodb.get_item(TableName="Nobody", Key=key), dynamodb.exceptions.ResourceNotFoundException),
]:
    try:
        call()
    except code:
        continue
    raise AssertionError("expected " + code.__name__)
print("ok")
