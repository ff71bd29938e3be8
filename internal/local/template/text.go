package template

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// maxText is the maximum size of a resolved string, in bytes. CloudFormation's
// limit for a whole template is 1 MB. Without a limit, nested splits and joins
// could grow a few bytes of template beyond the memory.
const maxText = 1 << 20

// text formats a scalar as CloudFormation does for a string: numbers as in the
// template, booleans as true and false.
func text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case json.Number:
		return v.String(), nil
	case bool:
		return strconv.FormatBool(v), nil
	case int:
		return strconv.Itoa(v), nil
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), nil
	}
	return "", fmt.Errorf("expected a string, not %s", kind(v))
}

// bounded refuses a string that is too long.
func bounded(n int) error {
	if n > maxText {
		return fmt.Errorf("the resolved string is longer than %d bytes", maxText)
	}
	return nil
}

// kind names the type of a resolved value in errors.
func kind(v any) string {
	switch v.(type) {
	case nil, noValue:
		return "nothing"
	case []any:
		return "a list"
	case map[string]any:
		return "an object"
	case bool:
		return "a boolean"
	case string:
		return "a string"
	}
	return "a number"
}
