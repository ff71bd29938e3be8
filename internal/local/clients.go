package local

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// deployer signs the calls by which the cloud itself makes tables and queues,
// as CloudFormation would for a deployment.
var deployer = credentials.NewStaticCredentialsProvider("ROOMCASTDEPLOYER", "local", "")

func (c *Cloud) dynamoDB() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(c.frontDoor.Endpoint()),
		Region:       region,
		Credentials:  deployer,
	})
}

func (c *Cloud) sqs() *sqs.Client {
	return sqs.New(sqs.Options{
		BaseEndpoint: aws.String(c.frontDoor.Endpoint()),
		Region:       region,
		Credentials:  deployer,
	})
}
