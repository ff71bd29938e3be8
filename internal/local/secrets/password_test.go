package secrets_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/roomcast/roomcast/internal/local/secrets"
)

func TestPasswords(t *testing.T) {
	t.Parallel()
	each := []string{`[a-z]`, `[A-Z]`, `[0-9]`, `[!-/:-@\[-` + "`" + `{-~]`}
	for _, c := range []struct {
		name     string
		password secrets.Password
		want     []string // patterns that every password has
	}{
		{"the default", secrets.Password{Length: 32, EachKind: true}, append([]string{`^[!-~]{32}$`}, each...)},
		{"as short as its kinds", secrets.Password{Length: 4, EachKind: true}, append([]string{`^.{4}$`}, each...)},
		{"numbers only", secrets.Password{Length: 8, NoLowercase: true, NoUppercase: true, NoPunctuation: true, EachKind: true}, []string{`^[0-9]{8}$`}},
		{"no numbers and punctuation", secrets.Password{Length: 8, NoNumbers: true, NoPunctuation: true, EachKind: true}, []string{`^[a-zA-Z]{8}$`, `[a-z]`, `[A-Z]`}},
		{"without some characters", secrets.Password{Length: 400, Exclude: "aZ/@\"'\\", EachKind: true}, append([]string{`^[^aZ/@"'\\]{400}$`}, each...)},
		{"without a kind by its characters", secrets.Password{Length: 3, Exclude: "0123456789", EachKind: true}, []string{`^[^0-9]{3}$`, `[a-z]`, `[A-Z]`}},
		{"spaces", secrets.Password{Length: 4096, Space: true}, []string{`^[ -~]+$`, ` `}},
		{"the longest", secrets.Password{Length: 4096}, []string{`^[!-~]+$`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				got, err := c.password.Generate()
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != c.password.Length {
					t.Errorf("%q has %d characters", got, len(got))
				}
				for _, pattern := range c.want {
					if !regexp.MustCompile(pattern).MatchString(got) {
						t.Errorf("%q does not match %s", got, pattern)
					}
				}
			}
		})
	}
}

func TestPasswordsDiffer(t *testing.T) {
	t.Parallel()
	p := secrets.Password{Length: 32, EachKind: true}
	first, _ := p.Generate()
	second, _ := p.Generate()
	if first == second {
		t.Error("a password was made up twice")
	}
}

func TestPasswordsThatCannotBe(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]secrets.Password{
		"choose 1 to 4096":      {},
		"of 4097 characters":    {Length: 4097},
		"every one is excluded": {Length: 1, NoLowercase: true, NoUppercase: true, NoNumbers: true, NoPunctuation: true},
		"cannot hold 4 kinds":   {Length: 3, EachKind: true},
	} {
		if _, err := p.Generate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %q", err, want)
		}
	}
}

func TestInsert(t *testing.T) {
	t.Parallel()
	got, err := secrets.Insert(`{"username":"ada","port":5432.0}`, "password", `<"&>`)
	if err != nil || got != `{"password":"<\"&>","port":5432.0,"username":"ada"}` {
		t.Errorf("got %s, %v", got, err)
	}
	var fields map[string]any
	if err := json.Unmarshal([]byte(got), &fields); err != nil || fields["password"] != `<"&>` {
		t.Errorf("got %v, %v", fields, err)
	}
	for _, template := range []string{`classified`, `["classified"]`, `null`, `"classified"`} {
		if _, err := secrets.Insert(template, "password", "classified"); err == nil || strings.Contains(err.Error(), "classified") {
			t.Errorf("%s: error is %v", template, err)
		}
	}
}
