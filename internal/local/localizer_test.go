package local

import "testing"

func TestLocalize(t *testing.T) {
	t.Parallel()
	l := &localizer{
		apis:   map[string]string{"abcdefghij": "127.0.0.1:8080"},
		queues: "http://127.0.0.1:9000/000000000000/",
	}
	tests := []struct{ text, want string }{
		{"https://abcdefghij.execute-api.us-east-1.amazonaws.com/live", "http://127.0.0.1:8080/live"},
		{"wss://abcdefghij.execute-api.us-east-1.amazonaws.com", "ws://127.0.0.1:8080"},
		{"wss://abcdefghij.execute-api.eu-west-1.amazonaws.com/live", "ws://127.0.0.1:8080/live"},
		{`{"a":"https://abcdefghij.execute-api.us-east-1.amazonaws.com/a","b":"wss://abcdefghij.execute-api.us-east-1.amazonaws.com/b"}`,
			`{"a":"http://127.0.0.1:8080/a","b":"ws://127.0.0.1:8080/b"}`},
		{"https://sqs.us-east-1.amazonaws.com/000000000000/jobs.fifo", "http://127.0.0.1:9000/000000000000/jobs.fifo"},
		// Not of this cloud.
		{"https://zzzzzzzzzz.execute-api.us-east-1.amazonaws.com/live", "https://zzzzzzzzzz.execute-api.us-east-1.amazonaws.com/live"},
		{"https://sqs.us-east-1.amazonaws.com/123456789012/jobs", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs"},
		{"arn:aws:execute-api:us-east-1:000000000000:abcdefghij/live", "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/live"},
	}
	for _, test := range tests {
		if got := l.localize(test.text); got != test.want {
			t.Errorf("localize(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}
