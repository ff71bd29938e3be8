package childproc_test

import (
	"slices"
	"testing"

	"github.com/roomcast/roomcast/internal/childproc"
)

func TestLines(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		writes []string
		want   []string
	}{
		{"nothing", nil, nil},
		{"one line in pieces", []string{"a", "b\n"}, []string{"ab"}},
		{"several in one write", []string{"a\nb\n\nc\n"}, []string{"a", "b", "", "c"}},
		{"the last without its end", []string{"a\nb"}, []string{"a", "b"}},
		{"carriage returns", []string{"a\r\nb\r\n"}, []string{"a", "b"}},
		{"as long as allowed", []string{"12345678\n"}, []string{"12345678"}},
		{"too long", []string{"123456789\nnext\n"}, []string{"12345678 [cut]", "next"}},
		{"too long in pieces", []string{"1234", "56789", "abc", "\nnext\n"}, []string{"12345678 [cut]", "next"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			l := childproc.NewLines(8, func(line string) { got = append(got, line) })
			for _, w := range tt.writes {
				if n, err := l.Write([]byte(w)); n != len(w) || err != nil {
					t.Fatalf("Write(%q) = %d, %v", w, n, err)
				}
			}
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("lines %q, want %q", got, tt.want)
			}
		})
	}
}
