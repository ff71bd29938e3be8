package roomcastcdk

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/jsii-runtime-go"
)

// A table of the app's own has to have the keys of a table of Roomcast,
// whichever construct defines it. Those of an imported one are not known.
func TestKeysOfAnExistingTable(t *testing.T) {
	attribute := func(name string, kind awsdynamodb.AttributeType) *awsdynamodb.Attribute {
		return &awsdynamodb.Attribute{Name: jsii.String(name), Type: kind}
	}
	pk, sk := attribute("pk", awsdynamodb.AttributeType_STRING), attribute("sk", awsdynamodb.AttributeType_STRING)
	for _, test := range []struct {
		name, want    string
		hash, sortKey *awsdynamodb.Attribute
	}{
		{"the right ones", "", pk, sk},
		{"no sort key", `NewConnectionTable "C": invalid Table "Stack/E": expected the keys pk (string), sk (string), got pk (string); define it with these keys`, pk, nil},
		{"another name", "got id (string), sk (string)", attribute("id", awsdynamodb.AttributeType_STRING), sk},
		{"another type", "got pk (string), sk (number)", pk, attribute("sk", awsdynamodb.AttributeType_NUMBER)},
	} {
		t.Run(test.name, func(t *testing.T) {
			stack := newStack(t, nil)
			version2 := awsdynamodb.NewTableV2(stack, jsii.String("E"), &awsdynamodb.TablePropsV2{PartitionKey: test.hash, SortKey: test.sortKey})
			define := func() {
				NewConnectionTable(stack, jsii.String("C"), &ConnectionTableProps{Table: version2})
				NewMessageTable(stack, jsii.String("M"), &MessageTableProps{Table: version2})
			}
			if test.want == "" {
				define()
			} else {
				expectPanic(t, test.want, define)
			}
		})
	}
	stack := newStack(t, nil)
	imported := awsdynamodb.TableV2_FromTableName(stack, jsii.String("E"), jsii.String("orders"))
	NewMessageTable(stack, jsii.String("M"), &MessageTableProps{Table: imported})
}
