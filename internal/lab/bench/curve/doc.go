// Package curve draws what `roomcast-lab bench fanout` measured: how long a
// message takes to the last of 10 to 100,000 members, and the floor.
package curve
