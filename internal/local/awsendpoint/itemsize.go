package awsendpoint

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// value is a value of an item in DynamoDB's JSON.
type value struct {
	S, N, B    *string
	BOOL, NULL *bool
	SS, NS, BS []string
	L          []value
	M          map[string]value
}

// sizeOf returns the size of an item in bytes as DynamoDB counts it, names and
// values. AWS documents only an approximate size for numbers.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
func sizeOf(item map[string]value) int {
	size := 0
	for name, v := range item {
		size += len(name) + v.size()
	}
	return size
}

func (v value) size() int {
	const container, element = 3, 1
	switch {
	case v.S != nil:
		return len(*v.S)
	case v.N != nil:
		return sizeOfNumber(*v.N)
	case v.B != nil:
		return sizeOfBinary(*v.B)
	case v.M != nil:
		return container + len(v.M)*element + sizeOf(v.M)
	case v.L != nil:
		size := container
		for _, one := range v.L {
			size += element + one.size()
		}
		return size
	}
	size := 0
	for _, one := range v.SS {
		size += len(one)
	}
	for _, one := range v.NS {
		size += sizeOfNumber(one)
	}
	for _, one := range v.BS {
		size += sizeOfBinary(one)
	}
	return max(size, 1) // true, false and null take a byte
}

// sizeOfNumber returns one byte plus one for every two significant digits.
func sizeOfNumber(text string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(text), "e")
	digits := strings.Trim(strings.NewReplacer("-", "", "+", "", ".", "").Replace(mantissa), "0")
	size := 1 + (len(digits)+1)/2
	if strings.HasPrefix(text, "-") {
		size++
	}
	return size
}

func sizeOfBinary(text string) int {
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return len(text)
	}
	return len(data)
}

// itemOf returns the item in the answer of GetItem, or nil.
func itemOf(answer []byte) map[string]value {
	var body struct{ Item map[string]value }
	if json.Unmarshal(answer, &body) != nil {
		return nil
	}
	return body.Item
}
