package roomcasttest

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestItemsAreDecoded(t *testing.T) {
	t.Parallel()
	got := decodeMap(map[string]types.AttributeValue{
		"s":    &types.AttributeValueMemberS{Value: "x"},
		"n":    &types.AttributeValueMemberN{Value: "1697654400000"},
		"b":    &types.AttributeValueMemberBOOL{Value: true},
		"null": &types.AttributeValueMemberNULL{Value: true},
		"raw":  &types.AttributeValueMemberB{Value: []byte{1}},
		"ss":   &types.AttributeValueMemberSS{Value: []string{"b", "a"}},
		"ns":   &types.AttributeValueMemberNS{Value: []string{"10", "9.5"}},
		"bs":   &types.AttributeValueMemberBS{Value: [][]byte{{2}}},
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"in": &types.AttributeValueMemberS{Value: "deep"}}},
		}},
	})
	want := map[string]any{
		"s": "x", "n": 1697654400000.0, "b": true, "null": nil, "raw": []byte{1},
		"ss": []string{"a", "b"}, "ns": []float64{9.5, 10}, "bs": [][]byte{{2}},
		"l": []any{map[string]any{"in": "deep"}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	again, err := encodeItem(want)
	if err != nil {
		t.Fatal(err)
	}
	if back := decodeMap(again); !reflect.DeepEqual(back, want) {
		t.Errorf("written and read again: %v", back)
	}
}

func TestNumbersOfAnyTypeAreEncoded(t *testing.T) {
	t.Parallel()
	for value, want := range map[any]string{
		int64(1 << 62): "4611686018427387904", 3: "3", uint8(7): "7", float32(0.5): "0.5", 1e21: "1000000000000000000000",
	} {
		got, err := encodeValue(value)
		n, ok := got.(*types.AttributeValueMemberN)
		if err != nil || !ok || n.Value != want {
			t.Errorf("%v is encoded as %v, %v", value, got, err)
		}
	}
	_, err := encodeItem(map[string]any{"list": []any{make(chan int)}})
	if err == nil || !strings.Contains(err.Error(), "list: a chan int cannot be stored") {
		t.Errorf("a channel: %v", err)
	}
}
