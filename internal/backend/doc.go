// Package backend puts a realtime service together from what AWS offers: it
// reads the configuration that the constructs give a function, and makes the
// clients that the function needs, and no others. The handlers and package
// publish share it.
package backend
