package roomcastcdk

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// TestEncryptionKey gives a ChatApi a key: everything that it makes to keep
// data in is encrypted with it, and who uses it may use the key.
func TestEncryptionKey(t *testing.T) {
	stack := newStackWithRegion(t)
	NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), EncryptionKey: newKey(stack)})
	template := templateOf(stack)

	for id, queue := range all(template, "AWS::SQS::Queue") {
		if key := reference(properties(queue)["KmsMasterKeyId"]); key != "Key" {
			t.Errorf("%s is encrypted with %s, want Key", id, key)
		}
	}
	for id, table := range all(template, "AWS::DynamoDB::GlobalTable") {
		if replicaOf(table)["SSESpecification"] == nil {
			t.Errorf("%s is not encrypted with the key", id)
		}
	}
	const writes = "kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo"
	for handler, want := range map[string]string{
		"messages":  writes,
		"ephemeral": writes,
		"cursors":   "kms:Decrypt",
	} {
		var may []string
		for _, one := range allowed(t, template, handler) {
			if action, on, _ := strings.Cut(one, " on "); on == "Key" {
				may = append(may, action)
			}
		}
		if got := strings.Join(slices.Compact(may), " "); got != want {
			t.Errorf("%s may %s with the key, want %s", handler, got, want)
		}
	}
}

// TestEncryptionKeyInChina: whatever of its two domains AWS writes there, the
// functions may use the key.
func TestEncryptionKeyInChina(t *testing.T) {
	stack := newStackOf(t, nil, &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("cn-north-1")}})
	NewChatApi(stack, jsii.String("Chat"), &ChatApiProps{Auth: OpenAuth(), EncryptionKey: newKey(stack)})
	policy := fmt.Sprint(properties(resource(t, templateOf(stack), "AWS::IAM::Policy", "ChatInboxRoleDefaultPolicy")))
	if want := "kms:ViaService:[dynamodb.cn-north-1.amazonaws.com dynamodb.cn-north-1.amazonaws.com.cn]"; !strings.Contains(policy, want) {
		t.Errorf("the policy lacks %s: %s", want, policy)
	}
}
