package roomcasttest

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func decodeItems(encoded []map[string]types.AttributeValue) []Item {
	var items []Item
	for _, attributes := range encoded {
		items = append(items, decodeMap(attributes))
	}
	return items
}

func decodeMap(encoded map[string]types.AttributeValue) map[string]any {
	decoded := make(map[string]any, len(encoded))
	for name, value := range encoded {
		decoded[name] = decodeValue(value)
	}
	return decoded
}

func decodeValue(value types.AttributeValue) any {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return decodeNumber(v.Value)
	case *types.AttributeValueMemberBOOL:
		return v.Value
	case *types.AttributeValueMemberB:
		return v.Value
	case *types.AttributeValueMemberM:
		return decodeMap(v.Value)
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, element := range v.Value {
			list[i] = decodeValue(element)
		}
		return list
	case *types.AttributeValueMemberSS:
		return slices.Sorted(slices.Values(v.Value))
	case *types.AttributeValueMemberNS:
		numbers := make([]float64, len(v.Value))
		for i, text := range v.Value {
			numbers[i] = decodeNumber(text)
		}
		slices.Sort(numbers)
		return numbers
	case *types.AttributeValueMemberBS:
		return v.Value
	}
	return nil // NULL
}

// decodeNumber loses digits beyond those of a float64: DynamoDB has more.
func decodeNumber(text string) float64 {
	n, _ := strconv.ParseFloat(text, 64) // DynamoDB has checked that it is one
	return n
}

func encodeItem(item map[string]any) (map[string]types.AttributeValue, error) {
	encoded := make(map[string]types.AttributeValue, len(item))
	for name, value := range item {
		attribute, err := encodeValue(value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		encoded[name] = attribute
	}
	return encoded, nil
}

func encodeValue(value any) (types.AttributeValue, error) {
	switch v := value.(type) {
	case nil:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case string:
		return &types.AttributeValueMemberS{Value: v}, nil
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}, nil
	case []byte:
		return &types.AttributeValueMemberB{Value: v}, nil
	case []string:
		return &types.AttributeValueMemberSS{Value: v}, nil
	case []float64:
		var numbers []string
		for _, n := range v {
			numbers = append(numbers, encodeFloat(n))
		}
		return &types.AttributeValueMemberNS{Value: numbers}, nil
	case [][]byte:
		return &types.AttributeValueMemberBS{Value: v}, nil
	case map[string]any:
		encoded, err := encodeItem(v)
		return &types.AttributeValueMemberM{Value: encoded}, err
	case []any:
		list := make([]types.AttributeValue, len(v))
		for i, element := range v {
			var err error
			if list[i], err = encodeValue(element); err != nil {
				return nil, err
			}
		}
		return &types.AttributeValueMemberL{Value: list}, nil
	}
	switch v := reflect.ValueOf(value); {
	case v.CanFloat():
		return &types.AttributeValueMemberN{Value: encodeFloat(v.Float())}, nil
	case v.CanInt():
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v.Int(), 10)}, nil
	case v.CanUint():
		return &types.AttributeValueMemberN{Value: strconv.FormatUint(v.Uint(), 10)}, nil
	}
	return nil, fmt.Errorf("a %T cannot be stored in DynamoDB", value)
}

func encodeFloat(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
