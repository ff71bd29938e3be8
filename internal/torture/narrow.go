package torture

import (
	"fmt"
	"strconv"

	"github.com/roomcast/roomcast/internal/assemblies"
	"github.com/roomcast/roomcast/internal/settings"
)

// What the functions of a run are told, instead of what is right for a
// deployed stack: the hall has some thirty members and has to be a large room,
// while the other rooms, of five or six, mostly stay whole.
const (
	directLimit = 10
	shardSize   = 10
)

// Narrow copies a cloud assembly to a folder, and lets the rooms of its stack be
// posted to by the queue, and split, at a size that a run can fill. The
// assembly has to hold Roomcast's RealtimeStack.
func Narrow(from, to string) error {
	narrow := map[string]int{settings.DirectLimit: directLimit, settings.ShardSize: shardSize}
	told := map[string]bool{}
	err := assemblies.Edit(from, to, func(resources map[string]any) error {
		for _, r := range resources {
			variables := assemblies.Variables(r)
			for name, value := range narrow {
				if _, ok := variables[name]; ok {
					variables[name] = strconv.Itoa(value)
					told[name] = true
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("let rooms split early: %w", err)
	}
	for name := range narrow {
		if !told[name] {
			return fmt.Errorf("torture: no function of the app is told %s: run an app that holds Roomcast's RealtimeStack", name)
		}
	}
	return nil
}
