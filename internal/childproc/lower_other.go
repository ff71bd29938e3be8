//go:build !linux

package childproc

// Lower does nothing: only a child that is traced needs it, see StartTraced.
func Lower(int) error { return nil }
