package engines

import (
	"context"
	"fmt"
	"strings"
)

// Variable is the environment variable that chooses the engine of the tables
// where nothing else does: it lets a whole test suite run against another one.
const Variable = "ROOMCAST_DYNAMODB"

// The engines of DynamoDB that a choice may name, beside the URL of one that
// somebody else runs.
const (
	Dynalite      = "dynalite"
	DynamoDBLocal = "local" // AWS's
)

// CheckChoice returns an error that says what there is to choose from, unless
// choice is "", an engine's name or a URL.
func CheckChoice(choice string) error {
	if choice == "" || choice == Dynalite || choice == DynamoDBLocal {
		return nil
	}
	if !IsElsewhere(choice) {
		return fmt.Errorf("there is no DynamoDB engine %q: choose %s, %s (AWS's DynamoDB Local, which needs Java) or a URL", choice, Dynalite, DynamoDBLocal)
	}
	_, err := Running(DynamoDB, choice)
	return err
}

// IsElsewhere says whether a choice is the URL of an engine that somebody else
// runs, so that it may hold tables already and keeps them.
func IsElsewhere(choice string) bool { return strings.Contains(choice, "://") }

// StartDynamoDB installs and starts the DynamoDB engine of a choice, "" being
// dynalite. progress is told what takes long.
func StartDynamoDB(ctx context.Context, choice string, progress func(format string, args ...any)) (*Engine, error) {
	if err := CheckChoice(choice); err != nil {
		return nil, err
	}
	switch {
	case IsElsewhere(choice):
		return Running(DynamoDB, choice)
	case choice == DynamoDBLocal:
		installed, err := InstallReference(ctx, progress)
		if err != nil {
			return nil, err
		}
		return installed.Start(ctx)
	}
	installed, err := Install(ctx, progress)
	if err != nil {
		return nil, err
	}
	return installed.Start(ctx, DynamoDB)
}
