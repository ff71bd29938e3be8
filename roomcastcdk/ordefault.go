package roomcastcdk

// orDefault returns value unless it is the zero value of its type.
func orDefault[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
