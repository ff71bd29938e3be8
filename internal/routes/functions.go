package routes

// The functions that serve no route, or not only routes.
const (
	Authorizer = "authorizer"
)

// ByKey returns the route of a key.
func ByKey(key string) (Route, bool) {
	for _, r := range Routes {
		if r.Key == key {
			return r, true
		}
	}
	return Route{}, false
}
