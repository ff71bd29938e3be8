// Package routes holds the one table of what a ChatApi serves: each action with its
// decoder, its cost and its handler, the AWS calls that it may make, and the
// environment that it needs. The constructs make functions, permissions and routes
// of it; the functions answer by it.
//
// It must stay free of both jsii and the AWS SDK, because both sides import it.
package routes
