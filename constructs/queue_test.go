package constructs

import (
	"slices"
	"strings"
	"testing"

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
	for handler, want := range map[string]string{
		"sendmessage": "kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo",
		"cursormove":  "kms:Decrypt kms:GenerateDataKey",
		"cursors":     "kms:Decrypt",
		"presence":    "kms:Decrypt",
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
