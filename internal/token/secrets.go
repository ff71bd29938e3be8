package token

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// keepSecrets is how long shared secrets count as fresh.
const keepSecrets = 5 * time.Minute

// fetchSecrets returns a function that fetches shared secrets as keys.
func fetchSecrets(fetch func(context.Context) ([]string, error)) func(context.Context) ([]key, error) {
	return func(ctx context.Context) ([]key, error) {
		secrets, err := fetch(ctx)
		if err != nil {
			return nil, err
		}
		if len(secrets) == 0 {
			return nil, errors.New("there is no secret")
		}
		var keys []key
		for _, s := range secrets {
			if err := checkSecret(s); err != nil {
				return nil, err
			}
			keys = append(keys, key{shared: true, algorithms: []string{hs256}, material: []byte(s)})
		}
		return keys, nil
	}
}

func checkSecret(secret string) error {
	if len(secret) < MinSecret {
		return fmt.Errorf("a secret must have at least %d bytes, got %d: generate a longer one", MinSecret, len(secret))
	}
	return nil
}
