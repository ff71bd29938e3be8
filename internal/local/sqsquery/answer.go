package sqsquery

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"slices"
)

// namespace is the XML namespace of SQS's answers.
const namespace = "http://queue.amazonaws.com/doc/2012-11-05/"

// items has the element names of list items. Other lists are results of a batch.
var items = map[string]string{
	"QueueUrls": "QueueUrl", "queueUrls": "QueueUrl", "Messages": "Message", "Failed": "BatchResultErrorEntry",
}

// entries has the element names of map entries and their keys.
var entries = map[string][2]string{
	"Attributes": {"Attribute", "Name"}, "MessageAttributes": {"MessageAttribute", "Name"}, "Tags": {"Tag", "Key"},
}

// Answer converts the answer of a successful operation.
func Answer(operation string, body []byte) ([]byte, error) {
	var members map[string]any
	if len(bytes.TrimSpace(body)) > 0 {
		if err := json.Unmarshal(body, &members); err != nil {
			return nil, fmt.Errorf("the answer of %s: %w", operation, err)
		}
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<?xml version="1.0"?><%sResponse xmlns="%s"><%sResult>`, operation, namespace, operation)
	writeMembers(&out, operation, members)
	fmt.Fprintf(&out, `</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`,
		operation, requestID, operation)
	return out.Bytes(), nil
}

// requestID is the same in every answer: nothing here uses it.
const requestID = "00000000-0000-0000-0000-000000000000"

// Error converts an error. sender is true if the caller is at fault.
func Error(code, message string, sender bool) []byte {
	fault := "Receiver"
	if sender {
		fault = "Sender"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `<?xml version="1.0"?><ErrorResponse xmlns="%s"><Error><Type>%s</Type>`, namespace, fault)
	writeText(&out, "Code", code)
	writeText(&out, "Message", message)
	fmt.Fprintf(&out, `<Detail/></Error><RequestId>%s</RequestId></ErrorResponse>`, requestID)
	return out.Bytes()
}

func writeMembers(out *bytes.Buffer, operation string, members map[string]any) {
	for _, name := range slices.Sorted(maps.Keys(members)) {
		switch value := members[name].(type) {
		case nil:
		case []any:
			item := items[name]
			if item == "" {
				item = operation + "ResultEntry"
			}
			for _, one := range value {
				writeValue(out, operation, item, one)
			}
		case map[string]any:
			if as, ok := entries[name]; ok {
				writeEntries(out, operation, as, value)
			} else {
				writeValue(out, operation, name, value)
			}
		default:
			writeText(out, name, fmt.Sprint(value))
		}
	}
}

func writeEntries(out *bytes.Buffer, operation string, as [2]string, all map[string]any) {
	for _, key := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(out, "<%s>", as[0])
		writeText(out, as[1], key)
		writeValue(out, operation, "Value", all[key])
		fmt.Fprintf(out, "</%s>", as[0])
	}
}

func writeValue(out *bytes.Buffer, operation, name string, value any) {
	members, isObject := value.(map[string]any)
	if !isObject {
		writeText(out, name, fmt.Sprint(value))
		return
	}
	fmt.Fprintf(out, "<%s>", name)
	writeMembers(out, operation, members)
	fmt.Fprintf(out, "</%s>", name)
}

func writeText(out *bytes.Buffer, name, text string) {
	fmt.Fprintf(out, "<%s>", name)
	_ = xml.EscapeText(out, []byte(text)) // writing to a buffer never fails
	fmt.Fprintf(out, "</%s>", name)
}
