package template

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

func (r *Resolver) join(argument any) (any, error) {
	delimiter, items, err := r.pair(argument, "expected [delimiter, list]")
	if err != nil {
		return nil, err
	}
	list, ok := items.([]any)
	if !ok {
		return nil, fmt.Errorf("expected a list to join, not %s", kind(items))
	}
	var joined strings.Builder
	for i, item := range list {
		s, err := text(item)
		if err != nil {
			return nil, fmt.Errorf("item %d: %w", i, err)
		}
		if i > 0 {
			joined.WriteString(delimiter)
		}
		joined.WriteString(s)
		if err := bounded(joined.Len()); err != nil {
			return nil, err
		}
	}
	return joined.String(), nil
}

func (r *Resolver) split(argument any) (any, error) {
	delimiter, source, err := r.pair(argument, "expected [delimiter, string]")
	if err != nil {
		return nil, err
	}
	s, err := text(source)
	if err != nil {
		return nil, err
	}
	if delimiter == "" {
		return nil, errors.New("expected a delimiter")
	}
	var parts []any
	for part := range strings.SplitSeq(s, delimiter) {
		parts = append(parts, part)
	}
	return parts, nil
}

func (r *Resolver) selectItem(argument any) (any, error) {
	index, items, err := r.pair(argument, "expected [index, list]")
	if err != nil {
		return nil, err
	}
	list, ok := items.([]any)
	if !ok {
		return nil, fmt.Errorf("expected a list to select from, not %s", kind(items))
	}
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(list) {
		return nil, fmt.Errorf("invalid index %q: the list has %d items", index, len(list))
	}
	return list[i], nil
}

// pair resolves an argument of two, of which the first is a string.
func (r *Resolver) pair(argument any, want string) (first string, second any, err error) {
	raw, ok := argument.([]any)
	if !ok || len(raw) != 2 {
		return "", nil, errors.New(want)
	}
	if first, err = r.text(raw[0]); err != nil {
		return "", nil, at("0", err)
	}
	second, err = r.resolve(raw[1])
	return first, second, at("1", err)
}

// zones returns three zones, which most Regions have.
func (r *Resolver) zones(argument any) (any, error) {
	region, err := r.text(argument)
	if err != nil {
		return nil, err
	}
	if region == "" {
		region = r.scope.Region
	}
	return []any{region + "a", region + "b", region + "c"}, nil
}
