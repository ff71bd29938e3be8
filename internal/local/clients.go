package local

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/roomcast/roomcast/internal/local/functions"
	"github.com/roomcast/roomcast/internal/local/plan"
)

// dynamoDB returns the client with which the cloud creates tables, as
// CloudFormation would.
func (c *Cloud) dynamoDB() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(c.endpoint.URL()),
		Region:       plan.Region,
		Credentials:  credentials.NewStaticCredentialsProvider(c.admin.AccessKeyID, c.admin.SecretAccessKey, ""),
	})
}

// sqs returns the client with which the cloud creates queues.
func (c *Cloud) sqs() *sqs.Client {
	return c.sqsWith(credentials.NewStaticCredentialsProvider(c.admin.AccessKeyID, c.admin.SecretAccessKey, ""))
}

// sqsOf returns a client that polls on behalf of a function. As on AWS, it uses the
// function's role.
func (c *Cloud) sqsOf(f *functions.Function) *sqs.Client {
	own := f.Credentials()
	return c.sqsWith(credentials.NewStaticCredentialsProvider(own.AccessKeyID, own.SecretAccessKey, own.SessionToken))
}

func (c *Cloud) sqsWith(p aws.CredentialsProvider) *sqs.Client {
	return sqs.New(sqs.Options{BaseEndpoint: aws.String(c.endpoint.URL()), Region: plan.Region, Credentials: p})
}
