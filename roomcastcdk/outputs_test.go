package roomcastcdk

import (
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

var allOutputs = []string{"ApiId", "BroadcastQueueArn", "BroadcastQueueUrl", "CallbackUrl", "ConnectionTableName", "DeadLetterQueueUrl", "MessageTableName", "WebSocketUrl"}

// outputsOf returns the names of a stack's outputs.
func outputsOf(stack awscdk.Stack) []string {
	outputs, _ := (*templateOf(stack).ToJSON())["Outputs"].(map[string]any)
	return slices.Sorted(maps.Keys(outputs))
}

func TestAddOutputs(t *testing.T) {
	t.Run("open", func(t *testing.T) {
		stack := newStack(t, nil)
		newChat(stack).AddOutputs()
		if got := outputsOf(stack); !slices.Equal(got, allOutputs) {
			t.Errorf("got %v, want %v", got, allOutputs)
		}
	})
	t.Run("with a secret", func(t *testing.T) {
		stack := newStack(t, nil)
		NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: NewJwtAuthorizer(stack, jsii.String("Users"), nil)}).AddOutputs()
		if got, want := outputsOf(stack), slices.Insert(slices.Clone(allOutputs), 1, "AuthSecretArn"); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("in a nested stack", func(t *testing.T) {
		stack := newStack(t, nil)
		newChat(awscdk.NewNestedStack(stack, jsii.String("Nested"), nil)).AddOutputs()
		if got := outputsOf(stack); !slices.Equal(got, allOutputs) {
			t.Errorf("the outer stack has %v, want %v", got, allOutputs)
		}
	})
	t.Run("twice", func(t *testing.T) {
		stack := newStack(t, nil)
		newChat(stack).AddOutputs()
		second := NewChatApi(stack, jsii.String("Second"), &ChatApiProps{Auth: OpenAuth()})
		expectPanic(t, `AddOutputs "Stack/Second": the stack "Stack" already has "WebSocketUrl": remove that, or define this ChatApi in a stack of its own`, second.AddOutputs)
	})
}
