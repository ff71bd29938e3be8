//go:build !linux

package childproc

// Lower does nothing: only traced children need it, see StartTraced.
func Lower(int) error { return nil }
