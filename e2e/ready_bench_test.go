package e2e_test

import (
	"testing"

	"github.com/roomcast/roomcast/internal/local"
)

// BenchmarkReady measures how long each test waits, from an existing assembly
// to a stack that accepts connections.
//
//	go test ./e2e -run '^$' -bench Ready -benchtime 10x
func BenchmarkReady(b *testing.B) {
	for b.Loop() {
		cloud, err := local.Start(b.Context(), local.Options{Assembly: assembly})
		if err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := cloud.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
