package secrets

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Password describes a generated password. Length is required.
type Password struct {
	// Length is the number of characters, up to 4096.
	Length int
	// Exclude has the characters to exclude.
	Exclude string
	// NoLowercase, NoUppercase, NoNumbers and NoPunctuation exclude kinds of
	// characters.
	NoLowercase, NoUppercase, NoNumbers, NoPunctuation bool
	// Space includes the space.
	Space bool
	// EachKind requires a character of each included kind.
	EachKind bool
}

// longest is the maximum length of Secrets Manager's passwords.
const longest = 4096

// The kinds of characters of Secrets Manager.
const (
	lowercase   = "abcdefghijklmnopqrstuvwxyz"
	uppercase   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers     = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// Generate makes up a password. It fails if none can be as it is asked for.
func (p Password) Generate() (string, error) {
	kinds := p.kinds()
	alphabet := strings.Join(kinds, "")
	if p.Space && !strings.Contains(p.Exclude, " ") {
		alphabet += " "
	}
	switch {
	case p.Length < 1 || p.Length > longest:
		return "", fmt.Errorf("a password of %d characters: choose 1 to %d", p.Length, longest)
	case alphabet == "":
		return "", errors.New("a password of no characters: every one is excluded")
	case p.EachKind && p.Length < len(kinds):
		return "", fmt.Errorf("a password of %d characters cannot hold %d kinds of them: make it longer", p.Length, len(kinds))
	}
	password := make([]byte, p.Length)
	for i := range password {
		from := alphabet
		if p.EachKind && i < len(kinds) {
			from = kinds[i]
		}
		password[i] = from[random(len(from))]
	}
	for i := len(password) - 1; i > 0; i-- {
		j := random(i + 1)
		password[i], password[j] = password[j], password[i]
	}
	return string(password), nil
}

// kinds are the characters that may occur, by kind. A kind of which every
// character is excluded is left out.
func (p Password) kinds() []string {
	var kinds []string
	for _, kind := range []struct {
		characters string
		out        bool
	}{{lowercase, p.NoLowercase}, {uppercase, p.NoUppercase}, {numbers, p.NoNumbers}, {punctuation, p.NoPunctuation}} {
		left := strings.Map(func(r rune) rune {
			if strings.ContainsRune(p.Exclude, r) {
				return -1
			}
			return r
		}, kind.characters)
		if !kind.out && left != "" {
			kinds = append(kinds, left)
		}
	}
	return kinds
}

// random is a number below n.
func random(n int) int {
	i, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		panic(err) // the system's source of randomness never fails
	}
	return int(i.Int64())
}

// Insert adds a password to a text of JSON, an object, under a key.
func Insert(template, key, password string) (string, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(template), &fields) != nil || fields == nil {
		return "", errors.New("invalid SecretStringTemplate: expected a JSON object")
	}
	fields[key] = marshal(password)
	return string(marshal(fields)), nil
}
