package architecture

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

var (
	markdownLink  = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	markdownLabel = regexp.MustCompile(`(?m)^\[[^\]]+\]: (\S+)\s*$`)
	htmlLink      = regexp.MustCompile(`(?:src|srcset|href)="([^"]+)"`)
	inlineCode    = regexp.MustCompile("`[^`\n]+`")
	hasScheme     = regexp.MustCompile(`^[a-z]+:`)
	mentionedDocs = regexp.MustCompile(`docs/[a-z/0-9-]+\.md`)
)

// TestLinks follows every relative link and anchor of the Markdown files, and
// every docs/*.md that source code mentions.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := map[string]string{}
	for _, name := range repositoryFiles(t) {
		if path.Ext(name) == ".md" {
			pages[name] = readFile(t, name)
		}
	}
	anchors := map[string]map[string]bool{}
	for name, text := range pages {
		anchors[name] = anchorsOf(text)
	}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		for _, link := range linksOf(pages[name]) {
			if hasScheme.MatchString(link) {
				continue
			}
			file, anchor, _ := strings.Cut(link, "#")
			target := name
			if file != "" {
				target = path.Join(path.Dir(name), file)
			}
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil {
				t.Errorf("%s: broken link %q: %s does not exist", name, link, target)
			} else if anchor != "" && path.Ext(target) == ".md" && !anchors[target][anchor] {
				t.Errorf("%s: broken link %q: %s has no heading #%s", name, link, target, anchor)
			}
		}
	}
}

// TestDocsThatCodeMentions finds mentions of pages that moved.
func TestDocsThatCodeMentions(t *testing.T) {
	t.Parallel()
	for _, name := range repositoryFiles(t) {
		switch path.Ext(name) {
		case ".go", ".ts", ".tsx", ".mjs", ".yml":
		default:
			if name != "Makefile" && path.Dir(name) != ".ci" {
				continue
			}
		}
		for _, page := range mentionedDocs.FindAllString(readFile(t, name), -1) {
			if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(page))); err != nil {
				t.Errorf("%s mentions %s, which does not exist", name, page)
			}
		}
	}
}

func TestAnchorsAreGitHubs(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"## When a post fails":                "when-a-post-fails",
		"### `PutItem`, and what it costs":    "putitem-and-what-it-costs",
		"# A [link](other.md#x) in a heading": "a-link-in-a-heading",
		"## Rooms – large ones":               "rooms--large-ones",
	} {
		if got := anchorsOf(heading + "\n"); !got[want] {
			t.Errorf("the anchors of %q are %v, want %s", heading, got, want)
		}
	}
}

// linksOf returns the targets of all links outside code.
func linksOf(text string) []string {
	text = inlineCode.ReplaceAllString(withoutFences(text), "")
	var links []string
	for _, pattern := range []*regexp.Regexp{markdownLink, markdownLabel, htmlLink} {
		for _, found := range pattern.FindAllStringSubmatch(text, -1) {
			links = append(links, found[1])
		}
	}
	return links
}

// anchorsOf returns the ids that GitHub gives to the headings of a page.
func anchorsOf(text string) map[string]bool {
	ids := map[string]bool{}
	for line := range strings.Lines(withoutFences(text)) {
		heading := strings.TrimLeft(line, "#")
		if heading == line || !strings.HasPrefix(heading, " ") {
			continue
		}
		heading = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`).ReplaceAllString(heading, "$1")
		var id strings.Builder
		for _, r := range strings.ToLower(strings.TrimSpace(heading)) {
			switch {
			case r == ' ':
				id.WriteByte('-')
			case r == '-' || r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r):
				id.WriteRune(r)
			}
		}
		ids[id.String()] = true
	}
	return ids
}

// withoutFences drops fenced code blocks.
func withoutFences(text string) string {
	var kept strings.Builder
	fenced := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			fenced = !fenced
			continue
		}
		if !fenced {
			kept.WriteString(line)
		}
	}
	return kept.String()
}

// repositoryFiles lists the source files of the repository, with slashes and
// relative to its root: neither dependencies nor build results.
func repositoryFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case ".git", "node_modules", "cdk.out", "dist", "bin":
				return filepath.SkipDir
			}
			if filepath.Base(filepath.Dir(name)) == ".vitepress" {
				return filepath.SkipDir // its cache
			}
			return nil
		}
		relative, err := filepath.Rel(root, name)
		files = append(files, filepath.ToSlash(relative))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
