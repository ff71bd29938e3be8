package gobuild

import "os"

// Program builds a program of the caller's project and returns the folder with its
// bootstrap. entry is a folder, which may be in a module of its own, or an import
// path in the current directory's module.
func Program(entry string, target Target) (string, error) {
	if info, err := os.Stat(entry); err == nil && info.IsDir() {
		return Build(Source{Dir: entry, Package: "."}, target)
	}
	return Build(Source{Dir: ".", Package: entry}, target)
}
