// Package architecture holds no code but a test: that of which part of Roomcast
// may depend on what.
package architecture
