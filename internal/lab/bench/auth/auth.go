package auth

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Bench is a workload.
type Bench struct {
	// Open is a stack without authentication and without a limit of messages,
	// Secret one whose tokens are signed with a shared secret, and Keys one
	// whose tokens are those of a provider with public keys. The two have the
	// app's own limits.
	Open, Secret, Keys Stack
	// Handshakes is how many are made at each stack, and Messages how many are
	// sent, after WarmUp of each that do not count.
	Handshakes, Messages, WarmUp int

	// Members is the size of the attacked room, Rate its messages a second, and Flood
	// the attacker's frames a second.
	Members     int
	Rate, Flood float64
	// Phase is how long the room chats each time; Phases is how often it does without
	// an attacker, with one elsewhere, and with one at its own stack, in turns.
	Phase  time.Duration
	Phases int

	// Progress reports, in a sentence, what takes long.
	Progress func(format string, args ...any)
}

// Result is what a Bench run saw.
type Result struct {
	CPUs       int        `json:"cpus"`
	Handshakes Handshakes `json:"handshakes"`
	Messages   Messages   `json:"messages"`
	Attack     Attack     `json:"attack"`
}

// Check returns what is wrong with a workload before anything is started.
func (d Bench) Check() error {
	if d.Handshakes < 1 || d.Messages < 1 || d.WarmUp < 1 {
		return errors.New("bench auth: invalid --handshakes, --messages or --warm-up: expected 1 or more")
	}
	if d.Members < 2 || d.Rate <= 0 || d.Flood <= 0 || d.Phase < time.Second || d.Phases < 1 {
		return errors.New("bench auth: invalid --members, --rate, --flood or --phase: expected 2 members or more, rates above 0 and a phase of 1s or more")
	}
	return nil
}

// Err returns an error if deliveries to the attacked room are missing.
func (r Result) Err() error {
	if r.Attack.Missing > 0 {
		return fmt.Errorf("bench auth: %d of %d deliveries to the attacked room are missing", r.Attack.Missing, r.Attack.Missing+r.Attack.Deliveries)
	}
	return nil
}

// Run measures.
func (d Bench) Run(ctx context.Context) (Result, error) {
	if err := d.Check(); err != nil {
		return Result{}, err
	}
	r := Result{CPUs: runtime.GOMAXPROCS(0)}
	var err error
	d.Progress("%d handshakes at each of three stacks, in turns", d.Handshakes)
	if r.Handshakes, err = d.handshakes(ctx); err != nil {
		return Result{}, err
	}
	d.Progress("%d messages with and without limits, and as many that are refused", d.Messages)
	if r.Messages, err = d.messages(ctx); err != nil {
		return Result{}, err
	}
	d.Progress("a room of %d: alone, and while a client sends %.0f frames a second to another stack and to its own, %v each, %d times", d.Members, d.Flood, d.Phase, d.Phases)
	if r.Attack, err = d.attack(ctx); err != nil {
		return Result{}, err
	}
	return r, nil
}
