package main

import (
	"github.com/roomcast/roomcast/internal/cli"
	"github.com/roomcast/roomcast/internal/settings"
)

// unlimited returns the environment of functions that have to bear a load: no
// limit of messages, frames or connections.
func unlimited() map[string]string {
	environment := map[string]string{}
	for _, limit := range []string{
		settings.MessageRate, settings.FrameRate, settings.CursorRate, settings.CursorMembers, settings.CursorPosts,
		settings.ConnectionsPerIP, settings.ConnectionsPerUser,
	} {
		environment[limit] = "0"
	}
	return environment
}

// forLoad returns the flags of a command that brings users of its own: they
// need no token, and no limit stands in the load's way. An assembly runs as it
// is, so it has to be open.
func forLoad(f cli.StackFlags) cli.StackFlags {
	f.Context.Open = f.Assembly == ""
	f.Environment = unlimited()
	return f
}
