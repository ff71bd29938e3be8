package e2e_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/roomcast/roomcast/roomcasttest"
)

func tables(stack *roomcasttest.Stack) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(stack.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// rows returns the items of a partition of the connection table.
func rows(t *testing.T, stack *roomcasttest.Stack, pk string) []map[string]types.AttributeValue {
	t.Helper()
	return query(t, stack, stack.Output("ConnectionTableName"), pk)
}

// query returns the items of a partition of any table.
func query(t *testing.T, stack *roomcasttest.Stack, table, pk string) []map[string]types.AttributeValue {
	t.Helper()
	out, err := tables(stack).Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": text(pk)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Items
}

// putGhost writes the rows of a connection that the gateway does not know, as
// a lost $disconnect leaves them.
func putGhost(t *testing.T, stack *roomcasttest.Stack, id, user, room string, since time.Time) {
	t.Helper()
	common := func(pk, sk string) map[string]types.AttributeValue {
		return map[string]types.AttributeValue{
			"pk": text(pk), "sk": text(sk), "connectionId": text(id), "userId": text(user),
			"connectedAt": number(since.UnixMilli()), "ttl": number(since.Add(2*time.Hour + 5*time.Minute).Unix()),
		}
	}
	connection := common("CONN#"+id, "-")
	connection["rooms"] = &types.AttributeValueMemberSS{Value: []string{room}}
	member := common("ROOM#"+room+"#0", id)
	member["roomId"] = text(room)
	for _, item := range []map[string]types.AttributeValue{connection, member, common("USER#"+user, id)} {
		if _, err := tables(stack).PutItem(t.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(stack.Output("ConnectionTableName")), Item: item,
		}); err != nil {
			t.Fatal(err)
		}
	}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}
