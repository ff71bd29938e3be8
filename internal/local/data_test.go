package local

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A DynamoDB that runs already may hold a table of the name with other keys.
func TestTableThatExistsWithOtherKeys(t *testing.T) {
	t.Parallel()
	other := start(t, Options{Assembly: foreignApp(t), DisableIAM: true})
	db := other.dynamoDB()
	_, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String("orders"),
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeN}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		BillingMode:          types.BillingModePayPerRequest,
	})
	if err != nil {
		t.Fatal(err)
	}
	p := planned(t, `{"F": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "h", "Code": {"S3Key": "code.zip"},
		"Environment": {"Variables": {"ROOMCAST_CONNECTION_TABLE": "orders"}}}}}`)
	err = createTable(t.Context(), db, p.Tables[0], true)
	if want := "the table orders already exists with the keys id (number) instead of pk (string), sk (string): delete it"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v, want in it %q", err, want)
	}
}
