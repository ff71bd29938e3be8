package gobuild

import "os"

// Program builds a program of the caller's own project and returns the folder
// with its bootstrap. entry is a folder, which may belong to a module of its
// own, or else an import path as the current directory's module knows it.
func Program(entry string, target Target) (string, error) {
	if info, err := os.Stat(entry); err == nil && info.IsDir() {
		return Build(Source{Dir: entry, Package: "."}, target)
	}
	return Build(Source{Dir: ".", Package: entry}, target)
}
