package e2e_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/roomcast/roomcast/internal/settings"
	"github.com/roomcast/roomcast/roomcasttest"
)

const deadLetters = "DeadLetterQueueUrl"

// tryOnce makes the queue try each job only once.
var tryOnce = mutant{name: "every try but the first", drop: func(s *stackTemplate) {
	for _, r := range s.resources() {
		properties, _ := r.(object)["Properties"].(object)
		if policy, ok := properties["RedrivePolicy"].(object); ok {
			policy["maxReceiveCount"] = 1
		}
		environment, _ := properties["Environment"].(object)
		if variables, ok := environment["Variables"].(object); ok && variables[settings.MaxReceiveCount] != nil {
			variables[settings.MaxReceiveCount] = "1"
		}
	}
}}

// A message that could not be delivered is in the dead-letter queue with
// everything needed to see why. `roomcast redrive` shows its pending recipients
// and changes nothing; with --send they get it, and nobody else.
func TestRedrive(t *testing.T) {
	t.Parallel()
	stack := roomcasttest.Run(t, readTemplate(t, assembly).write(t, tryOnce))
	users := map[string]*roomcasttest.Client{}
	for _, user := range []string{"ada", "bob", "carol", "eve"} {
		users[user] = stack.MustDial(t, roomcasttest.WithUser(user), roomcasttest.WithRoom("lobby"))
	}
	nobodyIsReached := stack.Inject(t, roomcasttest.Fault{Operation: "PostToConnection", Status: 500})
	users["ada"].Send(object{"action": "sendMessage", "roomId": "lobby", "message": "hello", "clientId": "1"})
	if seq := users["ada"].Await("ack").Number("seq"); seq != 1 {
		t.Fatalf("the message has seq %v, want 1", seq)
	}
	roomcasttest.Eventually(t, "the job is in the dead-letter queue", func() bool { return stack.Depth(t, deadLetters).Waiting == 1 })
	nobodyIsReached.Remove()

	// bob is pending. The others need not get it any more.
	users["ada"].Send(object{"action": "ping", "rooms": []object{{"roomId": "lobby", "seq": 1}}})
	users["ada"].Await("pong")
	users["carol"].Send(object{"action": "leave", "roomId": "lobby"})
	users["carol"].Await("left")
	users["eve"].Close()
	roomcasttest.Eventually(t, "eve is gone", func() bool { return len(stack.Items(t, connections, "USER#eve")) == 0 })

	var job struct {
		RoomID, Cause, Action string
		Seq, Receives         int
		Connections           []struct{ UserID, Verdict string }
	}
	line := redrive(t, stack, "--json")
	if err := json.Unmarshal([]byte(line), &job); err != nil {
		t.Fatalf("%q is not one line of JSON: %v", line, err)
	}
	if job.RoomID != "lobby" || job.Seq != 1 || job.Receives < 1 || job.Cause == "" || job.Action != "send" {
		t.Errorf("the job is reported as %+v", job)
	}
	verdicts := map[string]string{}
	for _, c := range job.Connections {
		verdicts[c.UserID] = c.Verdict
	}
	for user, want := range map[string]string{"ada": "recovered", "bob": "pending", "carol": "left", "eve": "gone"} {
		if verdicts[user] != want {
			t.Errorf("%s is judged as %q, want %q", user, verdicts[user], want)
		}
	}
	if said := redrive(t, stack); !strings.Contains(said, "room lobby, seq 1") || !strings.Contains(said, "would be sent to 1 of 4 connections") {
		t.Errorf("the table is\n%s", said)
	}
	if depth := stack.Depth(t, deadLetters); depth.Waiting != 1 {
		t.Errorf("after looking the dead-letter queue holds %+v, want the job, visible", depth)
	}

	redrive(t, stack, "--send")
	if m := users["bob"].Await("message"); m.Text("message") != "hello" || m.Number("seq") != 1 {
		t.Errorf("bob gets %v", m)
	}
	if depth := stack.Depth(t, deadLetters); depth.Total() != 0 {
		t.Errorf("after sending the dead-letter queue holds %+v", depth)
	}
	if said := redrive(t, stack, "--send"); said != "There is nothing in the dead-letter queue.\n" {
		t.Errorf("the second time the table is\n%s", said)
	}
	for _, user := range []string{"ada", "bob", "carol"} {
		if more := users[user].Collect(100 * time.Millisecond); len(more) != 0 {
			t.Errorf("%s gets %v", user, more)
		}
	}
}

// redrive runs the command as an operator does against a deployed stack: with
// the outputs that the CDK CLI writes, and AWS's environment variables.
func redrive(t *testing.T, stack *roomcasttest.Stack, args ...string) string {
	t.Helper()
	outputs := map[string]string{}
	for _, name := range []string{connections, messages, deadLetters, "BroadcastQueueUrl", "CallbackUrl"} {
		outputs[name] = stack.Output(name)
	}
	file, err := json.Marshal(map[string]any{"RealtimeStack": outputs})
	if err != nil {
		t.Fatal(err)
	}
	cfg := stack.Config()
	admin, err := cfg.Credentials.Retrieve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(t.Context(), path, append([]string{"redrive", "--outputs", "-"}, args...)...)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(file), &stderr
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+stack.Endpoint(), "AWS_REGION="+cfg.Region,
		"AWS_ACCESS_KEY_ID="+admin.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+admin.SecretAccessKey)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("roomcast redrive %v: %v: %s", args, err, stderr.String())
	}
	return string(out)
}

// The line of `roomcast up --json` is all that is needed.
func TestRedriveOfARun(t *testing.T) {
	t.Parallel()
	u := startUp(t, "--assembly", assembly, "--no-site")
	line, err := json.Marshal(map[string]any{"ready": true, "outputs": u.ready.Outputs, "environment": u.ready.Environment})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), u.Path, "redrive", "--outputs", "-")
	cmd.Stdin = bytes.NewReader(line)
	if out, err := cmd.CombinedOutput(); err != nil || string(out) != "There is nothing in the dead-letter queue.\n" {
		t.Errorf("got %q, %v", out, err)
	}
}
