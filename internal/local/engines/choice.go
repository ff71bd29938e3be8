package engines

import (
	"context"
	"fmt"
	"strings"
)

// Variable is the environment variable with the default engine of the tables. With
// it, a whole test suite can run against another engine.
const Variable = "ROOMCAST_DYNAMODB"

// The DynamoDB engines that a choice may name, besides the URL of a running one.
const (
	Dynalite      = "dynalite"
	DynamoDBLocal = "local" // AWS's own
)

// CheckChoice returns an error unless choice is "", an engine's name or a URL.
func CheckChoice(choice string) error {
	if choice == "" || choice == Dynalite || choice == DynamoDBLocal {
		return nil
	}
	if !IsElsewhere(choice) {
		return fmt.Errorf("invalid DynamoDB engine %q: expected %s, %s (AWS's DynamoDB Local, which needs Java) or a URL", choice, Dynalite, DynamoDBLocal)
	}
	_, err := Running(DynamoDB, choice)
	return err
}

// IsElsewhere reports whether a choice is the URL of a running engine, whose tables
// exist before and after the run.
func IsElsewhere(choice string) bool { return strings.Contains(choice, "://") }

// StartDynamoDB installs and starts the DynamoDB engine of a choice. The default is
// dynalite. progress is called for slow steps.
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
