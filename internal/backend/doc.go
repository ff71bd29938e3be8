// Package backend puts the core together on AWS: it reads the configuration that the
// constructs give a function, and makes just the clients that the function needs. The
// handlers and package publish share it.
package backend
