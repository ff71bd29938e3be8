package architecture

import (
	"fmt"
	"go/scanner"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

const glossary = "docs/glossary.md"

// TestLanguage finds the words that docs/glossary.md replaced, in texts and in
// names.
func TestLanguage(t *testing.T) {
	t.Parallel()
	words := readGlossary(t)
	for _, name := range repositoryFiles(t) {
		for _, f := range words.inFile(t, name) {
			t.Error(f)
		}
	}
}

// TestTheGlossaryFindsWords keeps the check from becoming blind or too keen.
func TestTheGlossaryFindsWords(t *testing.T) {
	t.Parallel()
	words := readGlossary(t)
	for source, want := range map[string]int{
		"// A function is told\n// which table to use.":                  1,
		"// The value is\n// none of these.":                             1,
		"// It returns the first, or 0 if there\n// is none.":            0,
		"// It shall be retold behind the hallway.":                      0,
		`var _ = "the URL is none"`:                                      1,
		"func newRosterOf() {}":                                          1,
		"func (b *Box) GiveWay() {}":                                     1,
		"var bring, string_, ringing int":                                0,
		"func ringOf() {}":                                               1,
		"// Ask anyone who may. There is nonetheless a chance, to whole": 0,
	} {
		got := words.inGo("x.go", "package x\n"+source)
		if len(got) != want {
			t.Errorf("%d findings in %q, want %d: %v", len(got), source, want, got)
		}
	}
}

// finding is a replaced word where it stands.
type finding struct {
	file string
	line int
	word string
	say  string
}

func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %q: say %q", f.file, f.line, f.word, f.say)
}

// replaced are the words that the glossary replaces.
type replaced struct {
	inText, inNames *regexp.Regexp
	say             map[string]string // by word, as the glossary has it
}

// readGlossary reads the tables of docs/glossary.md.
func readGlossary(t *testing.T) *replaced {
	t.Helper()
	words := &replaced{say: map[string]string{}}
	var inText, inNames []string
	for line := range strings.Lines(readFile(t, glossary)) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		if len(cells) != 4 {
			continue
		}
		for i, list := range []*[]string{&inText, &inNames} {
			for _, code := range inlineCode.FindAllString(cells[2+i], -1) {
				word := strings.Trim(code, "`")
				words.say[strings.TrimSuffix(word, "*")] = strings.TrimSpace(cells[0])
				pattern := strings.ReplaceAll(regexp.QuoteMeta(word), " ", `\s+`)
				*list = append(*list, strings.ReplaceAll(pattern, `\*`, `\w*`))
			}
		}
	}
	if len(inText) < 20 || len(inNames) < 20 {
		t.Fatalf("%s replaces %d words in text and %d in names: its tables cannot be read", glossary, len(inText), len(inNames))
	}
	words.inText = regexp.MustCompile(`(?i)\b(?:` + strings.Join(inText, "|") + `)\b`)
	words.inNames = regexp.MustCompile(`(?i)\b(?:` + strings.Join(inNames, "|") + `)\b`)
	return words
}

// inFile finds the words in a file: in its path, in its texts, in its names.
func (r *replaced) inFile(t *testing.T, name string) []finding {
	t.Helper()
	if name == glossary || strings.HasPrefix(name, "internal/architecture/language") {
		return nil
	}
	base := strings.TrimSuffix(path.Base(name), path.Ext(name))
	switch ext := path.Ext(name); {
	case ext == ".go":
		return append(r.names(name, 1, base), r.inGo(name, readFile(t, name))...)
	case ext == ".md":
		return append(r.names(name, 1, base), r.text(name, 1, readFile(t, name))...)
	case slices.Contains([]string{".ts", ".tsx", ".mjs", ".css", ".html", ".yml", ".toml"}, ext), name == "Makefile", path.Dir(name) == ".ci":
		text := readFile(t, name)
		found := append(r.names(name, 1, base), r.text(name, 1, text)...)
		if ext == ".ts" || ext == ".tsx" || ext == ".mjs" {
			found = append(found, r.identifiers(name, text)...)
		}
		return found
	}
	return nil
}

// inGo finds the words in the comments, strings and identifiers of Go source.
// An identifier counts once a file.
func (r *replaced) inGo(name, source string) []finding {
	var found []finding
	files := token.NewFileSet()
	file := files.AddFile(name, files.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), nil, scanner.ScanComments)
	seen := map[string]bool{}
	// Neighbouring comments are one text, so that a phrase may cross lines.
	var comment strings.Builder
	commentLine, last := 0, 0
	flush := func() {
		found = append(found, r.text(name, commentLine, comment.String())...)
		comment.Reset()
	}
	for {
		pos, tok, literal := s.Scan()
		line := file.Line(pos)
		if tok == token.COMMENT {
			if line > last+1 {
				flush()
			}
			if comment.Len() == 0 {
				commentLine = line
			}
			last = line + strings.Count(literal, "\n")
			comment.WriteString(strings.TrimLeft(literal, "/*") + "\n")
			continue
		}
		switch tok {
		case token.EOF:
			flush()
			return found
		case token.STRING:
			found = append(found, r.text(name, line, literal)...)
		case token.IDENT:
			if !seen[literal] {
				seen[literal] = true
				found = append(found, r.names(name, line, literal)...)
			}
		}
	}
}

var (
	identifier    = regexp.MustCompile(`[A-Za-z_$][A-Za-z0-9_$]*`)
	thereBefore   = regexp.MustCompile(`(?i)\bthere\s+$`)
	commentLeader = regexp.MustCompile(`(?m)^[\t ]*(?://|\*|#)+`)
)

// identifiers finds the words in the identifiers of a source that is not Go:
// those of several words, as others stand in its texts as well.
func (r *replaced) identifiers(name, source string) []finding {
	var found []finding
	seen := map[string]bool{}
	for _, at := range identifier.FindAllStringIndex(source, -1) {
		literal := source[at[0]:at[1]]
		if !seen[literal] && strings.Contains(wordsOf(literal), " ") {
			seen[literal] = true
			found = append(found, r.names(name, 1+strings.Count(source[:at[0]], "\n"), literal)...)
		}
	}
	return found
}

// text finds the words in a text that starts at this line.
func (r *replaced) text(name string, line int, text string) []finding {
	// A blank for each byte of a comment's leader keeps the lines.
	text = commentLeader.ReplaceAllStringFunc(text, func(leader string) string { return strings.Repeat(" ", len(leader)) })
	var found []finding
	for _, at := range r.inText.FindAllStringIndex(text, -1) {
		if thereBefore.MatchString(text[:at[0]]) && strings.HasSuffix(text[:at[1]], "none") {
			continue // "if there is none" is plain English
		}
		word := strings.Join(strings.Fields(text[at[0]:at[1]]), " ")
		found = append(found, finding{name, line + strings.Count(text[:at[0]], "\n"), word, r.instead(word)})
	}
	return found
}

// names finds the words in an identifier, such as newHTTPServer.
func (r *replaced) names(name string, line int, identifier string) []finding {
	word := r.inNames.FindString(wordsOf(identifier))
	if word == "" {
		return nil
	}
	return []finding{{name, line, identifier, r.instead(word)}}
}

func (r *replaced) instead(word string) string {
	word = strings.ToLower(word)
	for known, say := range r.say {
		if word == known {
			return say
		}
	}
	for known, say := range r.say {
		if strings.HasPrefix(word, known) {
			return say
		}
	}
	return ""
}

// wordsOf splits an identifier: newHTTPServer_id is "new http server id".
func wordsOf(identifier string) string {
	var words strings.Builder
	runes := []rune(identifier)
	for i, c := range runes {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			words.WriteByte(' ')
			continue
		}
		startsWord := i > 0 && unicode.IsUpper(c) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if startsWord {
			words.WriteByte(' ')
		}
		words.WriteRune(unicode.ToLower(c))
	}
	return words.String()
}
