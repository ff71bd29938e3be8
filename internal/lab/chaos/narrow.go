package chaos

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/roomcast/roomcast/internal/local/assembly/assemblyedit"
	"github.com/roomcast/roomcast/internal/settings"
)

// The settings of a run, which replace those of a deployed stack: the large room has some thirty members and has to be a large room,
// while the other rooms, of five or six, mostly stay whole.
const (
	directLimit = 10
	shardSize   = 10
	// maxReceives is how often a job is tried: few enough that there are dead
	// letters to redrive during the run.
	maxReceives = 3
	// jobTimeout is the longest timeout of a function. It is below visibility, so
	// that no job is handed out while another function works on it. AWS requires
	// that, and the template has it, with minutes.
	jobTimeout = 15 * time.Second
)

// Narrow copies a cloud assembly to a folder with settings for a run: rooms go
// through the queue, and are split, at a size that a run can fill; no function has
// a timeout above jobTimeout; and no job is tried more than maxReceives times. The
// assembly must hold Roomcast's RealtimeStack.
func Narrow(from, to string) error {
	narrow := map[string]int{settings.DirectLimit: directLimit, settings.ShardSize: shardSize, settings.MaxReceiveCount: maxReceives}
	set := map[string]bool{}
	err := assemblyedit.Copy(from, to, func(resources map[string]any) error {
		for _, r := range resources {
			shorten(r)
			giveUpSooner(r)
			variables := assemblyedit.Variables(r)
			for name, value := range narrow {
				if _, ok := variables[name]; ok {
					variables[name] = strconv.Itoa(value)
					set[name] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("let rooms split early: %w", err)
	}
	for name := range narrow {
		if !set[name] {
			return fmt.Errorf("torture: no function of the app has the environment variable %s: run an app that holds Roomcast's RealtimeStack", name)
		}
	}
	return nil
}

// shorten bounds the timeout of a function.
func shorten(resource any) {
	properties, _ := assemblyedit.At(resource, "Properties").(map[string]any)
	if kind, _ := assemblyedit.At(resource, "Type").(string); kind != "AWS::Lambda::Function" {
		return
	}
	timeout, _ := properties["Timeout"].(json.Number)
	if seconds, err := timeout.Int64(); err == nil && seconds > int64(jobTimeout/time.Second) {
		properties["Timeout"] = int64(jobTimeout / time.Second)
	}
}

// giveUpSooner bounds how often a queue hands out a message before it goes to
// the dead-letter queue.
func giveUpSooner(resource any) {
	policy, _ := assemblyedit.At(resource, "Properties", "RedrivePolicy").(map[string]any)
	count, _ := policy["maxReceiveCount"].(json.Number)
	if n, err := count.Int64(); err == nil && n > maxReceives {
		policy["maxReceiveCount"] = maxReceives
	}
}
