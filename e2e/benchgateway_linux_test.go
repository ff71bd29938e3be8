package e2e_test

import (
	"encoding/json"
	"os/exec"
	"testing"
)

// `roomcast-lab bench gateway` runs itself as the gateway's process.
func TestBenchGateway(t *testing.T) {
	t.Parallel()
	path, err := lab()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "bench", "gateway", "--json", "--connections", "40", "--posters", "4", "--hold", "0s", "--duration", "200ms").Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var result struct {
		Connections, Posts, Received      int
		ResidentBytesPerConnection        int64
		ConnectsPerSecond, PostsPerSecond float64
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	if result.Connections != 40 || result.Posts == 0 || result.Received != result.Posts ||
		result.ResidentBytesPerConnection == 0 || result.ConnectsPerSecond == 0 || result.PostsPerSecond == 0 {
		t.Errorf("the result is %s", out)
	}
}
