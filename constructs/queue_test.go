package constructs

import (
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
		"sendmessage": "kms:Decrypt kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo kms:Decrypt kms:GenerateDataKey",
		"cursors":     "kms:Decrypt kms:Decrypt",
		"presence":    "kms:Decrypt",
	} {
		got := map[string]bool{}
		for _, one := range allowed(t, template, handler) {
			if action, on, _ := strings.Cut(one, " on "); on == "Key" {
				got[action] = true
			}
		}
		for action := range strings.FieldsSeq(want) {
			if !got[action] {
				t.Errorf("%s may not %s", handler, action)
			}
			delete(got, action)
		}
		for action := range got {
			if !strings.Contains(want, action) {
				t.Errorf("%s may %s", handler, action)
			}
		}
	}
}
