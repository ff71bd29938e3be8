package dynamo

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is an item of a table, or a part of one.
type item map[string]types.AttributeValue

// key returns the primary key of an item.
func (i item) key() item {
	return item{attrPK: i[attrPK], attrSK: i[attrSK]}
}

// with returns an item that has the attributes of both.
func (i item) with(more item) item {
	both := maps.Clone(i)
	maps.Copy(both, more)
	return both
}

func text(s string) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: s}
}

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func numberSet(n []int) types.AttributeValue {
	values := make([]string, len(n))
	for i := range n {
		values[i] = strconv.Itoa(n[i])
	}
	return &types.AttributeValueMemberNS{Value: values}
}

func textSet(s ...string) types.AttributeValue {
	return &types.AttributeValueMemberSS{Value: s}
}

// text returns an attribute, "" if it is missing.
func (i item) text(attr string) string {
	if v, ok := i[attr].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

// number returns an attribute, 0 if it is missing.
func (i item) number(attr string) int64 {
	v, ok := i[attr].(*types.AttributeValueMemberN)
	if !ok {
		return 0
	}
	n, _ := strconv.ParseInt(v.Value, 10, 64) // only this package writes numbers, and writes whole ones
	return n
}

// flag returns an attribute, false if it is missing.
func (i item) flag(attr string) bool {
	v, ok := i[attr].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

// millis returns a time in ms, the zero time if it is missing.
func (i item) millis(attr string) time.Time {
	if n := i.number(attr); n != 0 {
		return time.UnixMilli(n)
	}
	return time.Time{}
}

// seconds returns a time in seconds, the zero time if it is missing.
func (i item) seconds(attr string) time.Time {
	if n := i.number(attr); n != 0 {
		return time.Unix(n, 0)
	}
	return time.Time{}
}

// textSet returns an attribute, nil if it is missing.
func (i item) textSet(attr string) []string {
	if v, ok := i[attr].(*types.AttributeValueMemberSS); ok {
		return v.Value
	}
	return nil
}

// numberSet returns an attribute in ascending order, nil if it is missing.
func (i item) numberSet(attr string) []int {
	v, ok := i[attr].(*types.AttributeValueMemberNS)
	if !ok {
		return nil
	}
	numbers := make([]int, len(v.Value))
	for i, text := range v.Value {
		numbers[i], _ = strconv.Atoi(text) // as above
	}
	slices.Sort(numbers)
	return numbers
}

// expired reports whether an item has expired, whether deleted yet or not.
func (i item) expired(now time.Time) bool {
	return i.number(attrTTL) <= now.Unix()
}
