package protocol

// FitNames returns as many of the names, from the first on, as one frame lists and
// has room for.
func FitNames(names []string) []string {
	bytes := 0
	for i, name := range names {
		bytes += EncodedSize(name)
		if i == MaxPresenceUsers || bytes > PageBytes {
			return names[:i]
		}
	}
	return names
}
