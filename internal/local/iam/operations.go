package iam

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// operation compares a value of the request with a value of the policy.
type operation struct {
	compare   func(got, want string) bool
	negated   bool
	wildcards bool              // the policy's values are patterns
	valid     func(string) bool // refuses invalid values of a policy; nil for no check
}

// operations has the supported condition operators, without qualifiers. Other
// operators are reported.
var operations = map[string]operation{
	"StringEquals":              {compare: equal},
	"StringNotEquals":           {compare: equal, negated: true},
	"StringEqualsIgnoreCase":    {compare: strings.EqualFold},
	"StringNotEqualsIgnoreCase": {compare: strings.EqualFold, negated: true},
	"StringLike":                {compare: like, wildcards: true},
	"StringNotLike":             {compare: like, wildcards: true, negated: true},

	"ArnEquals":    {compare: likeARN, wildcards: true},
	"ArnNotEquals": {compare: likeARN, wildcards: true, negated: true},
	"ArnLike":      {compare: likeARN, wildcards: true},
	"ArnNotLike":   {compare: likeARN, wildcards: true, negated: true},

	"Bool": {compare: strings.EqualFold, valid: isBool},

	"NumericEquals":            numeric(func(sign int) bool { return sign == 0 }),
	"NumericNotEquals":         not(numeric(func(sign int) bool { return sign == 0 })),
	"NumericLessThan":          numeric(func(sign int) bool { return sign < 0 }),
	"NumericLessThanEquals":    numeric(func(sign int) bool { return sign <= 0 }),
	"NumericGreaterThan":       numeric(func(sign int) bool { return sign > 0 }),
	"NumericGreaterThanEquals": numeric(func(sign int) bool { return sign >= 0 }),

	"DateEquals":            date(func(sign int) bool { return sign == 0 }),
	"DateNotEquals":         not(date(func(sign int) bool { return sign == 0 })),
	"DateLessThan":          date(func(sign int) bool { return sign < 0 }),
	"DateLessThanEquals":    date(func(sign int) bool { return sign <= 0 }),
	"DateGreaterThan":       date(func(sign int) bool { return sign > 0 }),
	"DateGreaterThanEquals": date(func(sign int) bool { return sign >= 0 }),

	"IpAddress":    {compare: inRange, valid: isRange},
	"NotIpAddress": {compare: inRange, valid: isRange, negated: true},
}

func equal(got, want string) bool      { return got == want }
func like(got, pattern string) bool    { return glob(pattern, got) }
func likeARN(got, pattern string) bool { return matchARN(pattern, got) }

func isBool(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }

func not(o operation) operation {
	o.negated = true
	return o
}

// numeric returns an operation on numbers. sign is the sign of the request's value
// minus the policy's.
func numeric(holds func(sign int) bool) operation {
	isNumber := func(s string) bool {
		_, err := strconv.ParseFloat(s, 64)
		return err == nil || strings.Contains(s, "${")
	}
	return operation{valid: isNumber, compare: func(got, want string) bool {
		a, err := strconv.ParseFloat(got, 64)
		if err != nil {
			return false
		}
		b, err := strconv.ParseFloat(want, 64)
		if err != nil {
			return false
		}
		switch {
		case a < b:
			return holds(-1)
		case a > b:
			return holds(1)
		default:
			return a == b && holds(0) // NaN equals nothing
		}
	}}
}

// date returns an operation on times.
func date(holds func(sign int) bool) operation {
	isDate := func(s string) bool {
		_, ok := parseDate(s)
		return ok || strings.Contains(s, "${")
	}
	return operation{valid: isDate, compare: func(got, want string) bool {
		a, ok := parseDate(got)
		if !ok {
			return false
		}
		b, ok := parseDate(want)
		return ok && holds(a.Compare(b))
	}}
}

// parseDate parses ISO 8601, also with a day only, or seconds since 1970.
func parseDate(s string) (time.Time, bool) {
	if seconds, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Unix(seconds, 0), true
	}
	for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func isRange(s string) bool {
	_, ok := parseRange(s)
	return ok
}

// parseRange parses a range of addresses, or a single address.
func parseRange(s string) (netip.Prefix, bool) {
	if prefix, err := netip.ParsePrefix(s); err == nil {
		return prefix, true
	}
	address, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	return netip.PrefixFrom(address, address.BitLen()), true
}

func inRange(got, want string) bool {
	prefix, ok := parseRange(want)
	address, err := netip.ParseAddr(got)
	return ok && err == nil && prefix.Contains(address.Unmap())
}
