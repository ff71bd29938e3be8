package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"github.com/roomcast/roomcast/internal/local/usage"
)

// Units are what something cost in a table, in DynamoDB's billing units.
type Units struct {
	Write float64 `json:"write"`
	Read  float64 `json:"read"`
}

// unitsSoFar asks a local stack what its tables were used for until now.
// stack is the URL of its WebSocket API. A stack that runs elsewhere does not
// tell: that is an error.
func unitsSoFar(ctx context.Context, stack string) (Units, error) {
	u, err := url.Parse(stack)
	if err != nil {
		return Units{}, err
	}
	ask := "http://" + u.Host + "/_roomcast/usage"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, ask, nil)
	if err != nil {
		return Units{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Units{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return Units{}, fmt.Errorf("%s answers %s", ask, response.Status)
	}
	var s usage.Snapshot
	if err := json.NewDecoder(response.Body).Decode(&s); err != nil {
		return Units{}, fmt.Errorf("%s: %w", ask, err)
	}
	return Units{Write: s.DynamoDB.WriteUnits, Read: s.DynamoDB.ReadUnits}, nil
}

// since returns what was used after an earlier moment, a part for each of n.
func (u Units) since(before Units, n int) Units {
	return Units{Write: (u.Write - before.Write) / float64(n), Read: (u.Read - before.Read) / float64(n)}
}
